// Which space translates: one for each context of satp, mode, SUM and MXR, and of a number for all else that matters
// (the PMP and ADUE). A context that comes back finds its space as it left it, so that switching flushes nothing.
// Spaces are sought in sets of four; the fifth context of a set takes the space of one of the four, emptied.

import type { Code } from '../../../isa/emit/wasm.ts';
import { FIELDS, Mode, WORD } from '../../../isa/layout.ts';
import {
  ENTRY,
  GLOBAL,
  SCRATCH,
  SPACE,
  SPACE_BYTES,
  SPACE_KEY,
  SPACE_KEYS_AT,
  SPACES,
  SPACES_AT,
} from '../memory-map.ts';
import type { CoreFunction } from './core-module.ts';
import { NO_PC, ZERO_SLOTS } from './jumps.ts';
import { BASE, word } from './steps.ts';

const WAYS = 4;
const SETS = SPACES / WAYS;
const KEY_SHIFT = 4;
const SPACE_SHIFT = Math.log2(SPACE_BYTES);
const PAGE_BYTES = 0x1000n;

/**
 * The rest of a context's key, as bits: the mode, whether M lends its loads and stores another mode, SUM, MXR, a one
 * so that no key is 0, and the protection number above them.
 */
export const KEY_BITS = { mode: 3, lends: 4, sum: 8, mxr: 16, used: 32, protectionShift: 8 } as const;

const [MPP_HIGH, MPP_LOW] = FIELDS.mstatus.MPP;
const MPP_MASK = (1 << (MPP_HIGH - MPP_LOW + 1)) - 1;
const SATP_MODE_LOW = BigInt(FIELDS.satp.MODE[1]);

/** Pushes an i32 with one bit of mstatus moved to a bit of the key. */
function statusBit(code: Code, status: number, from: number, to: number): void {
  code.op('local.get', status).i32(from).op('i32.shr_u').i32(1).op('i32.and').i32(Math.log2(to)).op('i32.shl');
}

/** (block): makes dataSpace and fetchSpace what satp, mode and mstatus ask for. */
const reselect: CoreFunction = {
  type: { parameters: ['i32'], results: [] },
  emit(core, code) {
    const [mode, status, effective, common] = [
      code.local('i32'),
      code.local('i32'),
      code.local('i32'),
      code.local('i32'),
    ];
    const satp = code.local('i64');
    code.op('local.get', BASE).op('i32.load', word(WORD.mode)).op('local.set', mode);
    code.op('local.get', BASE).op('i32.load', word(WORD.mstatus)).op('local.set', status);
    code.op('local.get', BASE).op('i64.load', word(WORD.satp)).op('local.set', satp);
    // Without translation the rest of satp makes no difference.
    code.i64(0n).op('local.get', satp).op('local.get', satp).i64(SATP_MODE_LOW).op('i64.shr_u').op('i64.eqz');
    code.op('select').op('local.set', satp);
    code.op('local.get', status).i32(MPP_LOW).op('i32.shr_u').i32(MPP_MASK).op('i32.and').op('local.get', mode);
    statusBit(code, status, FIELDS.mstatus.MPRV, 1);
    code.op('select').op('local.set', effective);
    code.op('local.get', BASE).op('i32.load', SCRATCH.protection).i32(KEY_BITS.protectionShift).op('i32.shl');
    code.i32(KEY_BITS.used).op('i32.or').op('local.set', common);

    const key = (of: number, rest: () => void) => {
      code.i64(0n).op('local.get', satp).op('local.get', of).i32(Mode.M).op('i32.eq').op('select');
      code.op('local.get', of).op('local.get', common).op('i32.or');
      rest();
      code.op('i32.or');
    };
    code.op('local.get', BASE);
    key(mode, () => {
      // Where M lends, its own code is of another kind: its loads and stores are not what they were.
      code.op('local.get', mode).op('local.get', effective).op('i32.ne').i32(Math.log2(KEY_BITS.lends)).op('i32.shl');
    });
    code.i32(0).op('call', core.function('findSpace')).op('i32.store', SCRATCH.fetchSpace);
    code.op('local.get', BASE);
    key(effective, () => {
      // SUM matters to S alone, and both matter to translation alone.
      statusBit(code, status, FIELDS.mstatus.SUM, KEY_BITS.sum);
      code.i32(0).op('local.get', effective).i32(Mode.S).op('i32.eq').op('select');
      statusBit(code, status, FIELDS.mstatus.MXR, KEY_BITS.mxr);
      code.op('i32.or').i32(0);
      code.op('local.get', effective).i32(Mode.M).op('i32.ne').op('local.get', satp).op('i64.eqz').op('i32.eqz');
      code.op('i32.and').op('select');
    });
    code.op('local.get', BASE).op('i32.load', SCRATCH.fetchSpace);
    code.op('call', core.function('findSpace')).op('i32.store', SCRATCH.dataSpace);
  },
};

/** (satp, rest of the key, place of a space to keep or 0) → place of the key's space, emptied where it is new. */
const findSpace: CoreFunction = {
  type: { parameters: ['i64', 'i32', 'i32'], results: ['i32'] },
  emit(_core, code) {
    const [satp, rest, keep] = [0, 1, 2];
    const [set, key, space] = [code.local('i32'), code.local('i32'), code.local('i32')];
    // Roots are pages, often neighbours, so their low bits tell them apart.
    code.op('local.get', satp).op('i32.wrap_i64').op('local.get', satp).i64(44n).op('i64.shr_u').op('i32.wrap_i64');
    code.op('i32.xor').op('local.get', rest).i32(3).op('i32.mul').op('i32.xor');
    code
      .i32(SETS - 1)
      .op('i32.and')
      .i32(KEY_SHIFT)
      .op('i32.shl')
      .i32(Math.log2(WAYS))
      .op('i32.shl')
      .op('local.set', set);
    for (let way = 0; way < WAYS; way++) {
      const at = SPACE_KEYS_AT + way * SPACE_KEY.bytes;
      code
        .op('local.get', set)
        .op('i64.load', at + SPACE_KEY.satp)
        .op('local.get', satp)
        .op('i64.eq');
      code
        .op('local.get', set)
        .op('i32.load', at + SPACE_KEY.rest)
        .op('local.get', rest)
        .op('i32.eq')
        .op('i32.and');
      code.open('if');
      spaceOf(code, () =>
        code
          .op('local.get', set)
          .i32(way * SPACE_KEY.bytes)
          .op('i32.add'),
      );
      code.op('return').end();
    }
    // None: each in turn gives way, but for the one to keep.
    const again = code.open('loop');
    code.i32(0).i32(0).op('i32.load', GLOBAL.evictions).i32(1).op('i32.add').op('i32.store', GLOBAL.evictions);
    code
      .i32(0)
      .op('i32.load', GLOBAL.evictions)
      .i32(WAYS - 1)
      .op('i32.and')
      .i32(KEY_SHIFT)
      .op('i32.shl');
    code.op('local.get', set).op('i32.add').op('local.set', key);
    spaceOf(code, () => code.op('local.get', key));
    code.op('local.tee', space).op('local.get', keep).op('i32.eq');
    code.leaveIf(again);
    code.end();
    code
      .op('local.get', key)
      .op('local.get', satp)
      .op('i64.store', SPACE_KEYS_AT + SPACE_KEY.satp);
    code
      .op('local.get', key)
      .op('local.get', rest)
      .op('i32.store', SPACE_KEYS_AT + SPACE_KEY.rest);
    code.i32(0).i32(0).op('i64.load', GLOBAL.used);
    code.i64(1n).op('local.get', key).i32(KEY_SHIFT).op('i32.shr_u').op('i64.extend_i32_u').op('i64.shl');
    code.op('i64.or').op('i64.store', GLOBAL.used);
    // Zeros are empty but in the slot that they belong to.
    code.op('local.get', space).i32(0).i32(SPACE_BYTES).op('memory.fill');
    for (const part of [SPACE.load, SPACE.store, SPACE.fetch]) {
      code
        .op('local.get', space)
        .i64(PAGE_BYTES)
        .op('i64.store', part + ENTRY.tag);
    }
    for (const slot of ZERO_SLOTS) {
      code
        .op('local.get', space)
        .i64(NO_PC)
        .op('i64.store', SPACE.jumps + slot + ENTRY.tag);
    }
    code.op('local.get', space);
  },
};

/** The place of the space whose key's offset is pushed. */
function spaceOf(code: Code, key: () => void): void {
  key();
  code
    .i32(SPACE_SHIFT - KEY_SHIFT)
    .op('i32.shl')
    .i32(SPACES_AT)
    .op('i32.add');
}

export const SELECTION = { reselect, findSpace };
