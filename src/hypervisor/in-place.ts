// A virtual CPU run where it lies: the real hart runs on the CPU's own block, and the hot exits (CSR accesses, returns,
// fences, traps that the guest handles, interrupts, devices) are handled there by the definitions' emitted code, over the same
// virtual state as the handlers in exits/ work on. What they come to in the ledger is read from the hardware's counts.
// Left out: every other exit, which comes back and is handled in exits/.

import type { GuestPhysical } from '../../isa/address.ts';
import { Cause } from '../../isa/causes.ts';
import { WORD } from '../../isa/layout.ts';
import { isOpen } from '../../isa/pmp.ts';
import type { Access } from '../../isa/vocabulary.ts';
import type { Context, Exit, Hardware, Surroundings } from '../machine/hardware.ts';
import { injectedReason } from './exits/exit.ts';
import { fenceIn, fenceOf } from './exits/fence.ts';
import type { Ledger } from './ledger.ts';
import type { ExitReason } from './reason.ts';
import type { Shadow } from './shadow/shadow.ts';
import type { VirtualCpu } from './virtual-cpu.ts';

/** The half of NO_RESERVATION that no physical address has. */
const NONE = 0xffff_ffff;
const RESERVATION_HIGH = WORD.reservation * 2 + 1;

/** The access of a page fault, by its cause. */
export function accessOf(cause: number): Access {
  if (cause === Cause.InstructionPageFault) return 'fetch';
  return cause === Cause.LoadPageFault ? 'load' : 'store';
}
/** An instruction touches four pages at most; more fills than that in one place are the caller's to look at. */
const MOST_FILLS_IN_ROW = 16;

interface InPlaceOptions {
  readonly cpu: VirtualCpu;
  /** Where its block is. */
  readonly base: number;
  readonly ledger: Ledger;
  /** Who answers calls from virtual S. */
  readonly firmware: 'own' | 'sbi';
  readonly shadow: Shadow;
  /** A call from virtual S, if one is the platform's to answer: whether it was. If not, it comes back. */
  readonly environmentCall: () => boolean;
}

export class InPlace {
  private readonly hardware: Hardware;
  private readonly cpu: VirtualCpu;
  private readonly context: Context;
  private readonly ledger: Ledger;
  private readonly shadow: Shadow;
  /** Hidden faults since the last step, and what was left of the budget then. */
  private fillsInRow = 0;
  private filledAt = -1;
  /** What the ledger has by now, in the order of `counts`. */
  private told: readonly number[] = [];

  private constructor(hardware: Hardware, cpu: VirtualCpu, context: Context, ledger: Ledger, shadow: Shadow) {
    this.shadow = shadow;
    this.hardware = hardware;
    this.cpu = cpu;
    this.context = context;
    this.ledger = ledger;
  }

  /** Undefined where the hardware cannot run contexts. */
  static of(
    hardware: Hardware,
    hart: number,
    { cpu, base, ledger, firmware, shadow, environmentCall }: InPlaceOptions,
  ): InPlace | undefined {
    const { ram } = cpu;
    let inPlace: InPlace | undefined;
    const context = hardware.newContext(hart, {
      base,
      memory: { start: ram.base, bytes: ram.bytes, at: ram.real(ram.base) },
      leaving: firmware === 'sbi' ? [Cause.EnvironmentCallFromS] : [],
      isTable: (address) => shadow.isTraced(address),
      tableStored: (address, bytes) => shadow.stored(address, bytes),
      environmentCall,
      isOpen: (access) => isOpen(cpu, access),
      lacks: (cause, low, high, remaining) => inPlace?.fill(accessOf(cause), low, high, remaining) ?? false,
      fenced: (bits) => {
        const start = ledger.stages?.clock() ?? 0;
        if (bits === 0) shadow.satpWritten();
        else shadow.fence(fenceOf(cpu, fenceIn(bits)));
        ledger.stages?.since('shadow', start);
      },
    });
    inPlace = context && new InPlace(hardware, cpu, context, ledger, shadow);
    return inPlace;
  }

  /** Runs for at most `budget` steps. */
  run(budget: number, board: Surroundings, exit: Exit): void {
    const { cpu, hardware } = this;
    const { halves, ram } = cpu;
    if (halves[RESERVATION_HIGH] !== NONE) cpu.reservation = ram.real(cpu.reservation as GuestPhysical);
    this.filledAt = -1;
    this.hear();
    hardware.contexts?.run(this.context, cpu.protection, budget, board, exit);
    if (halves[RESERVATION_HIGH] !== NONE) cpu.reservation -= ram.offset;
    this.ledger.nativeSteps += exit.steps;
  }

  /** A hidden fault. @returns false where it is left to the handlers. */
  private fill(access: Access, low: number, high: number, remaining: number): boolean {
    const { cpu, shadow, ledger } = this;
    if (remaining !== this.filledAt) this.fillsInRow = 0;
    this.filledAt = remaining;
    const contexts = this.hardware.contexts;
    if (contexts === undefined || ++this.fillsInRow > MOST_FILLS_IN_ROW) return false;
    const start = ledger.clock?.() ?? 0;
    const filled = ledger.stages?.clock() ?? 0;
    contexts.readWalk(cpu.walked);
    if (!shadow.fill(cpu, shadow.contextAt(contexts.rootFrame(this.context)), access, low, high)) return false;
    ledger.stages?.since('shadow', filled);
    ledger.record('shadow-fill', (ledger.clock?.() ?? 0) - start);
    return true;
  }

  /** Has the hardware tell what the shadow must hear of. */
  hear(): void {
    this.hardware.contexts?.tell(this.context, this.shadow.told);
  }

  /** Brings the ledger up to date: what was counted as native and was an exit. */
  tell(): void {
    const counts = this.counts();
    for (const [index, [reason, count]] of counts.entries()) {
      const more = count - (this.told[index] ?? 0);
      if (more > 0) this.ledger.recordInPlace(reason, more);
    }
    this.told = counts.map(([, count]) => count);
  }
  private counts(): (readonly [ExitReason, number])[] {
    const emulated = this.hardware.contexts?.emulated(this.context);
    if (emulated === undefined) return [];
    const { csrs, returns, fences, interrupts, deviceAccesses, tableStores, waits, exceptions } = emulated;
    return [
      ['csr', csrs],
      ['xret', returns],
      ['fence', fences],
      ['interrupt', interrupts],
      ['mmio', deviceAccesses],
      ['page-table-write', tableStores],
      ['wfi', waits],
      ...exceptions.map((count, cause) => [injectedReason(BigInt(cause)), count] as const),
    ];
  }
}
