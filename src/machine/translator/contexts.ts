// Contexts: state that a hart runs in place of its own registers, while its own rights over memory stay in force. Each
// sensitive instruction is done on the context's state and counted; which root its hart translates by follows from
// that state through a table, and what the table lacks, whoever made the context is asked for.
// Left out: how a root comes to be, and accesses that it does not allow (reflect.ts).

import { FIELDS, Mode, WORD } from '../../../isa/layout.ts';
import { GLOBAL, ROOT, ROOT_PAIRS, ROOTS_AT, SCRATCH } from '../memory-map.ts';
import { CONTINUATION, type CoreFunction } from './core-module.ts';
import { ExitCode } from './exits.ts';
import { BASE, isContext, REMAINING, word } from './steps.ts';

const [MPP_HIGH, MPP_LOW] = FIELDS.mstatus.MPP;
const MPP_MASK = (1 << (MPP_HIGH - MPP_LOW + 1)) - 1;
const SATP_MODE_LOW = BigInt(FIELDS.satp.MODE[1]);
const ASID_LOW = BigInt(FIELDS.satp.ASID[1]);
const PAIR_SHIFT = Math.log2(2 * ROOT.bytes);

/** The rest of a key, as bits: the mode, the one that loads and stores have, SUM, MXR, and the protection's number. */
const KEY = { mode: 0, effective: 2, sum: 4, mxr: 5, protection: 6 } as const;

/** (block): has a context's hart translate by the root that goes with its state. → Whether that is known. */
const selectRoot: CoreFunction = {
  type: { parameters: ['i32'], results: ['i32'] },
  emit(core, code) {
    const [mode, status, effective, rest] = [
      code.local('i32'),
      code.local('i32'),
      code.local('i32'),
      code.local('i32'),
    ];
    const [entry, host] = [code.local('i32'), code.local('i32')];
    const satp = code.local('i64');
    code.op('local.get', BASE).op('i32.load', word(WORD.mode)).op('local.set', mode);
    code.op('local.get', BASE).op('i32.load', word(WORD.mstatus)).op('local.set', status);
    code.op('local.get', BASE).op('i64.load', word(WORD.satp)).op('local.set', satp);
    code.op('local.get', status).i32(MPP_LOW).op('i32.shr_u').i32(MPP_MASK).op('i32.and').op('local.get', mode);
    code
      .op('local.get', status)
      .i32(1 << FIELDS.mstatus.MPRV)
      .op('i32.and');
    code.op('select').op('local.set', effective);

    code.op('local.get', mode).op('local.get', effective).i32(KEY.effective).op('i32.shl').op('i32.or');
    code.op('local.get', BASE).op('i32.load', SCRATCH.protection).i32(KEY.protection).op('i32.shl').op('i32.or');
    code.op('local.set', rest);
    // Where nothing is translated, satp, SUM and MXR make no difference; M alone is never translated.
    code.op('local.get', satp).i64(SATP_MODE_LOW).op('i64.shr_u').op('i64.eqz');
    code.op('local.get', mode).op('local.get', effective).op('i32.and').i32(Mode.M).op('i32.eq').op('i32.or');
    code.open('if');
    code.i64(0n).op('local.set', satp);
    code.op('else');
    const bit = (from: number, to: number) => {
      code.op('local.get', status).i32(from).op('i32.shr_u').i32(1).op('i32.and').i32(to).op('i32.shl');
    };
    code.op('local.get', rest);
    bit(FIELDS.mstatus.SUM, KEY.sum);
    code.i32(0).op('local.get', effective).i32(Mode.S).op('i32.eq').op('select').op('i32.or');
    bit(FIELDS.mstatus.MXR, KEY.mxr);
    code.op('i32.or').op('local.set', rest);
    code.end();

    // A pair of entries for the key.
    code.op('local.get', satp).op('i32.wrap_i64').op('local.get', satp).i64(ASID_LOW).op('i64.shr_u');
    code.op('i32.wrap_i64').op('i32.xor').op('local.get', rest).i32(3).op('i32.mul').op('i32.xor');
    code
      .i32(ROOT_PAIRS - 1)
      .op('i32.and')
      .i32(PAIR_SHIFT)
      .op('i32.shl');
    code.op('local.get', BASE).i32(1).op('i32.shr_u').op('i32.add').op('local.set', entry);
    const matches = () => {
      code
        .op('local.get', entry)
        .op('i64.load', ROOTS_AT + ROOT.satp)
        .op('local.get', satp)
        .op('i64.eq');
      code
        .op('local.get', entry)
        .op('i32.load', ROOTS_AT + ROOT.rest)
        .op('local.get', rest)
        .op('i32.eq');
      code
        .op('i32.and')
        .op('local.get', entry)
        .op('i64.load', ROOTS_AT + ROOT.root)
        .i64(0n)
        .op('i64.ne')
        .op('i32.and');
    };
    const found = code.open('block');
    matches();
    code.leaveIf(found);
    code.op('local.get', entry).i32(ROOT.bytes).op('i32.add').op('local.set', entry);
    matches();
    code.leaveIf(found);
    // The one of the two that was chosen longer ago becomes the key's.
    code.op('local.get', entry).op('local.get', entry).i32(ROOT.bytes).op('i32.sub');
    code.op('local.get', entry).op('i64.load', ROOTS_AT + ROOT.chosen);
    code
      .op('local.get', entry)
      .i32(ROOT.bytes)
      .op('i32.sub')
      .op('i64.load', ROOTS_AT + ROOT.chosen);
    code.op('i64.lt_u').op('select').op('local.set', entry);
    code
      .op('local.get', entry)
      .op('local.get', satp)
      .op('i64.store', ROOTS_AT + ROOT.satp);
    code
      .op('local.get', entry)
      .op('local.get', rest)
      .op('i32.store', ROOTS_AT + ROOT.rest);
    code
      .op('local.get', entry)
      .i64(0n)
      .op('i64.store', ROOTS_AT + ROOT.root);
    code.i32(0).op('local.get', entry).i32(ROOTS_AT).op('i32.add').op('i32.store', GLOBAL.root);
    code.i32(0).op('return');
    code.end();

    code.op('local.get', entry).i32(0).i32(0).op('i64.load', GLOBAL.chosen).i64(1n).op('i64.add');
    code.op('i64.store', GLOBAL.chosen).i32(0).op('i64.load', GLOBAL.chosen);
    code.op('i64.store', ROOTS_AT + ROOT.chosen);
    code.op('local.get', BASE).op('i32.load', SCRATCH.host).op('local.tee', host);
    code
      .op('local.get', entry)
      .op('i64.load', ROOTS_AT + ROOT.root)
      .op('i64.store', word(WORD.satp));
    code.op('local.get', host).op('call', core.function('reselect'));
    for (const space of [SCRATCH.dataSpace, SCRATCH.fetchSpace]) {
      code.op('local.get', BASE).op('local.get', host).op('i32.load', space).op('i32.store', space);
    }
    code.i32(1);
  },
};

/** (block, remaining): goes on where the state that spaces depend on has changed. */
const selecting = (to: string): CoreFunction => ({
  type: CONTINUATION,
  emit(core, code) {
    isContext(code);
    code.open('if');
    // Without a step left, the root is the next run's.
    code.op('local.get', REMAINING).op('i32.eqz').open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).i32(ExitCode.Budget);
    code.op('return_call', core.function('leave')).end();
    code.op('local.get', BASE).op('call', core.function('selectRoot')).op('i32.eqz').open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).i32(ExitCode.Root);
    code.op('return_call', core.function('leave')).end();
    code.op('else');
    code.op('local.get', BASE).op('call', core.function('reselect')).end();
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function(to));
  },
});

/** (block): satp has been written. */
const tellSatp: CoreFunction = {
  type: { parameters: ['i32'], results: [] },
  emit(core, code) {
    code.op('local.get', BASE).op('i32.load', SCRATCH.tellsSatp).open('if');
    code.i32(0).op('call', core.contextFenced).end();
  },
};

export const CONTEXTS = {
  tellSatp,
  selectRoot,
  select: selecting('resume'),
  selectAndBegin: selecting('begin'),
};
