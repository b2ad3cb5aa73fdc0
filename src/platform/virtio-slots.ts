// The board's slots for virtio devices, at the addresses and interrupts of QEMU's virt board: disks from the first slot
// on, entropy in the last, before it a console if there is one, the rest empty.
// Left out: devices that come and go while the guest runs.

import type { Scheduler } from '../devices/device.ts';
import { BlockDevice } from '../devices/virtio/block.ts';
import type { ConsoleDevice } from '../devices/virtio/console.ts';
import type { DiskContents } from '../devices/virtio/disk-contents.ts';
import { EntropyDevice } from '../devices/virtio/entropy.ts';
import type { DeviceMemory } from '../devices/virtio/memory.ts';
import { VirtioMmio } from '../devices/virtio/mmio.ts';
import type { VirtioModel } from '../devices/virtio/model.ts';
import type { Slot } from './bus.ts';
import { VIRTIO_BASE, VIRTIO_INTERRUPT, VIRTIO_SLOTS, VIRTIO_STRIDE } from './memory-map.ts';

export interface VirtioOptions {
  readonly disks: readonly DiskContents[];
  readonly console: ConsoleDevice | undefined;
  /** Of what the entropy device gives. */
  readonly seed: bigint;
  readonly memory: DeviceMemory;
  readonly now: () => number;
  readonly events: (device: string) => Scheduler;
  readonly interrupt: (number: number, level: boolean) => void;
}

/** The slots behind these are kept for other devices. */
export const MOST_DISKS = 6;

const nameOf = (slot: number) => `virtio${slot}`;

const CONSOLE_SLOT = 6;
const ENTROPY_SLOT = 7;

export function virtioSlots(options: VirtioOptions): Slot[] {
  const { disks, console, seed, memory, now, events, interrupt } = options;
  const models: (VirtioModel | undefined)[] = disks.map((disk, index) => new BlockDevice(disk, `disk${index}`));
  models[CONSOLE_SLOT] = console;
  models[ENTROPY_SLOT] = new EntropyDevice(seed);
  return Array.from({ length: VIRTIO_SLOTS }, (_, slot) => {
    const name = nameOf(slot);
    const device = new VirtioMmio(name, models[slot], {
      now,
      events: events(name),
      interrupt: (level) => interrupt(VIRTIO_INTERRUPT + slot, level),
      memory,
    });
    return { base: VIRTIO_BASE + BigInt(slot) * VIRTIO_STRIDE, device };
  });
}
