// The SBI that a guest finds which starts in S-mode: the specification's version 2.0, with the extensions Base, TIME,
// IPI, RFENCE, HSM, SRST, DBCN and the legacy console, timer and fence calls. It plays the firmware over a hart's state
// block, so it is the same bare and virtual; a call costs the step of its trap. Left out: PMU, STA, NACL, SUSP, CPPC.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Board } from './board.ts';
import { answer, type Call, NEVER_RETURNS, type Reply, SbiError } from './sbi-call.ts';
import { debugConsole, getCharacter, putCharacter } from './sbi-console.ts';
import { hartState, interProcessorInterrupt, remoteFence, remoteTranslationFence } from './sbi-harts.ts';

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

const EXTENSIONS: ReadonlyMap<number, (call: Call) => Reply> = new Map([
  [Extension.Base, base],
  [Extension.TIME, timer],
  [Extension.IPI, interProcessorInterrupt],
  [Extension.RFENCE, remoteFence],
  [Extension.HSM, hartState],
  [Extension.SRST, systemReset],
  [Extension.DBCN, debugConsole],
]);

/** The legacy calls answer in a0 alone. Sending interrupts is not among them: its hart mask is at a virtual address. */
const LEGACY: ReadonlyMap<number, (call: Call) => bigint> = new Map([
  [0, ({ state, board }) => setTimer(state, board, state.x(A0))],
  [1, putCharacter],
  [2, getCharacter],
  [3, clearInterrupt],
  [5, () => 0n], // remote fence.i
  [6, remoteTranslationFence], // sfence.vma
  [7, remoteTranslationFence], // sfence.vma with an ASID
  [8, shutDown],
]);

const A0 = 10;
const A1 = 11;
const A6 = 16;
const A7 = 17;
const BITS = 64;

/**
 * Answers an environment call from S-mode: a7 and a6 say which, a0 to a5 hold its arguments, a0 and a1 receive the
 * answer. The caller has counted the step and moved pc on, and looks at the board's outcome, events and activity after.
 */
export function sbiCall(state: PrivilegedState, board: Board): void {
  const extension = Number(BigInt.asIntN(BITS, state.x(A7)));
  const call: Call = { state, board, number: Number(state.x(A6)), argument: (index) => state.x(A0 + index) };
  const legacy = LEGACY.get(extension);
  if (legacy !== undefined) {
    state.setX(A0, legacy(call));
    return;
  }
  const reply = EXTENSIONS.get(extension)?.(call) ?? SbiError.NotSupported;
  if (reply === NEVER_RETURNS) return;
  state.setX(A0, BigInt.asUintN(BITS, BigInt(reply.error)));
  state.setX(A1, reply.value);
}

/** What Base says of this SBI. The number of the implementation is one that nobody has registered. */
const SPECIFICATION_2_0 = 0x0200_0000n;
const IMPLEMENTATION = 0x7472n;
const VERSION = 1n;

function base({ number, argument }: Call): Reply {
  switch (number) {
    case 0:
      return answer(SPECIFICATION_2_0);
    case 1:
      return answer(IMPLEMENTATION);
    case 2:
      return answer(VERSION);
    case 3: {
      const extension = Number(argument(0));
      return answer(EXTENSIONS.has(extension) || LEGACY.has(extension) ? 1n : 0n);
    }
    case 4: // mvendorid, marchid and mimpid: all read as zero
    case 5:
    case 6:
      return answer(0n);
    default:
      return SbiError.NotSupported;
  }
}

function timer({ state, board, number, argument }: Call): Reply {
  return number === 0 ? answer(setTimer(state, board, argument(0))) : SbiError.NotSupported;
}

function setTimer(state: PrivilegedState, board: Board, ticks: bigint): bigint {
  state.mip.STIP = 0n;
  state.stimecmp = ticks;
  board.timersChanged(Number(state.mhartid));
  return 0n;
}

function clearInterrupt({ state }: Call): bigint {
  state.mip.SSIP = 0n;
  return 0n;
}

/** What kinds of reset there are: a shutdown, a cold and a warm reboot; and the last of the reasons. */
const Reset = { shutdown: 0n, kinds: 3, failure: 1 } as const;

/** Shuts down, and the reason becomes the exit code; or starts the guest again, cold and warm alike. */
function systemReset({ board, number, argument }: Call): Reply {
  if (number !== 0) return SbiError.NotSupported;
  const kind = argument(0);
  const reason = argument(1);
  if (kind >= BigInt(Reset.kinds) || reason > BigInt(Reset.failure)) return SbiError.InvalidParameter;
  if (kind === Reset.shutdown) board.exit(Number(reason));
  else board.restart();
  return NEVER_RETURNS;
}

function shutDown({ board }: Call): bigint {
  board.exit(0);
  return 0n;
}
