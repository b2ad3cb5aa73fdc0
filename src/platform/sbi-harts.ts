// The calls of the SBI that reach other harts: IPI, RFENCE and HSM, and the hart masks that the first two share.
// Fences have nothing to do on a machine, whose translation is coherent, and so is fetching; whoever keeps translations
// hears of them. A call takes effect at once,
// so no hart is ever seen on its way into a state. Left out: the SUSP extension, which suspends all harts together.

import { Mode, NO_RESERVATION } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Board, HartActivity } from './board.ts';
import { answer, type Call, NEVER_RETURNS, type Reply, SbiError } from './sbi-call.ts';

const SEND = 0;
/** fence.i, sfence.vma, sfence.vma with an ASID; the ones after them are of the H extension. */
const FENCES = 3;
const ALL_HARTS = (1n << 64n) - 1n;
const MASK_BITS = 64;
const A0 = 10;
const A1 = 11;

/** The harts that a mask names, from a base; undefined where it names one that does not exist. */
function maskedHarts(board: Board, mask: bigint, base: bigint): readonly number[] | undefined {
  if (base === ALL_HARTS) return [...board.harts.keys()];
  const harts: number[] = [];
  for (let bit = 0; bit < MASK_BITS; bit++) {
    if (((mask >> BigInt(bit)) & 1n) === 0n) continue;
    const hart = base + BigInt(bit);
    if (hart >= BigInt(board.harts.length)) return undefined;
    harts.push(Number(hart));
  }
  return harts;
}

export function interProcessorInterrupt({ board, number, argument }: Call): Reply {
  if (number !== SEND) return SbiError.NotSupported;
  const harts = maskedHarts(board, argument(0), argument(1));
  if (harts === undefined) return SbiError.InvalidParameter;
  for (const hart of harts) {
    const state = board.harts[hart];
    if (state !== undefined) state.mip.SSIP = 1n;
  }
  return answer(0n);
}

export function remoteFence({ board, number, argument }: Call): Reply {
  if (number >= FENCES) return SbiError.NotSupported;
  if (maskedHarts(board, argument(0), argument(1)) === undefined) return SbiError.InvalidParameter;
  if (number > 0) board.onRemoteFence();
  return answer(0n);
}
/** The legacy calls: of all harts, whatever their mask says. */
export function remoteTranslationFence({ board }: Call): bigint {
  board.onRemoteFence();
  return 0n;
}

const HartState = { start: 0, stop: 1, status: 2, suspend: 3 } as const;
/** A WFI is none of the SBI's states: to others the hart is started. */
const STATUS: Readonly<Record<HartActivity, bigint>> = { running: 0n, waiting: 0n, stopped: 1n, suspended: 4n };
/** The suspensions that every platform has; all others are reserved, or are a platform's own. */
const Suspension = { retentive: 0n, nonRetentive: 0x8000_0000n } as const;
const WORD_BITS = 32;

export function hartState(call: Call): Reply {
  const { state, board, number, argument } = call;
  switch (number) {
    case HartState.start:
      return start(call);
    case HartState.stop:
      board.activity[Number(state.mhartid)] = 'stopped';
      return NEVER_RETURNS;
    case HartState.status: {
      const activity = board.activity[Number(argument(0))];
      return activity === undefined ? SbiError.InvalidParameter : answer(STATUS[activity]);
    }
    case HartState.suspend:
      return suspend(call);
    default:
      return SbiError.NotSupported;
  }
}

function start({ board, argument }: Call): Reply {
  const hart = Number(argument(0));
  const address = argument(1);
  const state = board.harts[hart];
  if (state === undefined) return SbiError.InvalidParameter;
  if (board.activity[hart] !== 'stopped') return SbiError.AlreadyAvailable;
  if (!isCode(board, address)) return SbiError.InvalidAddress;
  // Nothing is left of an earlier start that could wake it or interrupt it.
  state.mie.bits = 0n;
  state.mip.SSIP = 0n;
  state.reservation = NO_RESERVATION;
  enterSupervisor(state, address, BigInt(hart), argument(2));
  board.activity[hart] = 'running';
  return answer(0n);
}

/**
 * Does nothing until an interrupt that the hart enables is pending. Without retention it then starts as by `start`, and
 * keeps no more than the interrupts that it enables.
 */
function suspend({ state, board, argument }: Call): Reply {
  const type = BigInt.asUintN(WORD_BITS, argument(0));
  if (type !== Suspension.retentive && type !== Suspension.nonRetentive) return SbiError.InvalidParameter;
  const hart = Number(state.mhartid);
  if (type === Suspension.retentive) {
    board.activity[hart] = 'suspended';
    return answer(0n);
  }
  const address = argument(1);
  if (!isCode(board, address)) return SbiError.InvalidAddress;
  enterSupervisor(state, address, BigInt(hart), argument(2));
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
