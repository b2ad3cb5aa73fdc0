// Who listens to a guest's exits, while somebody wants to see each: then every exit comes back to the monitor's handlers
// and none is handled in place, which is several times slower. Otherwise the ledger counts them, and the steps are taken
// again, listened to, where somebody looks closer: a run is a function of its inputs.
// Left out: when to listen, which the laboratory knows.

import { Cause } from '../../../isa/causes.ts';
import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import { decode } from '../../../isa/decode.ts';
import { WORD } from '../../../isa/layout.ts';
import { disassemble } from '../../asm/disassemble.ts';
import { fenceOf } from '../../hypervisor/exits/fence.ts';
import type { ShadowCounts } from '../../hypervisor/ledger.ts';
import { EXIT_REASONS, type ExitReason } from '../../hypervisor/reason.ts';
import type { ShadowContext } from '../../hypervisor/shadow/context.ts';
import type { VirtualCpu } from '../../hypervisor/virtual-cpu.ts';
import type { ExitEvent } from '../../hypervisor/virtual-machine.ts';
import type { HartReport } from '../../platform/interleaver.ts';
import type { SystemGuest } from '../../session/system.ts';
import { type ContextLoss, EVENT, type ShadowEvent, type TimedCount } from '../protocol.ts';
import { ExitTape } from './exit-tape.ts';

const NANOSECONDS = 1e6;
const MOST_SHADOW_EVENTS = 32;
const NOBODY = -1;

export class Recorder {
  readonly tape = new ExitTape();
  /** The last fences, writes to satp and stores to page tables. */
  shadowEvents: ShadowEvent[] = [];
  /** Told of each exit too, where somebody looks into the monitor. */
  onExit: ((event: ExitEvent) => void) | undefined;
  onTrap: ((cause: bigint, tval: bigint) => void) | undefined;
  listens = false;
  private readonly guest: SystemGuest;
  private readonly milliseconds: () => number;
  /** By reason: exits whose time was taken, and their time. */
  private readonly timed = new Map<ExitReason, { count: number; nanoseconds: number }>();
  private start = 0;
  private before: ShadowCounts | undefined;
  /** Leaves by context, where the exit may take some away. */
  private leaves: ReadonlyMap<ShadowContext, number> | undefined;
  /** Where what is on the tape ends. */
  private end = NOBODY;
  private cpu = NOBODY;

  constructor(guest: SystemGuest, milliseconds: () => number) {
    this.guest = guest;
    this.milliseconds = milliseconds;
  }

  /** Whether the tape goes on to where the guest is now. */
  get isUpToDate(): boolean {
    return this.listens || this.end === this.guest.board.clock.now;
  }

  listen(listens: boolean): void {
    const { vm, board } = this.guest;
    const { now } = board.clock;
    if (listens === this.listens || vm === undefined) return;
    if (listens) {
      if (!this.isUpToDate) this.restart();
      this.cpu = NOBODY;
      vm.onTrap = (cpu, cause, tval) => this.trapped(cpu, cause, tval);
      vm.onExit = (event) => this.exited(event);
    } else {
      this.tape.event(EVENT.end, now, Math.max(this.cpu, 0), 0);
      vm.onTrap = undefined;
      vm.onExit = undefined;
    }
    this.listens = listens;
    this.end = now;
    this.setClock();
  }
  /** The ledger's clock is part of checkpoints: it is set again after each. */
  setClock(): void {
    const ledger = this.guest.vm?.ledger;
    if (ledger !== undefined) ledger.clock = this.listens ? () => this.milliseconds() * NANOSECONDS : undefined;
  }
  /** The run went back to where the guest is now. */
  cut(): void {
    const { now } = this.guest.board.clock;
    this.setClock();
    this.tape.cut(now);
    this.shadowEvents = this.shadowEvents.filter(({ step }) => step < now);
    this.end = Math.min(this.end, now);
    this.cpu = NOBODY;
  }
  /** Other steps are recorded from now on. */
  restart(): void {
    this.tape.restart();
    this.shadowEvents = [];
    this.end = NOBODY;
  }

  /** A turn of a virtual CPU. */
  turn(cpu: number, run: () => HartReport): HartReport {
    if (!this.listens) return run();
    const { clock } = this.guest.board;
    if (cpu !== this.cpu || clock.now !== this.end) this.event(EVENT.turn, cpu);
    const report = run();
    this.cpu = cpu;
    this.end = clock.now;
    if (report === 'wait') {
      this.event(EVENT.wait, cpu);
      this.cpu = NOBODY;
    }
    return report;
  }
  private event(kind: (typeof EVENT)[keyof typeof EVENT], cpu: number): void {
    this.tape.event(kind, this.guest.board.clock.now, cpu, this.guest.states[cpu]?.privilege ?? 0);
  }

  private trapped(cpu: VirtualCpu, cause: bigint, tval: bigint): void {
    this.leaves = mayEmpty(cpu, cause) ? this.leavesNow() : undefined;
    this.before = { ...this.guest.vm?.ledger.shadow } as ShadowCounts; // a guest that is listened to has one
    this.onTrap?.(cause, tval);
    this.start = this.milliseconds();
  }
  private exited(event: ExitEvent): void {
    const { reason } = event;
    const sum = this.timed.get(reason) ?? { count: 0, nanoseconds: 0 };
    sum.count++;
    sum.nanoseconds += (this.milliseconds() - this.start) * NANOSECONDS;
    this.timed.set(reason, sum);
    this.tape.add(event);
    const what = concernsShadow(event);
    if (what !== undefined) this.noteShadow(event, what);
    this.onExit?.(event);
  }
  private noteShadow({ vm, cpu, step }: ExitEvent, what: string): void {
    const { before } = this;
    const after = vm.ledger.shadow;
    if (before === undefined) return;
    const more = (name: 'synced' | 'dropped' | 'outOfSync') => after[name] - before[name];
    this.shadowEvents.push({
      step,
      cpu: Number(cpu.mhartid),
      what,
      synced: more('synced'),
      dropped: more('dropped'),
      outOfSync: more('outOfSync'),
      contexts: this.losses(),
    });
    if (this.shadowEvents.length > MOST_SHADOW_EVENTS) this.shadowEvents.shift();
  }

  private leavesNow(): Map<ShadowContext, number> {
    return new Map(this.guest.vm?.shadow.all.map((context) => [context, context.size().leaves]));
  }
  private losses(): ContextLoss[] {
    const { leaves } = this;
    if (leaves === undefined) return [];
    const now = this.leavesNow();
    return [...leaves].flatMap(([context, before]) => {
      const { view, asid } = context;
      const after = now.get(context) ?? 0;
      return after < before ? [{ view, asid, before, after }] : [];
    });
  }

  counts(): TimedCount[] {
    const counted = this.guest.vm?.ledger.exits() ?? EXIT_REASONS.map((reason) => ({ reason, count: 0 }));
    return counted.map(({ reason, count }) => {
      const { count: timed = 0, nanoseconds = 0 } = this.timed.get(reason) ?? {};
      return { reason, count, timed, hostNanoseconds: Math.round(nanoseconds) };
    });
  }
}

/** Whether a trap may be a fence, a write to satp or a store to a page table: counting leaves at each would cost. */
function mayEmpty(cpu: VirtualCpu, cause: bigint): boolean {
  if (Number(cause) === Cause.StorePageFault) return true;
  if (Number(cause) !== Cause.IllegalInstruction) return false;
  const bits = cpu.peek();
  const decoded = bits === undefined ? undefined : decode(bits);
  if (decoded === undefined) return false;
  return decoded.fields['csr'] === CSR_NUMBERS['satp'] || /^(sfence|sinval)/.test(decoded.instruction.name);
}

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

/** What an exit says to the shadow, in words of the manual; undefined where it says nothing. */
function concernsShadow({ reason, cpu, before, instruction, tval }: ExitEvent): string | undefined {
  const satp = cpu.word(WORD.satp);
  if (reason === 'csr' && before[WORD.satp] !== satp) return `satp ← ${hexadecimal(satp)}`;
  if (reason !== 'fence' && reason !== 'page-table-write') return undefined;
  const bits = instruction ?? 0;
  const text = disassemble(bits, before[WORD.pc] ?? 0n, { aliases: true }).text.replace('\t', ' ');
  if (reason === 'fence') {
    const decoded = decode(bits);
    const { address, asid } = decoded === undefined ? {} : fenceOf(cpu, decoded);
    const operands = [
      ...(address === undefined ? [] : [`address ${hexadecimal(address)}`]),
      ...(asid === undefined ? [] : [`ASID ${asid}`]),
    ];
    return operands.length === 0 ? text : `${text} (${operands.join(', ')})`;
  }
  return `${text} → ${hexadecimal(tval)}`;
}
