// What happens where a lookup finds nothing: the walk, the PMP, and then a new entry in the space's TLB, with which
// the instruction is run again; or the trap; or, for what no entry can stand for (devices, accesses across pages,
// frames that are watched), the reference's step. All inside wasm, but for the last.

import { NO_CAUSE } from '../../../isa/emit/services.ts';
import type { Code, ValueType } from '../../../isa/emit/wasm.ts';
import { FIELDS, WORD } from '../../../isa/layout.ts';
import { FAULTS, translate } from '../../../isa/translation.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { RAM_BASE, Watched } from '../memory.ts';
import {
  DATA_ENTRIES,
  ENTRY,
  FETCH_ENTRIES,
  FRAME,
  FRAME_BYTES,
  FRAME_SHIFT,
  GLOBAL,
  LINE_SHIFT,
  LOOKOUT_PAGES,
  LOOKOUT_SHIFT,
  SCRATCH,
  SPACE,
} from '../memory-map.ts';
import { type CoreFunction, type CoreModule, PERMITS } from './core-module.ts';
import { ExitCode } from './exits.ts';
import { BASE, isContext, REMAINING, shorten, tally, word } from './steps.ts';
import { placeOf } from './tables.ts';

/** What a refill is told of the access besides its address: how many bytes, and whether it must be aligned. */
export const KIND = { bytes: 0xf, atomic: 0x10 } as const;
const PAGE_MASK = BigInt(FRAME_BYTES - 1);
const ENTRY_SHIFT = 4;
const BYTE_BITS = 8;
const BYTE_SHIFT = 3;
const [MPP_HIGH, MPP_LOW] = FIELDS.mstatus.MPP;

/** Functions of accesses that the root of a context does not allow. */
export const REFLECTS = { fetch: 'reflectFetch', load: 'reflectLoad', store: 'reflectStore' } as const;

export const ADDRESS = 2;
export const REFILL = {
  parameters: ['i32', 'i32', 'i64', 'i32'] as readonly ValueType[],
  results: ['i32'] as readonly ValueType[],
};

export function goOn(core: CoreModule, code: Code, to: string): void {
  code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function(to));
}
function leave(core: CoreModule, code: Code, reason: number): void {
  code.op('local.get', BASE).op('local.get', REMAINING).i32(reason).op('return_call', core.function('leave'));
}
const aside = (core: CoreModule, code: Code) => {
  code.open('if');
  code.i32(0).i32(0).op('i32.store', GLOBAL.record);
  leave(core, code, ExitCode.Aside);
  code.end();
};

/** Leaves for the reference where an access is not of one page, or atomic and not aligned. */
function checkShape(core: CoreModule, code: Code, kind: number): void {
  const bytes = code.local('i64');
  code.op('local.get', kind).i32(KIND.bytes).op('i32.and').op('i64.extend_i32_u').op('local.set', bytes);
  code.op('local.get', ADDRESS).i64(PAGE_MASK).op('i64.and').op('local.get', bytes).op('i64.add');
  code.i64(BigInt(FRAME_BYTES)).op('i64.gt_u');
  aside(core, code);
  code.op('local.get', ADDRESS).op('local.get', bytes).i64(1n).op('i64.sub').op('i64.and').op('i64.eqz').op('i32.eqz');
  code.op('local.get', kind).i32(KIND.atomic).op('i32.and').i32(0).op('i32.ne').op('i32.and');
  aside(core, code);
}

/** Leaves for the reference where the page is looked out for: no entry stands for it. */
function checkLookout(core: CoreModule, code: Code, access: 'load' | 'store'): void {
  const page = code.local('i32');
  code.i32(0).op('i32.load', GLOBAL.looksOut).open('if');
  code.op('local.get', ADDRESS).i64(BigInt(FRAME_SHIFT)).op('i64.shr_u').op('i32.wrap_i64').op('local.tee', page);
  code.op('local.get', page).i32(LOOKOUT_SHIFT).op('i32.shr_u').op('i32.xor');
  code
    .i32(LOOKOUT_PAGES - 1)
    .op('i32.and')
    .op('local.tee', page)
    .i32(BYTE_SHIFT)
    .op('i32.shr_u');
  code
    .op('i32.load8_u', GLOBAL.lookout[access])
    .op('local.get', page)
    .i32(BYTE_BITS - 1)
    .op('i32.and');
  code.op('i32.shr_u').i32(1).op('i32.and');
  aside(core, code);
  code.end();
}

/** Translates the page of `ADDRESS`; what follows runs where it is wholly permitted RAM. @returns the frame's local. */
function translatePage(core: CoreModule, code: Code, access: Access): number {
  const [physical, page, offset] = [code.local('i64'), code.local('i64'), code.local('i64')];
  const [cause, frame] = [code.local('i32'), code.local('i32')];
  const host = code.local('i32');
  code.i32(0).i32(0).op('i32.store', GLOBAL.walked);
  code.op('local.get', BASE).op('i32.load', SCRATCH.host).op('local.tee', host);
  code.op('local.get', ADDRESS).op('call', core.definition(translate[access]));
  code.op('local.set', cause).op('local.set', physical);
  code.op('local.get', cause).i32(NO_CAUSE).op('i32.ne').open('if');
  isContext(code);
  code.open('if');
  code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', ADDRESS).op('local.get', 3);
  code.op('return_call', core.function(REFLECTS[access])).end();
  code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', cause).op('i64.extend_i32_u');
  code.op('local.get', physical).op('return_call', core.function('trap'));
  code.end();
  code.op('local.get', host).op('local.get', physical).i64(~PAGE_MASK).op('i64.and').op('local.tee', page);
  code.i64(BigInt(FRAME_BYTES));
  effectiveMode(code, host, access);
  code.op('call', core.function(PERMITS[access])).op('drop').op('i64.eqz');
  aside(core, code);
  code.op('local.get', page).i64(RAM_BASE).op('i64.sub').op('local.tee', offset);
  code.i32(0).op('i64.load', GLOBAL.ramBytes).op('i64.ge_u');
  if (access === 'fetch') aside(core, code);
  else reachDevice(core, code, access, physical);
  code.op('local.get', offset).i64(BigInt(FRAME_SHIFT)).op('i64.shr_u').op('i32.wrap_i64').op('local.set', frame);
  return frame;
}

/** Pushes the mode that an access has. */
export function effectiveMode(code: Code, block: number, access: Access): void {
  const status = () => code.op('local.get', block).op('i64.load', word(WORD.mstatus));
  if (access === 'fetch') {
    code.op('local.get', block).op('i64.load', word(WORD.mode));
    return;
  }
  status()
    .i64(BigInt(MPP_LOW))
    .op('i64.shr_u')
    .i64((1n << BigInt(MPP_HIGH - MPP_LOW + 1)) - 1n)
    .op('i64.and');
  code.op('local.get', block).op('i64.load', word(WORD.mode));
  status()
    .i64(1n << BigInt(FIELDS.mstatus.MPRV))
    .op('i64.and')
    .i64(0n)
    .op('i64.ne')
    .op('select');
}

/** Leaves for the reference where the frame has one of these flags. */
function checkFlags(core: CoreModule, code: Code, frame: number, flags: number): void {
  code.op('local.get', frame).op('i32.load8_u', FRAME.flags).i32(flags).op('i32.and');
  aside(core, code);
}

/** Pushes the place of the entry for `ADDRESS` in a part of a space, and keeps it. */
export function entryOf(code: Code, space: number, entries: number): number {
  const entry = code.local('i32');
  code
    .op('local.get', ADDRESS)
    .op('i32.wrap_i64')
    .i32(FRAME_SHIFT - ENTRY_SHIFT)
    .op('i32.shr_u');
  code
    .i32((entries - 1) << ENTRY_SHIFT)
    .op('i32.and')
    .op('local.get', BASE)
    .op('i32.load', space)
    .op('i32.add');
  code.op('local.set', entry);
  return entry;
}

function insert(core: CoreModule, code: Code, entry: number, part: number, place: () => void): void {
  code
    .op('local.get', entry)
    .op('local.get', ADDRESS)
    .i64(~PAGE_MASK)
    .op('i64.and')
    .op('i64.store', part + ENTRY.tag);
  code.op('local.get', entry);
  place();
  code.op('i32.store', part + ENTRY.place);
  code.op('local.get', ADDRESS).op('local.get', BASE).op('i32.load', SCRATCH.host);
  code.op('call', core.function('noteWalk'));
}

/** (block, remaining, address, kind): a load's page was not found; the block's pc is at its instruction. */
const refillLoad: CoreFunction = {
  type: REFILL,
  emit(core, code) {
    tally(code, SCRATCH.loadMisses);
    checkShape(core, code, 3);
    checkLookout(core, code, 'load');
    const frame = translatePage(core, code, 'load');
    checkFlags(core, code, frame, Watched.Load);
    insert(core, code, entryOf(code, SCRATCH.dataSpace, DATA_ENTRIES), SPACE.load, () => placeOf(code, frame));
    goOn(core, code, 'step');
  },
};

/** (block, remaining, address, kind): the same for a store. */
const refillStore: CoreFunction = {
  type: REFILL,
  emit(core, code) {
    const kind = 3;
    tally(code, SCRATCH.storeMisses);
    checkShape(core, code, kind);
    checkLookout(core, code, 'store');
    const frame = translatePage(core, code, 'store');
    checkFlags(core, code, frame, Watched.Store);
    const flags = code.local('i32');
    code.op('local.get', frame).op('local.get', frame).op('i32.load8_u', FRAME.flags);
    code.i32(~Watched.Fresh).op('i32.and').op('local.tee', flags).op('i32.store8', FRAME.flags);
    code
      .op('local.get', flags)
      .i32(Watched.Table | Watched.Code)
      .op('i32.and')
      .open('if');
    storeOnce(core, code, { kind, frame, flags });
    code.end();
    const entry = entryOf(code, SCRATCH.dataSpace, DATA_ENTRIES);
    code.op('local.get', frame).op('local.get', entry).op('call', core.function('noteSlot'));
    insert(core, code, entry, SPACE.store, () => placeOf(code, frame));
    goOn(core, code, 'step');
  },
};

/**
 * A store to a frame that holds code or page tables: what derives from its bytes goes, and the entry is there for just
 * this one instruction. Where code is overwritten, the reference stores: it may be the instruction itself.
 */
function storeOnce(
  core: CoreModule,
  code: Code,
  { kind, frame, flags }: { kind: number; frame: number; flags: number },
): void {
  const [offset, rest, changes] = [code.local('i32'), code.local('i32'), code.local('i32')];
  const bytes = () => code.op('local.get', kind).i32(KIND.bytes).op('i32.and');
  const lineAt = () => code.i32(LINE_SHIFT).op('i32.shr_u').op('i64.extend_i32_u').op('i64.shl');
  code
    .op('local.get', ADDRESS)
    .op('i32.wrap_i64')
    .i32(FRAME_BYTES - 1)
    .op('i32.and')
    .op('local.set', offset);
  code.i64(1n).op('local.get', offset);
  lineAt();
  code.i64(1n).op('local.get', offset);
  bytes().op('i32.add').i32(1).op('i32.sub');
  lineAt().op('i64.or');
  code
    .op('local.get', frame)
    .i32(3)
    .op('i32.shl')
    .op('i64.load', FRAME.lines)
    .op('i64.and')
    .op('i64.eqz')
    .op('i32.eqz');
  code.open('if');
  code.op('local.get', flags).i32(Watched.Code).op('i32.and');
  aside(core, code);
  placeOf(code, frame);
  code.op('local.get', offset).op('i32.add');
  bytes().op('call', core.beforeTableStore).i32(1).op('local.set', changes);
  code.end();

  const entry = entryOf(code, SCRATCH.dataSpace, DATA_ENTRIES);
  runOnce(core, code, 'store', entry, rest, () => placeOf(code, frame));
  code.op('local.get', changes).open('if');
  code.op('call', core.afterTableStore).end();
  settle(code, rest);
  goOn(core, code, 'step');
}

/** Runs the instruction at the block's pc with an entry that is there for it alone; keeps what is left of its one step. */
export function runOnce(
  core: CoreModule,
  code: Code,
  access: 'load' | 'store',
  entry: number,
  rest: number,
  place: () => void,
): void {
  const part = SPACE[access];
  code
    .op('local.get', entry)
    .op('local.get', ADDRESS)
    .i64(~PAGE_MASK)
    .op('i64.and')
    .op('i64.store', part + ENTRY.tag);
  code.op('local.get', entry);
  place();
  code.op('i32.store', part + ENTRY.place);
  code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('count'));
  code.op('local.get', BASE).i32(1).op('i32.store', SCRATCH.counted);
  code.op('local.get', BASE).i32(1).i32(1).op('call', core.function('interpret')).op('local.set', rest);
  // Zeros are empty in every slot but the first, whose own tag they are.
  code
    .op('local.get', entry)
    .i64(PAGE_MASK + 1n)
    .i64(0n);
  code
    .op('local.get', ADDRESS)
    .i64(BigInt(DATA_ENTRIES - 1) << BigInt(FRAME_SHIFT))
    .op('i64.and')
    .op('i64.eqz');
  code.op('select').op('i64.store', part + ENTRY.tag);
  code
    .op('local.get', entry)
    .i32(0)
    .op('i32.store', part + ENTRY.place);
}

/** Takes the step of runOnce off the budget; leaves if it came back for something else than that step's end. */
export function settle(code: Code, rest: number): void {
  code.op('local.get', REMAINING).i32(1).op('i32.sub').op('local.get', rest).op('i32.add').op('local.set', REMAINING);
  code.op('local.get', BASE).op('local.get', REMAINING).op('i32.store', SCRATCH.counted);
  code.op('local.get', BASE).op('i32.load', SCRATCH.exit).open('if'); // not Budget: it is not done yet
  code.op('local.get', REMAINING).op('return').end();
}

/**
 * Where the i32 on the stack is not zero, the address is no RAM: a device's register, which the instruction reads from
 * the window or writes to it. Whatever a device did may have moved the next event.
 */
export function reachDevice(core: CoreModule, code: Code, access: 'load' | 'store', physical: number): void {
  const kind = 3;
  const rest = code.local('i32');
  const pc = code.local('i64');
  code.open('if');
  code.op('local.get', kind).i32(KIND.atomic).op('i32.and');
  aside(core, code);
  const ask = (imported: number) => {
    code.op('local.get', REMAINING).op('local.get', physical).op('i32.wrap_i64');
    code.op('local.get', physical).i64(HALF).op('i64.shr_u').op('i32.wrap_i64');
    code.op('local.get', kind).op('call', imported).op('i32.eqz').open('if');
  };
  const fault = () => {
    code.op('local.get', BASE).op('local.get', REMAINING).i64(BigInt(FAULTS[access].access));
    code.op('local.get', ADDRESS).op('return_call', core.function('trap'));
    code.end();
  };
  if (access === 'load') {
    ask(core.deviceLoad);
    fault();
    shorten(code);
  }
  code.op('local.get', BASE).op('i64.load', word(WORD.pc)).op('local.set', pc);
  runOnce(core, code, access, entryOf(code, SCRATCH.dataSpace, DATA_ENTRIES), rest, () => {
    code
      .i32(GLOBAL.window)
      .op('local.get', ADDRESS)
      .op('i32.wrap_i64')
      .i32(FRAME_BYTES - 1)
      .op('i32.and')
      .op('i32.sub');
  });
  settle(code, rest);
  if (access === 'store') {
    // What was stored is known now: where no device takes it, the instruction was none.
    code.op('local.get', REMAINING).i32(1).op('i32.add').op('local.set', REMAINING);
    ask(core.deviceStore);
    code.op('local.get', BASE).op('local.get', pc).op('i64.store', word(WORD.pc));
    tally(code, SCRATCH.interpreted, -1n);
    code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('count'));
    fault();
    code.op('local.get', REMAINING).i32(1).op('i32.sub').op('local.set', REMAINING);
    shorten(code);
  }
  tally(code, SCRATCH.deviceAccesses);
  // A device may have raised or lowered a wire.
  goOn(core, code, 'boundary');
  code.end();
}
const HALF = 32n;

/** (block, remaining, pc, plain): the page of the block's pc was not found. */
const refillFetch: CoreFunction = {
  type: REFILL,
  emit(core, code) {
    // Without a step left, a fault of the fetch is the next run's.
    code.op('local.get', REMAINING).op('i32.eqz');
    code.open('if');
    leave(core, code, ExitCode.Budget);
    code.end();
    tally(code, SCRATCH.fetchMisses);
    const frame = translatePage(core, code, 'fetch');
    checkFlags(core, code, frame, Watched.Fetch);
    const records = code.local('i32');
    code.op('local.get', frame).i32(2).op('i32.shl').op('i32.load', FRAME.records).op('local.tee', records);
    code.op('i32.eqz').open('if');
    code.i32(0).i32(0).op('i32.store', GLOBAL.record).i32(0).op('local.get', frame).op('i32.store', GLOBAL.frame);
    leave(core, code, ExitCode.Decode);
    code.end();
    const entry = entryOf(code, SCRATCH.fetchSpace, FETCH_ENTRIES);
    insert(core, code, entry, SPACE.fetch, () => code.op('local.get', records));
    code
      .op('local.get', BASE)
      .op('local.get', REMAINING)
      .op('local.get', 3)
      .op('return_call', core.function('interpret'));
  },
};

export const REFILLS = { refillLoad, refillStore, refillFetch };
