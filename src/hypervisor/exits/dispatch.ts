// From the hardware's trap to the handler: first what the exit is, as data, then one exhaustive switch. Whether a
// page fault is the guest's own is decided by a fresh walk of its tables with its state at the fault, which also sets
// accessed and dirty bits as the hardware would.

import type { GuestVirtual } from '../../../isa/address.ts';
import { unreachable } from '../../../isa/assert.ts';
import { Cause } from '../../../isa/causes.ts';
import { type Decoded, decode } from '../../../isa/decode.ts';
import { Mode } from '../../../isa/layout.ts';
import { failed } from '../../../isa/reference.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { ExitReason } from '../reason.ts';
import { breakpoint } from './breakpoint.ts';
import { csr } from './csr.ts';
import { ecall } from './ecall.ts';
import { execute, type Trap } from './exit.ts';
import { fence } from './fence.ts';
import { illegal } from './illegal.ts';
import { memory } from './memory.ts';
import { misaligned } from './misaligned.ts';
import { mmio } from './mmio.ts';
import { otherInjected } from './other-injected.ts';
import { pageFault } from './page-fault.ts';
import { pageTableWrite } from './page-table-write.ts';
import { sbi } from './sbi.ts';
import { shadowFill } from './shadow-fill.ts';
import { wfi } from './wfi.ts';
import { xret } from './xret.ts';

/** An instruction that is sensitive. */
type PendingSensitive = 'csr' | 'xret' | 'wfi' | 'fence' | 'cache-block';
/** An exit before it is handled. `interrupt` is not here: it is no trap of the hardware. */
type PendingExit =
  | { readonly reason: PendingSensitive; readonly decoded: Decoded }
  | { readonly reason: 'shadow-fill'; readonly access: Access }
  | { readonly reason: Exclude<ExitReason, PendingSensitive | 'shadow-fill' | 'interrupt'> };

/** Handles a trap of the hardware; the reason that the ledger has it under. */
export function handleTrap(trap: Trap): ExitReason {
  const exit = classify(trap);
  switch (exit.reason) {
    case 'csr':
      return csr(trap, exit.decoded);
    case 'xret':
      return xret(trap, exit.decoded);
    case 'wfi':
      return wfi(trap, exit.decoded);
    case 'fence':
      return fence(trap, exit.decoded);
    case 'cache-block':
      return execute(trap.cpu, exit.decoded, 'cache-block');
    case 'ecall':
      return ecall(trap);
    case 'sbi':
      return sbi(trap);
    case 'mmio':
      return mmio(trap);
    case 'memory':
      return memory(trap);
    case 'shadow-fill':
      return shadowFill(trap, exit.access);
    case 'page-fault':
      return pageFault(trap);
    case 'page-table-write':
      return pageTableWrite(trap);
    case 'misaligned':
      return misaligned(trap);
    case 'illegal':
      return illegal(trap);
    case 'breakpoint':
      return breakpoint(trap);
    case 'other-injected':
      return otherInjected(trap);
    default:
      return unreachable(exit);
  }
}

function classify(trap: Trap): PendingExit {
  switch (trap.cause) {
    case Cause.IllegalInstruction:
      return classifyInstruction(trap);
    case Cause.EnvironmentCallFromU:
    case Cause.EnvironmentCallFromS: // from a virtual CPU that runs where it lies
      return { reason: trap.vm.firmware === 'sbi' && trap.cpu.privilege === Mode.S ? 'sbi' : 'ecall' };
    case Cause.InstructionPageFault:
      return classifyAccess(trap, 'fetch');
    case Cause.LoadPageFault:
      return classifyAccess(trap, 'load');
    case Cause.StorePageFault:
      return classifyAccess(trap, 'store');
    case Cause.Breakpoint:
      return { reason: 'breakpoint' };
    case Cause.LoadAddressMisaligned:
    case Cause.StoreAddressMisaligned:
      return { reason: 'misaligned' };
    default:
      return { reason: 'other-injected' };
  }
}

/** What is illegal in real U-mode may be legal in the guest's mode: a sensitive instruction. */
function classifyInstruction({ tval }: Trap): PendingExit {
  const decoded = decode(Number(tval));
  if (decoded === undefined) return { reason: 'illegal' };
  switch (decoded.instruction.name) {
    case 'mret':
    case 'sret':
      return { reason: 'xret', decoded };
    case 'wfi':
      return { reason: 'wfi', decoded };
    case 'sfence.vma':
    case 'sinval.vma':
    case 'sfence.w.inval':
    case 'sfence.inval.ir':
      return { reason: 'fence', decoded };
    case 'cbo.inval':
    case 'cbo.clean':
    case 'cbo.flush':
    case 'cbo.zero':
      return { reason: 'cache-block', decoded };
    default:
      return { reason: 'csr', decoded };
  }
}

function classifyAccess({ vm, cpu, tval }: Trap, access: Access): PendingExit {
  cpu.walked.count = 0;
  const address = cpu.physicalAddress(access, tval as GuestVirtual, 1); // the trap value of a fault is one
  if (failed(address)) return { reason: 'page-fault' };
  if (!cpu.ram.contains(address, 1)) return { reason: 'mmio' };
  if (access === 'store' && vm.shadow.isTraced(Number(address))) return { reason: 'page-table-write' };
  cpu.walked.physical = Number(address);
  return { reason: 'shadow-fill', access };
}
