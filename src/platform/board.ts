// The board that one guest finds, bare or virtual: QEMU `virt`'s devices, the interrupt wires into the harts, time, the
// console, how the run ended, and how it starts again. Machine and monitor call it for each access outside RAM and at each event.
// Left out: RAM accesses of harts, which never come this way, and whether the harts are real.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Clint } from '../devices/clint.ts';
import type { Scheduler, Width, WordWidth } from '../devices/device.ts';
import type { FwCfg } from '../devices/fw-cfg.ts';
import type { Plic } from '../devices/plic.ts';
import type { Uart } from '../devices/uart.ts';
import { BoardDevices } from './board-devices.ts';
import type { Slot } from './bus.ts';
import { Clock } from './clock.ts';
import { type Event, EventQueue } from './events.ts';
import type { Outcome } from './outcome.ts';
import { inRam, type Ram } from './ram.ts';
import { driveTimers, HartTimers, TIMERS } from './timers.ts';
import { type Keystroke, TYPIST, Typist } from './typist.ts';
import { type VirtioModels, type VirtioOptions, virtioModels } from './virtio-slots.ts';
import { wouldWake } from './wake.ts';

export interface BoardOptions extends VirtioOptions {
  /** The state blocks of the harts that its interrupt wires lead to, hart 0 first. */
  readonly harts: readonly PrivilegedState[];
  readonly ram: Ram;
  /** What was typed live in an earlier run, typed again at the same steps. */
  readonly replay?: readonly Keystroke[];
}

/**
 * `waiting`: in a WFI, until an interrupt that it enables is pending. `suspended`: likewise, by the SBI's HSM.
 * `stopped`: not started, by the HSM.
 */
export type HartActivity = 'running' | 'waiting' | 'suspended' | 'stopped';

export class Board {
  readonly clock = new Clock();
  readonly events = new EventQueue();
  readonly harts: readonly PrivilegedState[];
  readonly ram: Ram;
  readonly console: BoardOptions['console'];
  readonly activity: HartActivity[];
  readonly timers: HartTimers[];
  /** Set when the guest ends itself; what runs it stops before the next instruction. */
  outcome: Outcome | undefined;
  /** What the host typed while the guest ran, by board step: the `replay` of another run. */
  readonly typed: Keystroke[] = [];

  /** Called when the guest starts again: puts in RAM and in the harts what was there at its first start. */
  onRestart: () => void = () => {};
  /** Called when a hart has the SBI fence the translations of some, whichever they are. */
  onRemoteFence: () => void = () => {};
  /** How often the guest has started again. */
  restarts = 0;
  /** The guest has asked to start again; it does before the next instruction. */
  isRestarting = false;
  private readonly models: VirtioModels;
  private readonly typist: Typist;
  private devices: BoardDevices;

  constructor(options: BoardOptions) {
    const { harts, ram, console, replay = [] } = options;
    this.harts = harts;
    this.ram = ram;
    this.console = console;
    this.activity = harts.map(() => 'running');
    this.timers = harts.map(() => new HartTimers());
    this.models = virtioModels(options);
    this.devices = new BoardDevices(this, this.models);
    this.typist = new Typist(replay, console.input, this.scheduler(TYPIST));
    console.input.onArrival = (byte) => {
      this.typed.push({ step: this.clock.now, byte });
      this.devices.inputArrived();
    };
  }

  get clint(): Clint {
    return this.devices.clint;
  }
  get plic(): Plic {
    return this.devices.plic;
  }
  get fwCfg(): FwCfg {
    return this.devices.fwCfg;
  }
  get uart(): Uart {
    return this.devices.uart;
  }

  /** Whether `bytes` bytes at a guest-physical address are RAM. */
  isRam(address: bigint, bytes: number): boolean {
    return inRam(this.ram, address, bytes);
  }
  /**
   * Reads a device. Undefined, an access fault, where nothing is, and as on QEMU where the access is not aligned or
   * the register does not have this width.
   */
  read(address: bigint, width: Width): bigint | undefined {
    return this.devices.bus.read(address, width);
  }
  /** Writes a device; false, an access fault, where a read would find nothing. */
  write(address: bigint, width: Width, value: bigint): boolean {
    return this.devices.bus.write(address, width, value);
  }
  /** The same for at most four bytes as numbers; -1, or false, where the access must come by the other way. */
  readWord(address: number, width: WordWidth): number {
    return this.devices.bus.readWord(address, width);
  }
  writeWord(address: number, width: WordWidth, value: number): boolean {
    return this.devices.bus.writeWord(address, width, value);
  }
  /** Accesses that nothing answered. */
  get badAccesses(): number {
    return this.devices.bus.badAccesses;
  }
  /** What is on the bus, and where. */
  get slots(): readonly Slot[] {
    return this.devices.bus.slots;
  }

  /** Recomputes a hart's timer lines and when they change next; to be called after its stimecmp or menvcfg changed. */
  timersChanged(hart: number): void {
    driveTimers(this, hart);
  }
  /** Step of the next event; Infinity when there is none. */
  horizon(): number {
    return this.events.next();
  }
  /** Until when a run to this step may go on: the next event; now, where a hart has work, or there is an outcome. */
  runsUntil(step: number): number {
    if (this.outcome !== undefined || this.isRestarting || this.isAnyWoken()) return this.clock.now;
    return Math.min(step, this.horizon());
  }
  /** Handles all events that are due at `clock.now`. */
  advance(): void {
    for (let event = this.events.due(this.clock.now); event; event = this.events.due(this.clock.now)) {
      this.handle(event);
    }
  }

  private handle({ device, kind, payload }: Event): void {
    if (device === TIMERS) this.timersChanged(payload);
    else if (device === TYPIST) this.typist.type(payload);
    else this.devices.handle(device, kind, payload);
  }

  /** Whether a hart takes steps when its turn comes. */
  canRun(hart: number): boolean {
    return this.activity[hart] === 'running' || this.isWoken(hart);
  }
  /** Whether every hart is stopped: none is left to start another, and nothing else can. */
  isStopped(): boolean {
    return this.activity.every((activity) => activity === 'stopped');
  }
  /** Whether no other hart than this one takes steps now. */
  isAlone(hart: number): boolean {
    return this.activity.every((activity, other) => activity !== 'running' || other === hart);
  }
  /** Whether a hart that waited need not any longer. */
  private isAnyWoken(): boolean {
    for (let hart = 0; hart < this.harts.length; hart++) if (this.isWoken(hart)) return true;
    return false;
  }
  /** Ends the waits that are over, as soon as they are: what raises an interrupt at a hart that waits ends a run. */
  wakeHarts(): void {
    for (let hart = 0; hart < this.harts.length; hart++) if (this.isWoken(hart)) this.activity[hart] = 'running';
  }
  private isWoken(hart: number): boolean {
    const activity = this.activity[hart];
    if (activity === 'running' || activity === 'stopped') return false;
    const state = this.harts[hart];
    return state !== undefined && wouldWake(state);
  }

  /** The guest ends itself. The first end counts. */
  exit(code: number): void {
    this.outcome ??= { kind: 'exit', code };
  }

  /** The guest starts again, before the next instruction; unless it has ended. */
  restart(): void {
    this.isRestarting = true;
  }
  /**
   * Does so, if it was asked for: harts and devices are as after reset, RAM is zero, then as the loader left it. What
   * disks hold and what is typed stays, and so do the board's steps and the harts' counts of theirs; mtime is 0 again.
   * Called between instructions. @returns whether it was.
   */
  restartIfAsked(): boolean {
    if (!this.isRestarting) return false;
    this.isRestarting = false;
    this.restarts++;
    for (const { device, kind, payload } of this.events.pending()) {
      if (device !== TYPIST) this.events.cancel({ device, kind, payload });
    }
    for (const [hart, state] of this.harts.entries()) {
      state.resetAgain(hart, this.ram.base);
      this.timers[hart] = new HartTimers();
      this.activity[hart] = 'running';
    }
    this.ram.clear();
    this.clock.setTicks(0n);
    this.devices.uart.unplug();
    this.devices = new BoardDevices(this, this.models);
    this.onRestart();
    for (const hart of this.harts.keys()) this.timersChanged(hart);
    return true;
  }

  /** Writes mtime. Whoever runs a hart computes `time` from the clock as it was: its run ends here. */
  setTime(ticks: bigint): void {
    this.clock.setTicks(ticks);
    this.scheduler('clock').schedule(this.clock.now, 'mtime', 0);
  }
  /** Drives an interrupt wire into a hart. */
  setLine(hart: number, line: 'MSI' | 'MEI' | 'SEI', level: boolean): void {
    const state = this.harts[hart];
    if (state !== undefined) state.lines[line] = level ? 1n : 0n;
  }
  /** The events of one device. */
  scheduler(device: string): Scheduler {
    return {
      schedule: (step, kind, payload) => {
        if (step <= Number.MAX_SAFE_INTEGER) this.events.schedule({ step, device, kind, payload });
        else this.events.cancel({ device, kind, payload });
      },
      cancel: (kind, payload) => this.events.cancel({ device, kind, payload }),
    };
  }
}
