// The PMP as emitted walks and refills ask for it. Most machines let S and U reach everything by one entry, and a walk asks
// four times: that all is open is noted where the PMP's words change, and the definition is asked where it is not.

import { NO_CAUSE } from '../../../isa/emit/services.ts';
import { Mode } from '../../../isa/layout.ts';
import { pmp } from '../../../isa/pmp.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { OPEN, SCRATCH } from '../memory-map.ts';
import { type CoreFunction, PERMITS } from './core-module.ts';

/** (block, address, bytes, mode) → 1 or 0, and no cause. */
const permits = (access: Access): CoreFunction => ({
  type: { parameters: ['i32', 'i64', 'i64', 'i64'], results: ['i64', 'i32'] },
  emit(core, code) {
    const [block, address, bytes, mode] = [0, 1, 2, 3];
    code.op('local.get', block).op('i32.load', SCRATCH.open).i32(OPEN[access]).op('i32.and');
    code.i32(0).op('local.get', mode).i64(BigInt(Mode.M)).op('i64.ne').op('select').open('if');
    code.i64(1n).i32(NO_CAUSE).op('return').end();
    for (const each of [block, address, bytes, mode]) code.op('local.get', each);
    code.op('return_call', core.definition(pmp[access]));
  },
});

export const PROTECTION = {
  [PERMITS.fetch]: permits('fetch'),
  [PERMITS.load]: permits('load'),
  [PERMITS.store]: permits('store'),
};
