// What every exit handler is given and does: look at the virtual CPU, change it as the trapped instruction would, and
// say under which reason the ledger has it. A handler takes exactly one guest step, but the hidden shadow fill none.

import { Cause } from '../../../isa/causes.ts';
import type { Decoded } from '../../../isa/decode.ts';
import type { Step } from '../../../isa/reference.ts';
import type { Board } from '../../platform/board.ts';
import type { ExitReason } from '../reason.ts';
import type { Shadow } from '../shadow/shadow.ts';
import type { VirtualCpu } from '../virtual-cpu.ts';

/** What handlers need of the virtual machine that trapped. */
interface TrappedMachine {
  readonly board: Board;
  readonly shadow: Shadow;
  readonly firmware: 'own' | 'sbi';
}

/** A trap that left the guest for the monitor, as the hardware reports it. */
export interface Trap {
  readonly vm: TrappedMachine;
  readonly cpu: VirtualCpu;
  readonly cause: number;
  readonly tval: bigint;
}

/** The reason for an exit whose emulation ended in an exception that the guest now sees. */
export function injectedReason(cause: bigint): ExitReason {
  switch (Number(cause)) {
    case Cause.IllegalInstruction:
      return 'illegal';
    case Cause.Breakpoint:
      return 'breakpoint';
    case Cause.EnvironmentCallFromU:
    case Cause.EnvironmentCallFromS:
    case Cause.EnvironmentCallFromM:
      return 'ecall';
    case Cause.InstructionPageFault:
    case Cause.LoadPageFault:
    case Cause.StorePageFault:
      return 'page-fault';
    case Cause.LoadAddressMisaligned:
    case Cause.StoreAddressMisaligned:
      return 'misaligned';
    default:
      return 'other-injected';
  }
}

/**
 * Runs a decoded instruction on the virtual CPU.
 * @param reason where it retires; if it raises, the reason is that of the exception.
 */
export function execute(cpu: VirtualCpu, decoded: Decoded, reason: ExitReason): ExitReason {
  return finished(cpu, cpu.executeStep(decoded, decoded.bits), reason);
}

/** The same for the instruction at pc, from its fetch on: for whatever the hardware could not do. */
export function emulate(cpu: VirtualCpu, reason: ExitReason): ExitReason {
  return finished(cpu, cpu.step(), reason);
}

function finished(cpu: VirtualCpu, step: Step, reason: ExitReason): ExitReason {
  if (step === 'waiting') cpu.waiting = true;
  return step === 'trapped' ? injectedReason(cpu.cause) : reason;
}
