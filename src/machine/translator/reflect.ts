// An access of a context that its root does not allow: a fault of the context's own, a device's register, a store to its
// tables, or one that whoever gave it the root has yet to allow. A walk of its tables, over the memory that it has,
// tells which. Stores to tables are done here one at a time, and told of.

import { NO_CAUSE } from '../../../isa/emit/services.ts';
import type { Code } from '../../../isa/emit/wasm.ts';
import { FAULTS, translate } from '../../../isa/translation.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { Watched } from '../memory.ts';
import { DATA_ENTRIES, FRAME, FRAME_SHIFT, GLOBAL, RAM_AT, SCRATCH } from '../memory-map.ts';
import { type CoreFunction, type CoreModule, PERMITS } from './core-module.ts';
import { ExitCode } from './exits.ts';
import {
  ADDRESS,
  effectiveMode,
  entryOf,
  goOn,
  KIND,
  REFILL,
  REFLECTS,
  reachDevice,
  runOnce,
  settle,
} from './refill.ts';
import { BASE, leaveWithFault, REMAINING, tally } from './steps.ts';
import { placeOf } from './tables.ts';

const kind = 3;
/** Where an access that the root allows now is looked up again. */
const REFILLED = { fetch: 'refillFetch', load: 'refillLoad', store: 'refillStore' } as const;
const WALK_ENTRY_SHIFT = 4;
const HALF = 32n;
/** What a frame may have that a store from here would not heed. */
const HEEDED = Watched.Code | Watched.Store | Watched.Table;

/** Pushes the frame of a context's physical address, which is on the stack. */
function frameOf(code: Code, block: number): void {
  code.op('local.get', block).op('i64.load', SCRATCH.ramBase).op('i64.sub').op('i32.wrap_i64');
  code.op('local.get', block).op('i32.load', SCRATCH.ramAt).op('i32.add').i32(RAM_AT).op('i32.sub');
  code.i32(FRAME_SHIFT).op('i32.shr_u');
}

/** (block, remaining, address, kind). */
const reflect = (access: Access): CoreFunction => ({
  type: REFILL,
  emit(core, code) {
    const [value, cause] = [code.local('i64'), code.local('i32')];
    code.i32(0).i32(0).op('i32.store', GLOBAL.walkWrites).i32(0).i32(0).op('i32.store', GLOBAL.contextWalked);
    code.op('local.get', BASE).op('local.get', ADDRESS).op('call', core.contextDefinition(translate[access]));
    code.op('local.set', cause).op('local.set', value);
    const aside = code.open('block');
    code.i32(0).op('i32.load', GLOBAL.walkWrites);
    code.leaveIf(aside);
    code.op('local.get', cause).i32(NO_CAUSE).op('i32.ne').open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', cause).op('i64.extend_i32_u');
    code.op('local.get', value).op('return_call', core.function('trap')).end();
    if (access === 'fetch') {
      outsideMemory(code, value);
      code.leaveIf(aside);
    } else {
      outsideMemory(code, value);
      code.open('if');
      permitted(core, code, access, value);
      code.op('i64.eqz');
      code.leaveIf(aside);
      code.i32(1);
      reachDevice(core, code, access, value);
      code.end();
    }
    if (access === 'store') {
      halves(code, value);
      code.op('call', core.isContextTable).open('if');
      storeTable(core, code, value, () => code.leaveIf(aside));
      code.end();
    }
    code.i32(0).op('local.get', value).op('i64.store', GLOBAL.contextPhysical);
    code.i32(FAULTS[access].page);
    halves(code, ADDRESS);
    code.op('local.get', REMAINING).op('call', core.contextLacks).open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', ADDRESS).op('local.get', kind);
    code.op('return_call', core.function(REFILLED[access])).end();
    leaveWithFault(
      code,
      () => code.i64(BigInt(FAULTS[access].page)),
      () => code.op('local.get', ADDRESS),
      ExitCode.Fill,
    );
    code.op('return_call', core.function('leave'));
    code.end();
    leaveWithFault(
      code,
      () => code.i64(BigInt(FAULTS[access].page)),
      () => code.op('local.get', ADDRESS),
    );
    code.op('return_call', core.function('leave'));
  },
});

function outsideMemory(code: Code, physical: number): void {
  code.op('local.get', physical).op('local.get', BASE).op('i64.load', SCRATCH.ramBase).op('i64.sub');
  code.op('local.get', BASE).op('i64.load', SCRATCH.ramBytes).op('i64.ge_u');
}
/** Pushes an i64: whether the context's own protection permits the access. */
function permitted(core: CoreModule, code: Code, access: Access, physical: number): void {
  code.op('local.get', BASE).op('local.get', physical);
  code.op('local.get', kind).i32(KIND.bytes).op('i32.and').op('i64.extend_i32_u');
  effectiveMode(code, BASE, access);
  code.op('call', core.function(PERMITS[access])).op('drop');
}
/** Pushes the halves of an i64 local. */
function halves(code: Code, local: number): void {
  code.op('local.get', local).op('i32.wrap_i64');
  code.op('local.get', local).i64(HALF).op('i64.shr_u').op('i32.wrap_i64');
}

/** A frame with these flags is stored to. */
function touch(code: Code, frame: number, flags: number): void {
  code.op('local.get', frame).op('local.get', flags).i32(~Watched.Fresh).op('i32.and').op('i32.store8', FRAME.flags);
}

/** One store to the context's tables, where nothing else has to hear of it. Whether an atomic one stores is not known. */
function storeTable(core: CoreModule, code: Code, physical: number, asideIf: () => void): void {
  const [frame, flags, rest] = [code.local('i32'), code.local('i32'), code.local('i32')];
  code.op('local.get', kind).i32(KIND.atomic).op('i32.and');
  asideIf();
  permitted(core, code, 'store', physical);
  code.op('i64.eqz');
  asideIf();
  code.op('local.get', physical);
  frameOf(code, BASE);
  code.op('local.tee', frame).op('i32.load8_u', FRAME.flags).op('local.tee', flags).i32(HEEDED).op('i32.and');
  asideIf();
  touch(code, frame, flags);
  const entry = entryOf(code, SCRATCH.dataSpace, DATA_ENTRIES);
  runOnce(core, code, 'store', entry, rest, () => placeOf(code, frame));
  settle(code, rest);
  halves(code, physical);
  code.op('local.get', kind).i32(KIND.bytes).op('i32.and').op('call', core.contextTableStored);
  tally(code, SCRATCH.tableStores);
  goOn(core, code, 'step');
}

/** (physical address of an entry of a context's tables, block) → its bits. */
const readContextTable: CoreFunction = {
  type: { parameters: ['i64', 'i32'], results: ['i64'] },
  emit(_core, code) {
    const [address, block] = [0, 1];
    const [walked, bits] = [code.local('i32'), code.local('i64')];
    code.i32(0).op('i32.load', GLOBAL.contextWalked).i32(WALK_ENTRY_SHIFT).op('i32.shl').op('local.tee', walked);
    code.op('local.get', address).op('i64.store', GLOBAL.contextWalk);
    code.i32(0).i32(0).op('i32.load', GLOBAL.contextWalked).i32(1).op('i32.add');
    code.op('i32.store', GLOBAL.contextWalked);
    code.op('local.get', walked).op('local.get', address);
    code.op('local.get', block).op('i64.load', SCRATCH.ramBase).op('i64.sub').op('i32.wrap_i64');
    code.op('local.get', block).op('i32.load', SCRATCH.ramAt).op('i32.add').op('i64.load', 0).op('local.tee', bits);
    code.op('i64.store', GLOBAL.contextWalk + 8).op('local.get', bits);
  },
};

/** (physical address of the entry that was read last, bits, block): writes its accessed and dirty bits. */
const writeContextTable: CoreFunction = {
  type: { parameters: ['i64', 'i64', 'i32'], results: [] },
  emit(_core, code) {
    const [address, bits, block] = [0, 1, 2];
    const [frame, flags] = [code.local('i32'), code.local('i32')];
    code.op('local.get', address);
    frameOf(code, block);
    code.op('local.tee', frame).op('i32.load8_u', FRAME.flags).op('local.tee', flags).i32(HEEDED).op('i32.and');
    code.open('if');
    code.i32(0).i32(1).op('i32.store', GLOBAL.walkWrites).op('return');
    code.end();
    touch(code, frame, flags);
    code.op('local.get', address);
    code.op('local.get', block).op('i64.load', SCRATCH.ramBase).op('i64.sub').op('i32.wrap_i64');
    code.op('local.get', block).op('i32.load', SCRATCH.ramAt).op('i32.add');
    code.op('local.get', bits).op('i64.store', 0);
    code.i32(0).op('i32.load', GLOBAL.contextWalked).i32(1).op('i32.sub').i32(WALK_ENTRY_SHIFT).op('i32.shl');
    code.op('local.get', bits).op('i64.store', GLOBAL.contextWalk + 8);
  },
};

export const REFLECTIONS = {
  [REFLECTS.fetch]: reflect('fetch'),
  [REFLECTS.load]: reflect('load'),
  [REFLECTS.store]: reflect('store'),
  readContextTable,
  writeContextTable,
};
