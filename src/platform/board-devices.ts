// The devices of a board as they are after reset, on their bus, with the wires between them. When a guest starts again
// the board makes them anew, so nothing of their state can be forgotten. Left out, and kept over a reset: what is
// behind a device: the contents of disks, what is typed, and how far the entropy has come.

import type { PrivilegedState } from '../../isa/state.ts';
import { Clint } from '../devices/clint.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import type { Device, Scheduler } from '../devices/device.ts';
import { Finisher } from '../devices/finisher.ts';
import { FwCfg } from '../devices/fw-cfg.ts';
import { GoldfishRtc } from '../devices/goldfish-rtc.ts';
import { Plic } from '../devices/plic.ts';
import { Uart } from '../devices/uart.ts';
import { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import { deviceMemory } from './device-memory.ts';
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
import type { Ram } from './ram.ts';
import { type VirtioModels, type VirtioOptions, virtioSlots } from './virtio-slots.ts';

/** The PLIC has two contexts a hart: its M-mode, then its S-mode. */
const CONTEXTS_PER_HART = 2;

/** What devices need of their board. */
export interface Wires {
  readonly harts: readonly PrivilegedState[];
  readonly ram: Ram;
  readonly clock: Clock;
  readonly console: VirtioOptions['console'];
  setTime(ticks: bigint): void;
  setLine(hart: number, line: 'MSI' | 'MEI' | 'SEI', level: boolean): void;
  timersChanged(hart: number): void;
  scheduler(device: string): Scheduler;
  exit(code: number): void;
  restart(): void;
}

export class BoardDevices {
  readonly clint: Clint;
  readonly plic: Plic;
  readonly uart: Uart;
  readonly fwCfg: FwCfg;
  readonly bus: Bus;
  private readonly virtioConsole: VirtioModels['console'];
  private readonly byName: ReadonlyMap<string, Device>;

  constructor(board: Wires, models: VirtioModels) {
    const { clock, console, harts } = board;
    this.virtioConsole = models.console;
    this.clint = new Clint({
      harts: harts.length,
      time: { ticks: () => clock.ticks(), setTicks: (value) => board.setTime(value) },
      software: (hart, level) => board.setLine(hart, 'MSI', level),
      timerChanged: (hart) => board.timersChanged(hart),
    });
    this.plic = new Plic({
      sources: PLIC_SOURCES,
      edges: [UART_INTERRUPT],
      contexts: harts.length * CONTEXTS_PER_HART,
      output: (context, level) => {
        const line = context % CONTEXTS_PER_HART === 0 ? 'MEI' : 'SEI';
        board.setLine(Math.floor(context / CONTEXTS_PER_HART), line, level);
      },
    });
    this.uart = new Uart({
      interrupt: (level) => this.plic.setSource(UART_INTERRUPT, level),
      output: (byte) => console.output(byte),
      input: models.console === undefined ? console.input : new ConsoleInput(),
    });
    const rtc = new GoldfishRtc({
      now: () => clock.now,
      events: board.scheduler('rtc'),
      interrupt: (level) => this.plic.setSource(RTC_INTERRUPT, level),
    });
    const memory = deviceMemory(board.ram, harts);
    this.fwCfg = new FwCfg({
      harts: harts.length,
      files: CONFIG_FILES,
      now: () => clock.now,
      events: board.scheduler('fw-cfg'),
      memory,
    });
    this.bus = new Bus([
      {
        base: FINISHER_BASE,
        device: new Finisher({ exit: (code) => board.exit(code), restart: () => board.restart() }),
      },
      { base: RTC_BASE, device: rtc },
      { base: CLINT_BASE, device: this.clint },
      { base: PLIC_BASE, device: this.plic },
      { base: UART_BASE, device: this.uart },
      { base: FW_CFG_BASE, device: this.fwCfg },
      ...virtioSlots(models, {
        memory,
        now: () => clock.now,
        events: (device) => board.scheduler(device),
        interrupt: (number, level) => this.plic.setSource(number, level),
      }),
    ]);
    this.byName = new Map(this.bus.devices.map((device) => [device.name, device]));
  }

  /** A device's event is due. */
  handle(name: string, kind: string, payload: number): void {
    this.byName.get(name)?.handle?.(kind, payload);
  }
  /** A byte was typed. */
  inputArrived(): void {
    (this.virtioConsole ?? this.uart).inputArrived();
  }
}
