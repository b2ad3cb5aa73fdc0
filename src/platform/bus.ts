// The bus: which device answers at a physical address. An access that is not aligned, leaves a window, or has a width
// that the register lacks gets no answer, which the hart takes as an access fault, as on QEMU; these are counted.
// Left out: RAM, which harts reach without asking a bus.

import type { Access, Device, Width, WordWidth } from '../devices/device.ts';

export interface Slot {
  readonly base: bigint;
  readonly device: Device;
}

/** A slot with its addresses as numbers. */
interface Place {
  readonly slot: Slot;
  readonly device: Device;
  readonly start: number;
  readonly end: number;
}

/** No device has answered with a number. */
const NO_WORD = -1;

export class Bus {
  readonly slots: readonly Slot[];
  private readonly places: readonly Place[];
  private last: Place;
  /** Accesses that nothing answered. */
  badAccesses = 0;

  constructor(slots: readonly Slot[]) {
    this.slots = slots;
    this.places = slots.map((slot) => {
      const start = Number(slot.base);
      return { slot, device: slot.device, start, end: start + slot.device.size };
    });
    this.last = this.places[0] as Place; // a board has devices
  }

  get devices(): readonly Device[] {
    return this.slots.map(({ device }) => device);
  }

  /** A read whose value is a number; NO_WORD where the other way is to be asked: no such answer, or none at all. */
  readWord(address: number, width: WordWidth): number {
    const place = this.placeOf(address, width, 'read');
    return place?.device.readWord?.(address - place.start, width) ?? NO_WORD;
  }
  /** A write of a number, of which as many bytes count; false where the other way is to be asked. */
  writeWord(address: number, width: WordWidth, value: number): boolean {
    const place = this.placeOf(address, width, 'write');
    if (place?.device.writeWord === undefined) return false;
    place.device.writeWord(address - place.start, width, value);
    return true;
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
    // What is too large for a number of its own is too large for a device.
    const slot = this.placeOf(Number(address), width, access)?.slot;
    if (slot === undefined) this.badAccesses++;
    return slot;
  }

  /** The device that answers an access. Accesses come in runs to one device, so the last one is asked first. */
  private placeOf(address: number, width: Width, access: Access): Place | undefined {
    let place = this.last;
    if (address < place.start || address >= place.end) {
      const found = this.places.find(({ start, end }) => address >= start && address < end);
      if (found === undefined) return undefined;
      place = found;
      this.last = found;
    }
    const offset = address - place.start;
    const isWhole = offset % width === 0 && address + width <= place.end;
    return isWhole && place.device.accepts(offset, width, access) ? place : undefined;
  }
}

const BYTE_BITS = 8;
