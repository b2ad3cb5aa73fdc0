// The board that one guest finds, bare or virtual: QEMU `virt`'s devices on a bus, the interrupt wires into the harts,
// time, the console, and how the run ended. Machine and monitor call it for each access outside RAM and at each event.
// Left out: RAM accesses of harts, which never come this way, and whether the harts are real.

import type { PrivilegedState } from '../../isa/state.ts';
import { Clint } from '../devices/clint.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import type { Scheduler, Width } from '../devices/device.ts';
import { Finisher } from '../devices/finisher.ts';
import { FwCfg } from '../devices/fw-cfg.ts';
import { GoldfishRtc } from '../devices/goldfish-rtc.ts';
import { Plic } from '../devices/plic.ts';
import { Uart } from '../devices/uart.ts';
import { ConsoleDevice } from '../devices/virtio/console.ts';
import type { DiskContents } from '../devices/virtio/disk-contents.ts';
import { Bus } from './bus.ts';
import { Clock } from './clock.ts';
import { deviceMemory } from './device-memory.ts';
import { EventQueue } from './events.ts';
import { CONFIG_FILES } from './firmware-config.ts';
import {
  CLINT_BASE,
  FINISHER_BASE,
  FW_CFG_BASE,
  PLIC_BASE,
  PLIC_SOURCES,
  RTC_BASE,
  RTC_INTERRUPT,
  UART_BASE,
  UART_INTERRUPT,
} from './memory-map.ts';
import type { Outcome } from './outcome.ts';
import { inRam, type Ram } from './ram.ts';
import { driveTimers, TIMERS } from './timers.ts';
import { type Keystroke, TYPIST, Typist } from './typist.ts';
import { virtioSlots } from './virtio-slots.ts';
import { wouldWake } from './wake.ts';

export interface BoardOptions {
  /** The state blocks of the harts that its interrupt wires lead to, hart 0 first. */
  readonly harts: readonly PrivilegedState[];
  readonly ram: Ram;
  readonly console: { readonly input: ConsoleInput; output(byte: number): void };
  /** What was typed live in an earlier run, typed again at the same steps. */
  readonly replay?: readonly Keystroke[];
  /** What its disks hold, the first slot's first. */
  readonly disks?: readonly DiskContents[] | undefined;
  /** Where typed bytes arrive: at the UART, or at a virtio console, which the board then has beside it. */
  readonly terminal?: Terminal | undefined;
  /** Of what the entropy device gives; 64 bits. */
  readonly seed?: bigint | undefined;
}

export type Terminal = 'uart' | 'virtio';

/**
 * `waiting`: in a WFI, until an interrupt that it enables is pending. `suspended`: likewise, by the SBI's HSM.
 * `stopped`: not started, by the HSM.
 */
export type HartActivity = 'running' | 'waiting' | 'suspended' | 'stopped';

/** The PLIC has two contexts a hart: its M-mode, then its S-mode. */
const CONTEXTS_PER_HART = 2;

export class Board {
  readonly clock = new Clock();
  readonly events = new EventQueue();
  readonly harts: readonly PrivilegedState[];
  readonly ram: Ram;
  readonly console: BoardOptions['console'];
  readonly activity: HartActivity[];
  /** Set when the guest ends itself; what runs it stops before the next instruction. */
  outcome: Outcome | undefined;
  /** What the host typed while the guest ran, by board step: the `replay` of another run. */
  readonly typed: Keystroke[] = [];

  readonly clint: Clint;
  readonly plic: Plic;
  readonly uart: Uart;
  readonly fwCfg: FwCfg;
  private readonly bus: Bus;
  /** Whoever has events of a name: the devices, and what is not on the bus. */
  private readonly handlers: ReadonlyMap<string, (kind: string, payload: number) => void>;

  constructor(options: BoardOptions) {
    const { harts, ram, console, replay = [], disks = [], terminal = 'uart', seed = 0n } = options;
    this.harts = harts;
    this.ram = ram;
    this.console = console;
    this.activity = harts.map(() => 'running');
    this.clint = new Clint({
      harts: harts.length,
      time: { ticks: () => this.clock.ticks(), setTicks: (value) => this.setTime(value) },
      software: (hart, level) => this.setLine(hart, 'MSI', level),
      timerChanged: (hart) => this.timersChanged(hart),
    });
    this.plic = new Plic({
      sources: PLIC_SOURCES,
      edges: [UART_INTERRUPT],
      contexts: harts.length * CONTEXTS_PER_HART,
      output: (context, level) =>
        this.setLine(Math.floor(context / CONTEXTS_PER_HART), context % CONTEXTS_PER_HART === 0 ? 'MEI' : 'SEI', level),
    });
    this.uart = new Uart({
      interrupt: (level) => this.plic.setSource(UART_INTERRUPT, level),
      output: (byte) => console.output(byte),
      input: terminal === 'uart' ? console.input : new ConsoleInput(),
    });
    const virtioConsole =
      terminal === 'virtio'
        ? new ConsoleDevice({ output: (byte) => console.output(byte), input: console.input })
        : undefined;
    const rtc = new GoldfishRtc({
      now: () => this.clock.now,
      events: this.scheduler('rtc'),
      interrupt: (level) => this.plic.setSource(RTC_INTERRUPT, level),
    });
    const memory = deviceMemory(ram, harts);
    this.fwCfg = new FwCfg({
      harts: harts.length,
      files: CONFIG_FILES,
      now: () => this.clock.now,
      events: this.scheduler('fw-cfg'),
      memory,
    });
    this.bus = new Bus([
      { base: FINISHER_BASE, device: new Finisher({ exit: (code) => this.exit(code) }) },
      { base: RTC_BASE, device: rtc },
      { base: CLINT_BASE, device: this.clint },
      { base: PLIC_BASE, device: this.plic },
      { base: UART_BASE, device: this.uart },
      { base: FW_CFG_BASE, device: this.fwCfg },
      ...virtioSlots({
        disks,
        console: virtioConsole,
        seed,
        memory,
        now: () => this.clock.now,
        events: (device) => this.scheduler(device),
        interrupt: (number, level) => this.plic.setSource(number, level),
      }),
    ]);
    const typist = new Typist(replay, console.input, this.scheduler(TYPIST));
    this.handlers = new Map([
      [TIMERS, (_kind, hart) => this.timersChanged(hart)],
      [TYPIST, (_kind, index) => typist.type(index)],
      ...this.bus.devices.map((device): [string, (kind: string, payload: number) => void] => [
        device.name,
        (kind, payload) => device.handle?.(kind, payload),
      ]),
    ]);
    console.input.onArrival = (byte) => {
      this.typed.push({ step: this.clock.now, byte });
      (virtioConsole ?? this.uart).inputArrived();
    };
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
    return this.bus.read(address, width);
  }
  /** Writes a device; false, an access fault, where a read would find nothing. */
  write(address: bigint, width: Width, value: bigint): boolean {
    return this.bus.write(address, width, value);
  }
  /** Accesses that nothing answered. */
  get badAccesses(): number {
    return this.bus.badAccesses;
  }

  /** Recomputes a hart's timer lines and when they change next; to be called after its stimecmp or menvcfg changed. */
  timersChanged(hart: number): void {
    driveTimers(this, hart);
  }
  /** Step of the next event; Infinity when there is none. */
  horizon(): number {
    return this.events.next();
  }
  /** Whether a run to this step must come back now: an event is due earlier, a hart has work, or there is an outcome. */
  needsAttention(step: number): boolean {
    return this.outcome !== undefined || this.horizon() < step || this.isAnyWoken();
  }
  /** Handles all events that are due at `clock.now`. */
  advance(): void {
    for (let event = this.events.due(this.clock.now); event; event = this.events.due(this.clock.now)) {
      this.handlers.get(event.device)?.(event.kind, event.payload);
    }
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
  isAnyWoken(): boolean {
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

  /** Writes mtime. Whoever runs a hart computes `time` from the clock as it was: its run ends here. */
  private setTime(ticks: bigint): void {
    this.clock.setTicks(ticks);
    this.scheduler('clock').schedule(this.clock.now, 'mtime', 0);
  }
  private setLine(hart: number, line: 'MSI' | 'MEI' | 'SEI', level: boolean): void {
    const state = this.harts[hart];
    if (state !== undefined) state.lines[line] = level ? 1n : 0n;
  }
  private scheduler(device: string): Scheduler {
    return {
      schedule: (step, kind, payload) => {
        if (step <= Number.MAX_SAFE_INTEGER) this.events.schedule({ step, device, kind, payload });
        else this.events.cancel({ device, kind, payload });
      },
      cancel: (kind, payload) => this.events.cancel({ device, kind, payload }),
    };
  }
}
