// A virtual machine: RAM, virtual CPUs, a board of its own, shadow page tables and a ledger. To the board's
// interleaver it is what a bare machine is, something that runs a hart for some steps; here the steps are run on the
// real hart until something traps, and the trap is handled by emulating one step on the virtual CPU.

import type { GuestPhysical } from '../../isa/address.ts';
import { assert } from '../../isa/assert.ts';
import { NO_RESERVATION } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import { type Exit, type Hardware, newExit } from '../machine/hardware.ts';
import type { Board } from '../platform/board.ts';
import type { Executor } from '../platform/interleaver.ts';
import { sbiCallInRun } from '../platform/sbi.ts';
import { Tohost } from '../platform/tohost.ts';
import { handleTrap } from './exits/dispatch.ts';
import { interrupt } from './exits/interrupt.ts';
import { shadowFill } from './exits/shadow-fill.ts';
import type { GuestRam } from './guest-ram.ts';
import { accessOf, InPlace } from './in-place.ts';
import { Ledger } from './ledger.ts';
import { Numbering } from './numbering.ts';
import type { ExitReason } from './reason.ts';
import { DEFAULT_DISCIPLINE, type Discipline } from './shadow/discipline.ts';
import { Shadow } from './shadow/shadow.ts';
import type { ShadowMemory } from './shadow/tables.ts';
import { TimedBoard } from './stages.ts';
import { VirtualCpu } from './virtual-cpu.ts';

/** The one real hart. */
const HART = 0;
const SATP = 0x180;
/** An instruction touches four pages at most; more fills than any eviction explains are a bug of ours, not a hang. */
const MOST_FILLS_IN_ROW = 64;
const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

/** What is told of each exit to whoever listens, after it was handled. */
export interface ExitEvent {
  readonly vm: VirtualMachine;
  readonly cpu: VirtualCpu;
  readonly reason: ExitReason;
  /** The virtual CPU's words before the exit was handled. */
  readonly before: BigUint64Array;
  /** The bits of the instruction that exited; undefined for an interrupt or a fault of the fetch. */
  readonly instruction: number | undefined;
  /** What the hardware reported. */
  readonly cause: bigint;
  readonly tval: bigint;
  /** The board's step before the exit was handled. */
  readonly step: number;
}

export interface VirtualMachineOptions {
  readonly name: string;
  readonly hardware: Hardware;
  readonly ram: GuestRam;
  readonly cpus: number;
  /** Who answers calls from virtual S: the guest's own M-mode software, or the platform's SBI. */
  readonly firmware: 'own' | 'sbi';
  /** Where its shadow page tables are. */
  readonly shadow: ShadowMemory;
  /** How its shadow page tables follow its own. */
  readonly discipline?: Discipline | undefined;
  /** Makes the board that drives these CPUs' interrupt lines. */
  readonly board: (cpus: readonly VirtualCpu[]) => Board;
}

export class VirtualMachine implements Executor {
  readonly name: string;
  readonly ram: GuestRam;
  readonly cpus: readonly VirtualCpu[];
  readonly board: Board;
  readonly ledger = new Ledger();
  readonly shadow: Shadow;
  readonly firmware: 'own' | 'sbi';
  onExit: ((event: ExitEvent) => void) | undefined;
  /** Asked before an exit is handled; where it says so, the run comes back with nothing done about it. */
  beforeExit: ((cpu: VirtualCpu) => boolean) | undefined;
  /** Called at each trap of whoever listens to exits, before anything is done about it. */
  onTrap: ((cpu: VirtualCpu, cause: bigint, tval: bigint) => void) | undefined;
  private readonly hardware: Hardware;
  private readonly exit: Exit = newExit();
  private tohost: Tohost | undefined;
  /** When a handler came to its end, where stages are told. */
  private handledAt: number | undefined;
  /** When the last run came back, likewise, until that is dealt with. */
  private leftAt: number | undefined;
  /** Hidden fills since the guest's last step. */
  private fillsInRow = 0;
  /** By CPU: what runs it where it lies, if the hardware can. */
  private readonly inPlace: readonly (InPlace | undefined)[];

  constructor(options: VirtualMachineOptions) {
    const { name, hardware, ram, cpus, firmware, board, discipline = DEFAULT_DISCIPLINE } = options;
    this.name = name;
    this.firmware = firmware;
    this.hardware = hardware;
    this.ram = ram;
    this.shadow = new Shadow(hardware, ram, options.shadow, this.ledger, discipline);
    const protections = new Numbering();
    const { ledger, shadow } = this;
    const blocks = Array.from({ length: cpus }, () => hardware.newBlock());
    this.cpus = blocks.map((block, index) => {
      const cpu = new VirtualCpu({ ram, protections, block });
      cpu.onSatp = () => shadow.satpWritten();
      cpu.reset(index, ram.base);
      return cpu;
    });
    this.inPlace = this.cpus.map((cpu, index) => {
      const { base } = blocks[index] as { base: number };
      return InPlace.of(hardware, HART, {
        cpu,
        base,
        ledger,
        firmware,
        shadow,
        environmentCall: () => this.answerCall(cpu),
      });
    });
    shadow.onTold = () => {
      for (const each of this.inPlace) each?.hear();
    };
    ledger.update = () => {
      for (const each of this.inPlace) each?.tell();
    };
    this.board = board(this.cpus);
    this.board.onRemoteFence = () => shadow.fence({});
    for (const cpu of this.cpus) cpu.devices = this.board;
  }

  /** From now on a store to `tohost`, at this guest-physical address in RAM, may end the run. */
  watchTohost(address: GuestPhysical): void {
    const tohost = new Tohost(this.board, address);
    this.hardware.watch(this.ram.real(address), 'store', () => tohost.touch());
    this.tohost = tohost;
  }

  /** Runs a virtual CPU for at most `maxSteps` of its steps. */
  run(cpuIndex: number, maxSteps: number): ReturnType<Executor['run']> {
    const cpu = this.cpus[cpuIndex] as VirtualCpu;
    // Whoever listens is told of each exit, so each must come back.
    const listens = this.onExit !== undefined || this.hardware.contexts === undefined;
    const inPlace = listens ? undefined : this.inPlace[cpuIndex];
    return this.runOn(cpuIndex, cpu, inPlace, maxSteps);
  }

  private runOn(
    cpuIndex: number,
    cpu: VirtualCpu,
    inPlace: InPlace | undefined,
    maxSteps: number,
  ): ReturnType<Executor['run']> {
    const { clock } = this.board;
    let end = clock.now + maxSteps;
    cpu.disturbed = false;
    cpu.waiting = false;
    while (clock.now < end) {
      if (inPlace !== undefined) this.runInPlace(cpu, inPlace, end - clock.now);
      else {
        const cause = cpu.interrupt();
        if (cause !== 0n) this.inject(cpu, cause);
        else if (this.runNatively(cpu, end - clock.now)) this.handleTrap(cpu);
      }
      this.tohost?.check();
      if (this.board.outcome !== undefined) return 'ended';
      if (cpu.disturbed) {
        this.board.timersChanged(cpuIndex);
        return cpu.waiting ? 'wait' : 'changed';
      }
      if (cpu.waiting) return 'wait';
      // What was done in place may have brought the next event nearer.
      end = this.board.runsUntil(end);
    }
    return 'budget';
  }

  /** Lets the guest run on the real hart, in its own block, until something is left to the handlers. */
  private runInPlace(cpu: VirtualCpu, inPlace: InPlace, budget: number): void {
    const { exit } = this;
    const { stages } = this.ledger;
    if (this.hardware.contexts) this.hardware.contexts.clock = stages?.clock;
    inPlace.run(budget, stages === undefined ? this.board : new TimedBoard(this.board, stages), exit);
    const entered = this.hardware.contexts?.enteredAt;
    if (stages !== undefined && entered !== undefined && this.handledAt !== undefined) {
      stages.nanoseconds.enter += entered - this.handledAt;
    }
    this.handledAt = undefined;
    this.leftAt = this.hardware.contexts?.leftAt;
    if (exit.steps > 0) this.fillsInRow = 0;
    switch (exit.reason) {
      case 'trap':
        this.handleTrap(cpu);
        return;
      case 'fill':
        this.fill(cpu);
        return;
      case 'root':
        this.hardware.contexts?.setRoot(this.shadow.enter(cpu).satp);
        return;
      case 'aside':
        this.leftAt = undefined; // what follows is a step of the reference
        if (this.runNatively(cpu, 1)) this.handleTrap(cpu);
        return;
      case 'wait':
        cpu.waiting = true;
        return;
      default: // the budget is spent
    }
  }
  /** A call from virtual S in the middle of a run. @returns whether it was answered. */
  private answerCall(cpu: VirtualCpu): boolean {
    if (this.beforeExit !== undefined) return false;
    const { ledger } = this;
    const { stages } = ledger;
    const start = ledger.clock?.() ?? 0;
    const handled = stages?.clock() ?? 0;
    if (!sbiCallInRun(cpu, this.board)) return false;
    stages?.since('handle', handled);
    ledger.recordInRun('sbi', (ledger.clock?.() ?? 0) - start);
    return true;
  }

  /**
   * Lets the guest run on the real hart, whose state is made from the virtual CPU's at each entry.
   * @returns whether it came back by a trap, which is in `this.exit`.
   */
  private runNatively(cpu: VirtualCpu, budget: number): boolean {
    const { hardware, exit } = this;
    const real = this.enter(cpu);
    hardware.run(HART, budget, exit);
    hardware.saveContext(HART, cpu);
    cpu.reservation = real.reservation === NO_RESERVATION ? NO_RESERVATION : real.reservation - this.ram.offset;
    if (exit.retired > 0) this.fillsInRow = 0;
    cpu.countNative(exit.retired);
    this.ledger.nativeSteps += exit.retired;
    this.board.clock.now += exit.retired;
    return exit.reason === 'trap';
  }

  /** Makes the real hart's state from a virtual CPU's. */
  private enter(cpu: VirtualCpu): PrivilegedState {
    const { hardware } = this;
    const { satp } = this.shadow.enter(cpu);
    const real = hardware.state(HART);
    // First what the hart has, which satp's legal values depend on.
    hardware.loadContext(HART, cpu);
    if (real.satp.bits !== satp) hardware.writeCsr(HART, SATP, satp);
    real.reservation = this.realReservation(cpu);
    return real;
  }
  /** The state that the real hart would have if a virtual CPU were entered now; nothing is entered, nor changed. */
  entryOf(cpu: VirtualCpu): PrivilegedState {
    const real = this.hardware.withContext(HART, cpu);
    real.satp.bits = this.shadow.satpOf(cpu);
    real.reservation = this.realReservation(cpu);
    return real;
  }
  private realReservation({ reservation }: VirtualCpu): bigint {
    return reservation === NO_RESERVATION ? NO_RESERVATION : this.ram.real(reservation as GuestPhysical);
  }

  private inject(cpu: VirtualCpu, cause: bigint): void {
    this.handle(cpu, cause, 0n, () => interrupt(cpu, cause));
  }

  private handleTrap(cpu: VirtualCpu): void {
    const { cause, tval } = this.exit;
    this.handle(cpu, cause, tval, () => handleTrap({ vm: this, cpu, cause: Number(cause), tval }));
  }

  /** A hidden fault whose walk the hardware has made. */
  private fill(cpu: VirtualCpu): void {
    const { cause, tval } = this.exit;
    this.hardware.contexts?.readWalk(cpu.walked);
    const trap = { vm: this, cpu, cause: Number(cause), tval };
    const access = accessOf(Number(cause));
    this.handle(cpu, cause, tval, () => shadowFill(trap, access));
  }

  private handle(cpu: VirtualCpu, cause: bigint, tval: bigint, handler: () => ExitReason): void {
    if (this.beforeExit?.(cpu)) {
      cpu.disturbed = true;
      return;
    }
    const instruction = this.onExit && cpu.peek();
    const before = this.onExit && cpu.words.slice();
    if (before !== undefined) this.onTrap?.(cpu, cause, tval);
    const step = this.board.clock.now;
    const { stages } = this.ledger;
    if (stages !== undefined && this.leftAt !== undefined) stages.since('leave', this.leftAt);
    this.leftAt = undefined;
    const start = this.ledger.clock?.() ?? 0;
    const handled = stages?.clock();
    const reason = handler();
    if (stages !== undefined && handled !== undefined)
      this.handledAt = stages.since(reason === 'shadow-fill' ? 'shadow' : 'handle', handled);
    if (reason === 'shadow-fill') this.fillsInRow++;
    else {
      this.fillsInRow = 0;
      this.board.clock.now++;
    }
    if (this.fillsInRow > MOST_FILLS_IN_ROW)
      assert(false, `the shadow is filled at ${hexadecimal(cpu.pc)} again and again`);
    this.ledger.record(reason, (this.ledger.clock?.() ?? 0) - start);
    if (before !== undefined) this.onExit?.({ vm: this, cpu, reason, before, instruction, cause, tval, step });
  }

  /** States what must always hold of the ledger. */
  checkLedger(): void {
    this.ledger.check(this.cpus.reduce((steps, cpu) => steps + Number(cpu.steps), 0));
  }
}
