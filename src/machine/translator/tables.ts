// What keeps translations coherent, inside emitted code: a page-table entry that a walk reads is marked, and its frame
// leaves the store TLBs, so that no store to it goes unseen. What an entry maps is noted too, where it is one page, so
// that a store to it drops that page's translations alone (coherence.ts does).

import type { Code } from '../../../isa/emit/wasm.ts';
import { FIELDS, TranslationMode, WORD } from '../../../isa/layout.ts';
import { RAM_BASE, Watched } from '../memory.ts';
import {
  ANY_TABLE,
  ENTRY,
  FRAME,
  FRAME_BYTES,
  FRAME_SHIFT,
  GLOBAL,
  LEAF_TABLE,
  LINE_SHIFT,
  MANY_SLOTS,
  RAM_AT,
  SPACE,
  SPACE_BYTES,
  SPACE_KEY,
  SPACE_KEYS_AT,
  SPACES,
  SPACES_AT,
} from '../memory-map.ts';
import type { CoreFunction } from './core-module.ts';

const SLOT_SHIFT = 3;
const WORD_BYTES = 8;
const WORD_SHIFT = 3;
/** What one last-level table maps. */
const TABLE_REACH = 0x20_0000n;
const SATP_MODE_LOW = BigInt(FIELDS.satp.MODE[1]);
/** The number of a walk's last entry, from 0, in Sv39; in Sv48, whose MODE is one more, it is one more. */
const SV39_LAST = 2;
const SV39_LESS_LAST = TranslationMode.Sv39 - SV39_LAST;

/** (physical address of a page-table entry in RAM) → its bits. */
const readTable: CoreFunction = {
  type: { parameters: ['i64'], results: ['i64'] },
  emit(core, code) {
    const address = 0;
    const [offset, frame, walked] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const line = code.local('i64');
    code.i32(0).op('i32.load', GLOBAL.walked).op('local.tee', walked).i32(WORD_SHIFT).op('i32.shl');
    code.op('local.get', address).op('i64.store', GLOBAL.walk);
    code.i32(0).op('local.get', walked).i32(1).op('i32.add').op('i32.store', GLOBAL.walked);
    code.op('local.get', address).i64(RAM_BASE).op('i64.sub').op('i32.wrap_i64').op('local.tee', offset);
    code.i32(FRAME_SHIFT).op('i32.shr_u').op('local.set', frame);
    code.i64(1n).op('local.get', offset).i32(LINE_SHIFT).op('i32.shr_u').op('i64.extend_i32_u').op('i64.shl');
    code.op('local.set', line);
    code.op('local.get', frame).i32(WORD_SHIFT).op('i32.shl').op('i64.load', FRAME.lines);
    code.op('local.get', line).op('i64.and').op('i64.eqz');
    // A line may be marked for the code in it alone.
    code.op('local.get', frame).op('i32.load8_u', FRAME.flags).i32(Watched.Table).op('i32.and').op('i32.eqz');
    code.op('i32.or').open('if');
    code.op('local.get', frame).op('local.get', line).i32(Watched.Table).op('call', core.function('mark'));
    code.end();
    code.op('local.get', offset).op('i64.load', RAM_AT);
  },
};

/** (frame, lines, flag): from now on stores to these lines of the frame must be seen. */
const mark: CoreFunction = {
  type: { parameters: ['i32', 'i64', 'i32'], results: [] },
  emit(core, code) {
    const [frame, lines, flag] = [0, 1, 2];
    const at = code.local('i32');
    code.op('local.get', frame).i32(WORD_SHIFT).op('i32.shl').op('local.tee', at);
    code
      .op('local.get', at)
      .op('i64.load', FRAME.lines)
      .op('local.get', lines)
      .op('i64.or')
      .op('i64.store', FRAME.lines);
    code.op('local.get', frame).op('local.get', frame).op('i32.load8_u', FRAME.flags);
    code.op('local.get', flag).op('i32.or').op('i32.store8', FRAME.flags);
    code.op('local.get', frame).op('call', core.function('protect'));
  },
};

/** (frame): takes a frame out of all store TLBs. */
const protect: CoreFunction = {
  type: { parameters: ['i32'], results: [] },
  emit(_core, code) {
    const frame = 0;
    const [slots, slot] = [code.local('i32'), code.local('i32')];
    code.op('local.get', frame).i32(SLOT_SHIFT).op('i32.shl').op('local.tee', slots).op('i32.load', FRAME.slots);
    code.i32(MANY_SLOTS).op('i32.eq').open('if');
    emptyStoreTlbs(code, slot);
    code.op('else');
    for (const which of [0, 4]) {
      code
        .op('local.get', slots)
        .op('i32.load', FRAME.slots + which)
        .op('local.tee', slot)
        .open('if');
      ifMaps(code, slot, () => placeOf(code, frame));
      emptyEntry(code, slot, SPACE.store);
      code.end();
      code.end();
    }
    code.end();
    code.op('local.get', slots).i64(0n).op('i64.store', FRAME.slots);
  },
};

function emptyStoreTlbs(code: Code, at: number): void {
  code.i32(SPACES_AT).op('local.set', at);
  const next = code.open('loop');
  code
    .op('local.get', at)
    .i32(SPACES_AT)
    .op('i32.sub')
    .i32(Math.log2(SPACE_BYTES / SPACE_KEY.bytes))
    .op('i32.shr_u');
  code.op('i32.load', SPACE_KEYS_AT + SPACE_KEY.rest).open('if');
  code
    .op('local.get', at)
    .i32(SPACE.store)
    .op('i32.add')
    .i32(0)
    .i32(SPACE.jumps - SPACE.store)
    .op('memory.fill');
  code
    .op('local.get', at)
    .i64(BigInt(FRAME_BYTES))
    .op('i64.store', SPACE.store + ENTRY.tag);
  code.end();
  code.op('local.get', at).i32(SPACE_BYTES).op('i32.add').op('local.tee', at);
  code.i32(SPACES_AT + SPACES * SPACE_BYTES).op('i32.lt_u');
  code.leaveIf(next);
  code.end();
}

/** Opens an `if`: the entry of a store TLB at a slot has this place. */
function ifMaps(code: Code, slot: number, place: () => void): void {
  code.op('local.get', slot).op('i32.load', SPACE.store + ENTRY.place);
  place();
  code.op('i32.eq').open('if');
}

/** Gives an entry the tag of its neighbour's slot, and no place. */
function emptyEntry(code: Code, slot: number, part: number): void {
  code
    .op('local.get', slot)
    .op('local.get', slot)
    .op('i64.load', part + ENTRY.tag)
    .i64(BigInt(FRAME_BYTES))
    .op('i64.xor');
  code
    .op('i64.store', part + ENTRY.tag)
    .op('local.get', slot)
    .i32(0)
    .op('i32.store', part + ENTRY.place);
}

/** Pushes the place of a frame, whose number is in a local. */
export function placeOf(code: Code, frame: number): void {
  code.op('local.get', frame).i32(FRAME_SHIFT).op('i32.shl').i32(RAM_AT).op('i32.add');
}

/** (frame, slot): the entry of a store TLB at this slot will map the frame. */
const noteSlot: CoreFunction = {
  type: { parameters: ['i32', 'i32'], results: [] },
  emit(_core, code) {
    const [frame, slot] = [0, 1];
    const [slots, known, place] = [code.local('i32'), code.local('i32'), code.local('i32')];
    code.op('local.get', frame).i32(SLOT_SHIFT).op('i32.shl').op('local.set', slots);
    placeOf(code, frame);
    code.op('local.set', place);
    for (const which of [0, 4]) {
      code
        .op('local.get', slots)
        .op('i32.load', FRAME.slots + which)
        .op('local.set', known);
      // Free, this very slot, or one that has long been given to another page.
      code.op('local.get', known).op('i32.eqz').op('local.get', known).op('local.get', slot).op('i32.eq').op('i32.or');
      code.op('local.get', known).i32(MANY_SLOTS).op('i32.ne');
      code
        .op('local.get', known)
        .op('i32.load', SPACE.store + ENTRY.place)
        .op('local.get', place)
        .op('i32.ne');
      code.op('i32.and').op('i32.or').open('if');
      code
        .op('local.get', slots)
        .op('local.get', slot)
        .op('i32.store', FRAME.slots + which)
        .op('return');
      code.end();
    }
    code.op('local.get', slots).i32(MANY_SLOTS).op('i32.store', FRAME.slots);
  },
};

/**
 * (virtual address, block): notes what the entries map that the last walk, by the satp of that block, has read, and
 * whose translation is now remembered.
 */
const noteWalk: CoreFunction = {
  type: { parameters: ['i64', 'i32'], results: [] },
  emit(_core, code) {
    const [address, block] = [0, 1];
    const [walked, last, frame] = [code.local('i32'), code.local('i32'), code.local('i32')];
    const wanted = code.local('i64');
    code.i32(0).op('i32.load', GLOBAL.walked).op('local.set', walked);
    // Which of the entries is one of a last-level table, where the walk came so far.
    code
      .op('local.get', block)
      .op('i64.load', WORD.satp * WORD_BYTES)
      .i64(SATP_MODE_LOW)
      .op('i64.shr_u');
    code.op('i32.wrap_i64').i32(SV39_LESS_LAST).op('i32.sub').op('local.set', last);
    const done = code.open('block');
    for (const index of [0, 1, 2, 3]) {
      code
        .op('local.get', walked)
        .i32(index + 1)
        .op('i32.lt_u');
      code.leaveIf(done);
      code
        .i32(0)
        .op('i64.load', GLOBAL.walk + index * 8)
        .i64(RAM_BASE)
        .op('i64.sub')
        .i64(BigInt(FRAME_SHIFT))
        .op('i64.shr_u');
      code.op('i32.wrap_i64').i32(WORD_SHIFT).op('i32.shl').op('local.set', frame);
      code.i64(BigInt(ANY_TABLE)).op('local.set', wanted);
      if (index >= SV39_LAST) {
        code.op('local.get', last).i32(index).op('i32.eq').open('if');
        code
          .op('local.get', address)
          .i64(-TABLE_REACH)
          .op('i64.and')
          .i64(BigInt(LEAF_TABLE))
          .op('i64.or')
          .op('local.set', wanted);
        code.op('local.get', frame).op('i64.load', FRAME.tableOf).op('i64.eqz').op('i32.eqz');
        code.op('local.get', frame).op('i64.load', FRAME.tableOf).op('local.get', wanted).op('i64.ne').op('i32.and');
        code.open('if');
        code.i64(BigInt(ANY_TABLE)).op('local.set', wanted);
        code.end();
        code.end();
      }
      code.op('local.get', frame).op('local.get', wanted).op('i64.store', FRAME.tableOf);
    }
    code.end();
  },
};

export const TABLES = { readTable, mark, protect, noteSlot, noteWalk };
