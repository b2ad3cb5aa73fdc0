// The bus: which device answers at a physical address. An access that is not aligned, leaves a window, or has a width
// that the register lacks gets no answer, which the hart takes as an access fault, as on QEMU; these are counted.
// Left out: RAM, which harts reach without asking a bus.

import type { Access, Device, Width } from '../devices/device.ts';

export interface Slot {
  readonly base: bigint;
  readonly device: Device;
}

export class Bus {
  readonly slots: readonly Slot[];
  /** Accesses that nothing answered. */
  badAccesses = 0;

  constructor(slots: readonly Slot[]) {
    this.slots = slots;
  }

  get devices(): readonly Device[] {
    return this.slots.map(({ device }) => device);
  }

  read(address: bigint, width: Width): bigint | undefined {
    const slot = this.find(address, width, 'read');
    return slot?.device.read(Number(address - slot.base), width);
  }
  write(address: bigint, width: Width, value: bigint): boolean {
    const slot = this.find(address, width, 'write');
    slot?.device.write(Number(address - slot.base), width, BigInt.asUintN(width * BYTE_BITS, value));
    return slot !== undefined;
  }

  private find(address: bigint, width: Width, access: Access): Slot | undefined {
    const slot = this.slots.find(({ base, device }) => address >= base && address - base < device.size);
    if (slot !== undefined) {
      const offset = Number(address - slot.base);
      const isWhole = offset % width === 0 && offset + width <= slot.device.size;
      if (isWhole && slot.device.accepts(offset, width, access)) return slot;
    }
    this.badAccesses++;
    return undefined;
  }
}

const BYTE_BITS = 8;
