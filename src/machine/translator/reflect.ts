// An access of a context that its root does not allow: a fault of the context's own, a device's register, or something
// for whoever gave it the root. A walk of its own tables, over the memory that it has, tells which.

import { NO_CAUSE } from '../../../isa/emit/services.ts';
import { pmp } from '../../../isa/pmp.ts';
import { FAULTS, translate } from '../../../isa/translation.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { GLOBAL, SCRATCH } from '../memory-map.ts';
import type { CoreFunction } from './core-module.ts';
import { ADDRESS, effectiveMode, KIND, REFILL, REFLECTS, reachDevice } from './refill.ts';
import { BASE, leaveWithFault, REMAINING } from './steps.ts';

/** (block, remaining, address, kind). */
const reflect = (access: Access): CoreFunction => ({
  type: REFILL,
  emit(core, code) {
    const kind = 3;
    const [value, cause] = [code.local('i64'), code.local('i32')];
    code.i32(0).i32(0).op('i32.store', GLOBAL.walkWrites);
    code.op('local.get', BASE).op('local.get', ADDRESS).op('call', core.contextDefinition(translate[access]));
    code.op('local.set', cause).op('local.set', value);
    const other = code.open('block');
    code.i32(0).op('i32.load', GLOBAL.walkWrites);
    code.leaveIf(other);
    code.op('local.get', cause).i32(NO_CAUSE).op('i32.ne').open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', cause).op('i64.extend_i32_u');
    code.op('local.get', value).op('return_call', core.function('trap')).end();
    if (access !== 'fetch') {
      code.op('local.get', value).op('local.get', BASE).op('i64.load', SCRATCH.ramBase).op('i64.sub');
      code.op('local.get', BASE).op('i64.load', SCRATCH.ramBytes).op('i64.lt_u');
      code.leaveIf(other);
      code.op('local.get', BASE).op('local.get', value);
      code.op('local.get', kind).i32(KIND.bytes).op('i32.and').op('i64.extend_i32_u');
      effectiveMode(code, BASE, access);
      code.op('call', core.contextDefinition(pmp[access])).op('drop').op('i64.eqz');
      code.leaveIf(other);
      code.i32(1);
      reachDevice(core, code, access, value);
    }
    code.end();
    leaveWithFault(
      code,
      () => code.i64(BigInt(FAULTS[access].page)),
      () => code.op('local.get', ADDRESS),
    );
    code.op('return_call', core.function('leave'));
  },
});

export const REFLECTIONS = {
  [REFLECTS.fetch]: reflect('fetch'),
  [REFLECTS.load]: reflect('load'),
  [REFLECTS.store]: reflect('store'),
};
