// One exit seen from inside the monitor: what the hardware reported, what the monitor found by looking, what it touched,
// and the real hart's state beside the virtual CPU's when it trapped and when it goes on. All of it is noted while the
// exit is handled; nothing is worked out afterwards from its reason alone.
// Left out: what the virtual CPU's words became, which the exit's explanation has.

import type { GuestVirtual } from '../../../isa/address.ts';
import { Cause, causeName } from '../../../isa/causes.ts';
import { inEach } from '../../../isa/language.ts';
import { WORD } from '../../../isa/layout.ts';
import type { Access, Width } from '../../../isa/vocabulary.ts';
import { explainExit } from '../../debug/explain-exit.ts';
import { type Walk, walk } from '../../debug/walk.ts';
import type { ShadowCounts } from '../../hypervisor/ledger.ts';
import type { ExitEvent } from '../../hypervisor/virtual-machine.ts';
import type { SystemGuest } from '../../session/system.ts';
import type { Fact, MonitorView, Pair } from '../protocol.ts';
import type { Recorder } from './recorder.ts';
import { ACCESS_FAULT, cause as causeTold, EXIT, inShadow, shadowEntry, TAKES, WALK } from './tellings.ts';

const REAL_HART = 0;
const MODES = ['U', 'S', '?', 'M'];
const hexadecimal = (value: bigint | number) => `0x${value.toString(16)}`;
/** What of the two states is put side by side: all that differs between them by design. */
const COMPARED = [
  'pc',
  'mode',
  'satp',
  'mstatus',
  'mie',
  'mip',
  'mtvec',
  'stvec',
  'medeleg',
  'mcause',
  'scause',
] as const;
const ACCESS_BY_CAUSE: Readonly<Record<number, Access>> = {
  [Cause.InstructionPageFault]: 'fetch',
  [Cause.LoadPageFault]: 'load',
  [Cause.StorePageFault]: 'store',
};

type Seen = Omit<MonitorView, 'guest' | 'stage'>;

export class MonitorTap {
  /** The exits since it began, in order. */
  readonly seen: Seen[] = [];
  private readonly guest: SystemGuest;
  private readonly recorder: Recorder;
  private shadow: ShadowCounts | undefined;
  private trapped: { readonly real: BigUint64Array; readonly walk: Walk | undefined } | undefined;
  private devices: Fact[] = [];

  constructor(guest: SystemGuest, recorder: Recorder) {
    this.guest = guest;
    this.recorder = recorder;
  }

  begin(): void {
    const { vm, board } = this.guest;
    this.recorder.onTrap = (cause, tval) => this.trap(cause, tval);
    this.recorder.onExit = (event) => this.exit(event);
    for (const cpu of vm?.cpus ?? []) {
      cpu.devices = {
        clock: board.clock,
        read: (address, width) => {
          const value = board.read(address, width);
          this.note('←', address, width, value);
          return value;
        },
        write: (address, width, value) => {
          const isTaken = board.write(address, width, value);
          this.note('→', address, width, isTaken ? value : undefined);
          return isTaken;
        },
      };
    }
  }
  end(): void {
    const { vm, board } = this.guest;
    this.recorder.onTrap = undefined;
    this.recorder.onExit = undefined;
    for (const cpu of vm?.cpus ?? []) cpu.devices = board;
  }

  private note(way: string, address: bigint, width: Width, value: bigint | undefined): void {
    const slot = this.guest.board.slots.find(
      ({ base, device }) => address >= base && address < base + BigInt(device.size),
    );
    const place =
      slot === undefined ? hexadecimal(address) : `${slot.device.name} + ${hexadecimal(address - slot.base)}`;
    this.devices.push({
      name: place,
      value: value === undefined ? ACCESS_FAULT : `${way} ${hexadecimal(value)} (${width})`,
    });
  }

  private trap(cause: bigint, tval: bigint): void {
    const { vm, hardware } = this.guest;
    this.devices = [];
    this.shadow = vm === undefined ? undefined : { ...vm.ledger.shadow };
    this.trapped = { real: hardware.state(REAL_HART).words.slice(), walk: this.walkOf(cause, tval) };
  }
  /** The walk of the guest's own tables that decides whose fault it is. */
  private walkOf(cause: bigint, tval: bigint): Walk | undefined {
    const access = ACCESS_BY_CAUSE[Number(cause)];
    const { board, interleaver, states } = this.guest;
    const words = states[interleaver.whoseTurn() ?? 0]?.words;
    if (access === undefined || words === undefined) return undefined;
    const memory = {
      contains: (at: bigint, bytes: number) => board.isRam(at, bytes),
      // The walk asks only for what is there, eight bytes at a time.
      read: (at: bigint, bytes: number) => board.ram.read(at as never, bytes as never),
    };
    return walk(words.slice(), memory, access, tval as GuestVirtual);
  }

  private exit(event: ExitEvent): void {
    const { vm, cpu, reason, before, cause, tval } = event;
    const { trapped, shadow, recorder } = this;
    const taped = recorder.tape.lastExit;
    if (trapped === undefined || shadow === undefined || taped?.exit === undefined) return;
    const { shadow: now } = vm.ledger;
    const touched = [
      ...this.devices,
      ...(Object.keys(now) as (keyof ShadowCounts)[]) // its own keys
        .filter((name) => now[name] !== shadow[name])
        .map((name) => ({ name: inShadow(name), value: `+${now[name] - shadow[name]}` })),
    ];
    if (reason === 'shadow-fill') {
      const leaf = vm.shadow.peek(cpu)?.look(tval);
      if (leaf !== undefined)
        touched.push({
          name: shadowEntry(hexadecimal(leaf.slot)),
          value: `${hexadecimal(leaf.bits)}: ${hexadecimal(tval)} → ${hexadecimal(leaf.physical)}`,
        });
    }
    const goesOn = !cpu.waiting && vm.board.outcome === undefined;
    const real = goesOn ? vm.entryOf(cpu).words : undefined;
    this.seen.push({
      serial: taped.serial,
      cpu: taped.cpu,
      explanation: explainExit(taped.exit),
      trapped:
        reason === 'interrupt'
          ? []
          : [
              { name: 'cause', value: inEach((language) => `${cause}: ${causeName(cause, language)}`) },
              { name: 'tval', value: hexadecimal(tval) },
              { name: 'pc', value: hexadecimal(before[WORD.pc] ?? 0n) },
            ],
      found: this.found(event, trapped.walk),
      walk: trapped.walk?.steps ?? [],
      touched,
      atTrap: pairs(before, trapped.real),
      atEntry: real === undefined ? [] : pairs(cpu.words, real),
    });
  }

  private found({ reason, before, cause }: ExitEvent, walked: Walk | undefined): Fact[] {
    const facts: Fact[] = [{ name: EXIT, value: reason }];
    if (reason === 'interrupt') {
      facts.push({ name: 'mip & mie', value: hexadecimal((before[WORD.mip] ?? 0n) & (before[WORD.mie] ?? 0n)) });
      facts.push({ name: TAKES, value: causeTold(cause) });
    }
    if (walked !== undefined) {
      const { result } = walked;
      facts.push({ name: WALK, value: 'fault' in result ? causeTold(result.fault) : hexadecimal(result.physical) });
    }
    return facts;
  }
}

function pairs(virtual: BigUint64Array, real: BigUint64Array): Pair[] {
  return COMPARED.map((name) => {
    const text = (words: BigUint64Array) => {
      const value = words[WORD[name]] ?? 0n;
      return name === 'mode' ? (MODES[Number(value)] ?? '') : hexadecimal(value);
    };
    return { name, virtual: text(virtual), real: text(real) };
  });
}
