// A device's way to a board's memory: within RAM, and seen by all that derives from its bytes.
// A reservation that the bytes belong to ends, so that no store-conditional misses them.
// Left out: an IOMMU.

import { NO_RESERVATION } from '../../isa/layout.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { DeviceMemory } from '../devices/virtio/memory.ts';
import { inRam, type Ram } from './ram.ts';

/** A reservation is of at most a doubleword. */
const RESERVED_BYTES = 8n;

export function deviceMemory(ram: Ram, harts: readonly PrivilegedState[]): DeviceMemory {
  return {
    contains: (address, bytes) => inRam(ram, address, bytes),
    read: (address, bytes) => ram.copyOut(address, bytes),
    write: (address, data) => {
      for (const state of harts) {
        const { reservation } = state;
        const isTouched = reservation < address + BigInt(data.length) && reservation + RESERVED_BYTES > address;
        if (isTouched) state.reservation = NO_RESERVATION;
      }
      ram.copyIn(address, data);
    },
  };
}
