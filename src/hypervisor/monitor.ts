// The monitor: owns the real machine, gives each virtual machine its share of memory, and sets the real state that
// never changes: one PMP entry that opens all memory to U-mode, no delegation, no counters. Everything else that the
// real hart holds is made from a virtual CPU at each entry.

import type { SystemPhysical } from '../../isa/address.ts';
import { Mode } from '../../isa/layout.ts';
import { DEFAULT_ENGINE, type Engine, Hardware } from '../machine/hardware.ts';
import type { Board } from '../platform/board.ts';
import { RAM_BASE } from '../platform/memory-map.ts';
import { GuestRam } from './guest-ram.ts';
import type { Discipline } from './shadow/discipline.ts';
import type { VirtualCpu } from './virtual-cpu.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** What a virtual machine is made of. */
export interface GuestOptions {
  readonly name: string;
  readonly ramBytes: number;
  readonly cpus?: number;
  /** Who answers calls from virtual S: the guest's own M-mode software, or the platform's SBI. */
  readonly firmware: VirtualMachine['firmware'];
  readonly board: (cpus: readonly VirtualCpu[], ram: GuestRam) => Board;
}

/** Enough to map some thousand pages in each of a dozen contexts. */
const SHADOW_BYTES = 4 * 1024 * 1024;
/** Guests start at a boundary of this, so that their superpages stay whole. */
const SUPERPAGE_BYTES = 2 * 1024 * 1024;
const HART = 0;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;
/** NAPOT, read, write and execute; an address of all ones is the whole of memory. */
const OPEN = 0x1fn;
const EVERYWHERE = (1n << 54n) - 1n;

export class Monitor {
  readonly hardware: Hardware;
  readonly machines: readonly VirtualMachine[];

  constructor(guests: readonly GuestOptions[], engine: Engine = DEFAULT_ENGINE, discipline?: Discipline) {
    const ramBytes = Monitor.bytesFor(guests.map((guest) => guest.ramBytes));
    this.hardware = new Hardware({ ramBytes, engine, machineTraps: 'leave' });
    this.openMemory();
    let at: bigint = this.hardware.ramBase;
    this.machines = guests.map((guest) => {
      const ram = new GuestRam(this.hardware, RAM_BASE, guest.ramBytes, at as SystemPhysical);
      at += BigInt(roundUp(guest.ramBytes));
      const shadow = { at: at as SystemPhysical, bytes: SHADOW_BYTES };
      at += BigInt(SHADOW_BYTES);
      const board = (cpus: readonly VirtualCpu[]) => guest.board(cpus, ram);
      const { name, cpus = 1, firmware } = guest;
      return new VirtualMachine({ name, hardware: this.hardware, ram, cpus, firmware, shadow, board, discipline });
    });
  }

  /** How much real memory virtual machines with so much RAM each take, their shadow page tables included. */
  static bytesFor(ramBytes: readonly number[]): number {
    return ramBytes.reduce((sum, bytes) => sum + roundUp(bytes) + SHADOW_BYTES, 0);
  }

  /** How many state blocks of the real machine virtual machines with so many CPUs each take, its own hart's included. */
  static blocksFor(cpus: readonly number[]): number {
    return cpus.reduce((sum, count) => sum + count, 1);
  }

  private openMemory(): void {
    this.hardware.writeCsr(HART, PMPADDR0, EVERYWHERE);
    this.hardware.writeCsr(HART, PMPCFG0, OPEN);
    this.hardware.state(HART).mode = BigInt(Mode.U);
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SUPERPAGE_BYTES) * SUPERPAGE_BYTES;
}
