// A guest's RAM: one contiguous reservation of the machine's, so that guest-physical and real addresses differ by a
// constant. The board's DMA, image loading and the monitor's own emulation all come through here, so that a store to
// a page table that the shadow derives from is seen whoever makes it.

import { type GuestPhysical, PAGE_BYTES, type SystemPhysical } from '../../isa/address.ts';
import type { Width } from '../../isa/vocabulary.ts';
import type { Hardware } from '../machine/hardware.ts';
import type { Ram } from '../platform/ram.ts';

export class GuestRam implements Ram {
  readonly base: GuestPhysical;
  readonly bytes: number;
  private readonly hardware: Hardware;
  /** What is added to a guest-physical address to make it real. */
  readonly offset: bigint;
  /** Called with a range of guest-physical addresses before it is written. */
  onWrite: (address: GuestPhysical, bytes: number) => void = () => {};
  /** Called when all of it is cleared: a guest starts anew. */
  onClear: () => void = () => {};

  constructor(hardware: Hardware, base: GuestPhysical, bytes: number, at: SystemPhysical) {
    this.hardware = hardware;
    this.base = base;
    this.bytes = bytes;
    this.offset = at - base;
  }

  contains(address: GuestPhysical, bytes: number): boolean {
    return address >= this.base && address + BigInt(bytes) <= this.base + BigInt(this.bytes);
  }
  /** The real address of a guest-physical one within this RAM. */
  real(address: GuestPhysical): SystemPhysical {
    return (address + this.offset) as SystemPhysical;
  }

  read(address: GuestPhysical, width: Width): bigint {
    return this.hardware.read(this.real(address), width);
  }
  write(address: GuestPhysical, width: Width, value: bigint): void {
    this.onWrite(address, width);
    this.hardware.write(this.real(address), width, value);
  }
  /** Sets the accessed and dirty bits of a page-table entry: nothing derived from it becomes wrong. */
  writeAccessedDirty(address: GuestPhysical, value: bigint): void {
    this.hardware.write(this.real(address), 8, value);
  }
  copyIn(address: GuestPhysical, data: Uint8Array): void {
    this.onWrite(address, data.length);
    this.hardware.copyIn(this.real(address), data);
  }
  copyOut(address: GuestPhysical, bytes: number): Uint8Array {
    return this.hardware.copyOut(this.real(address), bytes);
  }
  clear(): void {
    this.onClear();
    for (const frame of this.frames()) {
      const address = (this.base + BigInt(frame * PAGE_BYTES)) as GuestPhysical;
      this.onWrite(address, PAGE_BYTES);
      this.hardware.zero(this.real(address), PAGE_BYTES);
    }
  }
  digest(): number {
    return this.hardware.digest(this.real(this.base), this.bytes);
  }
  frames(): readonly number[] {
    return this.hardware.frames(this.real(this.base), this.bytes);
  }
}
