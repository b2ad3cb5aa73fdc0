// The SBI that a guest finds which starts in S-mode: the specification's version 2.0, with the extensions Base, TIME,
// IPI, RFENCE, HSM, SRST, DBCN and the legacy console, timer and fence calls. It plays the firmware over a hart's state
// block, so it is the same bare and virtual; a call costs the step of its trap. Left out: PMU, STA, NACL, SUSP, CPPC.

import { Interrupt } from '../../isa/causes.ts';
import { WORD } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';
import { answer, Call, NEVER_RETURNS, type Reply, SbiError } from './sbi-call.ts';
import { debugConsole, getCharacter, putCharacter } from './sbi-console.ts';
import {
  clearInterrupt,
  hartState,
  interProcessorInterrupt,
  remoteFence,
  remoteTranslationFence,
} from './sbi-harts.ts';

/** Extension numbers, which calls carry in a7; those below Base are the legacy ones, one call each. */
const Extension = {
  Base: 0x10,
  TIME: 0x5449_4d45,
  IPI: 0x73_5049,
  RFENCE: 0x5246_4e43,
  HSM: 0x48_534d,
  SRST: 0x5352_5354,
  DBCN: 0x4442_434e,
} as const;

interface Answerer {
  readonly answer: (call: Call) => void;
  /** May start, stop or end something, or write to memory: whatever runs the caller must come back for it. */
  readonly reaches: boolean;
}

/** What carries the number of a function besides, and answers by an error and a value. */
const extension = (reply: (call: Call) => Reply, reaches = false): Answerer => ({
  reaches,
  answer: (call) => give(call, reply(call)),
});
/** A legacy call, which answers in a0 alone. */
const legacy = (value: (call: Call) => number, reaches = false): Answerer => ({
  reaches,
  answer: (call) => call.answer(0, value(call)),
});

function give(call: Call, reply: Reply): void {
  if (reply === NEVER_RETURNS) return;
  call.answer(0, reply.error);
  call.answer(1, reply.value);
}

/** Of the legacy calls sending interrupts is not among them: its hart mask is at a virtual address. */
const ANSWERERS: ReadonlyMap<number, Answerer> = new Map([
  [Extension.Base, extension(base)],
  [Extension.TIME, extension(timer)],
  [Extension.IPI, extension(interProcessorInterrupt)],
  [Extension.RFENCE, extension(remoteFence)],
  [Extension.HSM, extension(hartState, true)],
  [Extension.SRST, extension(systemReset, true)],
  [Extension.DBCN, extension(debugConsole, true)],
  [0, legacy(setTimer)],
  [1, legacy(putCharacter)],
  [2, legacy(getCharacter)],
  [3, legacy(clearInterrupt)],
  [5, legacy(() => 0)], // remote fence.i
  [6, legacy(remoteTranslationFence)], // sfence.vma
  [7, legacy(remoteTranslationFence)], // sfence.vma with an ASID
  [8, legacy(shutDown, true)],
]);

/**
 * Answers an environment call from S-mode: a7 and a6 say which, a0 to a5 hold its arguments, a0 and a1 receive the
 * answer. The caller has counted the step and moved pc on, and looks at the board's outcome, events and activity after.
 */
export function sbiCall(state: PrivilegedState, board: Board): void {
  const call = new Call(state, board);
  const answerer = ANSWERERS.get(call.extension);
  if (answerer === undefined) give(call, SbiError.NotSupported);
  else answerer.answer(call);
}
/** The same in the middle of a run, if that need not come back for it. @returns whether it was answered. */
export function sbiCallInRun(state: PrivilegedState, board: Board): boolean {
  const call = new Call(state, board);
  const answerer = ANSWERERS.get(call.extension);
  if (answerer === undefined || answerer.reaches) return false;
  answerer.answer(call);
  return true;
}

/** What Base says of this SBI. The number of the implementation is one that nobody has registered. */
const SPECIFICATION_2_0 = 0x0200_0000;
const IMPLEMENTATION = 0x7472;
const VERSION = 1;

function base(call: Call): Reply {
  switch (call.number) {
    case 0:
      return answer(SPECIFICATION_2_0);
    case 1:
      return answer(IMPLEMENTATION);
    case 2:
      return answer(VERSION);
    case 3:
      return answer(Number(ANSWERERS.has(Number(call.argument(0)))));
    case 4: // mvendorid, marchid and mimpid: all read as zero
    case 5:
    case 6:
      return answer(0);
    default:
      return SbiError.NotSupported;
  }
}

function timer(call: Call): Reply {
  return call.number === 0 ? answer(setTimer(call)) : SbiError.NotSupported;
}

function setTimer(call: Call): number {
  const { halves } = call.state;
  halves[WORD.mip * 2] = (halves[WORD.mip * 2] as number) & ~STIP;
  halves[WORD.stimecmp * 2] = call.argumentHalf(0, 0);
  halves[WORD.stimecmp * 2 + 1] = call.argumentHalf(0, 1);
  call.board.timersChanged(halves[WORD.mhartid * 2] as number);
  return 0;
}
const STIP = 1 << Interrupt.STI;

/** What kinds of reset there are: a shutdown, a cold and a warm reboot; and the last of the reasons. */
const Reset = { shutdown: 0n, kinds: 3n, failure: 1n } as const;

/** Shuts down, and the reason becomes the exit code; or starts the guest again, cold and warm alike. */
function systemReset(call: Call): Reply {
  if (call.number !== 0) return SbiError.NotSupported;
  const kind = call.argument(0);
  const reason = call.argument(1);
  if (kind >= Reset.kinds || reason > Reset.failure) return SbiError.InvalidParameter;
  if (kind === Reset.shutdown) call.board.exit(Number(reason));
  else call.board.restart();
  return NEVER_RETURNS;
}

function shutDown({ board }: Call): number {
  board.exit(0);
  return 0;
}
