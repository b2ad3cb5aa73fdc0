// Frames of the machine's memory for shadow page tables: a fixed reserve, so that a guest which makes any number of
// address spaces costs a bounded amount. When it is empty, whoever asks evicts something and asks again.

import { PAGE_BYTES, type SystemPhysical } from '../../../isa/address.ts';
import type { Hardware } from '../../machine/hardware.ts';

export class FramePool {
  private readonly hardware: Hardware;
  private readonly free: SystemPhysical[] = [];

  /** @param at first byte of `bytes` bytes of the machine's memory, in whole frames. */
  constructor(hardware: Hardware, at: SystemPhysical, bytes: number) {
    this.hardware = hardware;
    for (let offset = bytes - PAGE_BYTES; offset >= 0; offset -= PAGE_BYTES) {
      this.free.push((at + BigInt(offset)) as SystemPhysical);
    }
  }

  /** A frame of zeros, or undefined when there is none left. */
  take(): SystemPhysical | undefined {
    return this.free.pop();
  }
  /** Takes a frame back and clears it, which also drops what the hardware derived from it. */
  give(frame: SystemPhysical): void {
    this.hardware.zero(frame, PAGE_BYTES);
    this.free.push(frame);
  }
}
