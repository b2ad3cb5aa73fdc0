// The calls of the SBI that reach other harts: IPI, RFENCE and HSM, and the hart masks that the first two share.
// Fences have nothing to do on a machine, whose translation is coherent, and so is fetching; whoever keeps translations
// hears of them. A call takes effect at once,
// so no hart is ever seen on its way into a state. Left out: the SUSP extension, which suspends all harts together.

import { Interrupt } from '../../isa/causes.ts';
import { Mode, NO_RESERVATION, WORD } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Board, HartActivity } from './board.ts';
import { answer, type Call, NEVER_RETURNS, type Reply, SbiError } from './sbi-call.ts';

const SEND = 0;
/** fence.i, sfence.vma, sfence.vma with an ASID; the ones after them are of the H extension. */
const FENCES = 3;
const ALL_HARTS = (1n << 64n) - 1n;
const A0 = 10;
const A1 = 11;

/** The harts that a0 names, as bits, from the one in a1 on; undefined where it names one that does not exist. */
function maskedHarts(call: Call): readonly number[] | undefined {
  const { board } = call;
  const base = call.argument(1);
  if (base === ALL_HARTS) return [...board.harts.keys()];
  const harts: number[] = [];
  const first = base < BigInt(board.harts.length) ? Number(base) : board.harts.length;
  for (const half of [0, 1] as const) {
    let bits = call.argumentHalf(0, half);
    for (let hart = first + half * WORD_BITS; bits !== 0; hart++, bits >>>= 1) {
      if ((bits & 1) === 0) continue;
      if (hart >= board.harts.length) return undefined;
      harts.push(hart);
    }
  }
  return harts;
}

export function interProcessorInterrupt(call: Call): Reply {
  if (call.number !== SEND) return SbiError.NotSupported;
  const harts = maskedHarts(call);
  if (harts === undefined) return SbiError.InvalidParameter;
  for (const hart of harts) setPending(call.board.harts[hart], true);
  return answer(0);
}
/** The legacy call that takes the caller's own interrupt back. */
export function clearInterrupt({ state }: Call): number {
  setPending(state, false);
  return 0;
}
function setPending(state: PrivilegedState | undefined, pending: boolean): void {
  if (state === undefined) return;
  const { halves } = state;
  const mip = halves[WORD.mip * 2] as number;
  halves[WORD.mip * 2] = pending ? mip | SSIP : mip & ~SSIP;
}
const SSIP = 1 << Interrupt.SSI;

export function remoteFence(call: Call): Reply {
  if (call.number >= FENCES) return SbiError.NotSupported;
  if (maskedHarts(call) === undefined) return SbiError.InvalidParameter;
  if (call.number > 0) call.board.onRemoteFence();
  return answer(0);
}
/** The legacy calls: of all harts, whatever their mask says. */
export function remoteTranslationFence({ board }: Call): number {
  board.onRemoteFence();
  return 0;
}

const HartState = { start: 0, stop: 1, status: 2, suspend: 3 } as const;
/** A WFI is none of the SBI's states: to others the hart is started. */
const STATUS: Readonly<Record<HartActivity, number>> = { running: 0, waiting: 0, stopped: 1, suspended: 4 };
/** The suspensions that every platform has; all others are reserved, or are a platform's own. */
const Suspension = { retentive: 0, nonRetentive: 0x8000_0000 } as const;
const WORD_BITS = 32;

export function hartState(call: Call): Reply {
  const { state, board, number } = call;
  switch (number) {
    case HartState.start:
      return start(call);
    case HartState.stop:
      board.activity[Number(state.mhartid)] = 'stopped';
      return NEVER_RETURNS;
    case HartState.status: {
      const activity = board.activity[Number(call.argument(0))];
      return activity === undefined ? SbiError.InvalidParameter : answer(STATUS[activity]);
    }
    case HartState.suspend:
      return suspend(call);
    default:
      return SbiError.NotSupported;
  }
}

function start(call: Call): Reply {
  const { board } = call;
  const hart = Number(call.argument(0));
  const address = call.argument(1);
  const state = board.harts[hart];
  if (state === undefined) return SbiError.InvalidParameter;
  if (board.activity[hart] !== 'stopped') return SbiError.AlreadyAvailable;
  if (!isCode(board, address)) return SbiError.InvalidAddress;
  // Nothing is left of an earlier start that could wake it or interrupt it.
  state.mie.bits = 0n;
  state.mip.SSIP = 0n;
  state.reservation = NO_RESERVATION;
  enterSupervisor(state, address, BigInt(hart), call.argument(2));
  board.activity[hart] = 'running';
  return answer(0);
}

/**
 * Does nothing until an interrupt that the hart enables is pending. Without retention it then starts as by `start`, and
 * keeps no more than the interrupts that it enables.
 */
function suspend(call: Call): Reply {
  const { state, board } = call;
  const type = call.argumentHalf(0, 0);
  if (type !== Suspension.retentive && type !== Suspension.nonRetentive) return SbiError.InvalidParameter;
  const hart = Number(state.mhartid);
  if (type === Suspension.retentive) {
    board.activity[hart] = 'suspended';
    return answer(0);
  }
  const address = call.argument(1);
  if (!isCode(board, address)) return SbiError.InvalidAddress;
  enterSupervisor(state, address, BigInt(hart), call.argument(2));
  board.activity[hart] = 'suspended';
  return NEVER_RETURNS;
}

/** Whether a hart can start there. */
const isCode = (board: Board, address: bigint) => (address & 1n) === 0n && board.isRam(address, 2);

/** The state in which the SBI starts a hart: S-mode, no translation, interrupts off, two arguments. */
export function enterSupervisor(state: PrivilegedState, pc: bigint, a0: bigint, a1: bigint): void {
  state.mode = BigInt(Mode.S);
  state.mstatus.SIE = 0n;
  state.satp.bits = 0n;
  state.pc = pc;
  state.setX(A0, a0);
  state.setX(A1, a1);
}
