// The board's slots for virtio devices, at the addresses and interrupts of QEMU's virt board: disks from the first slot
// on, entropy in the last, before it a console if there is one, the rest empty.
// Left out: devices that come and go while the guest runs.

import type { ConsoleInput } from '../devices/console-input.ts';
import type { Scheduler } from '../devices/device.ts';
import { BlockDevice } from '../devices/virtio/block.ts';
import { ConsoleDevice } from '../devices/virtio/console.ts';
import type { DiskContents } from '../devices/virtio/disk-contents.ts';
import { EntropyDevice } from '../devices/virtio/entropy.ts';
import type { DeviceMemory } from '../devices/virtio/memory.ts';
import { VirtioMmio } from '../devices/virtio/mmio.ts';
import type { VirtioModel } from '../devices/virtio/model.ts';
import type { Slot } from './bus.ts';
import { VIRTIO_BASE, VIRTIO_INTERRUPT, VIRTIO_SLOTS, VIRTIO_STRIDE } from './memory-map.ts';

export interface VirtioOptions {
  /** The guest's console, which a virtio console may be a way to. */
  readonly console: { readonly input: ConsoleInput; output(byte: number): void };
  /** What its disks hold, the first slot's first. */
  readonly disks?: readonly DiskContents[] | undefined;
  /** Where typed bytes arrive: at the UART, or at a virtio console, which the board then has beside it. */
  readonly terminal?: Terminal | undefined;
  /** Of what the entropy device gives; 64 bits. */
  readonly seed?: bigint | undefined;
}

export type Terminal = 'uart' | 'virtio';

/** What there is of virtio devices, whatever state a driver has brought their slots into. */
export interface VirtioModels {
  readonly disks: readonly BlockDevice[];
  readonly console: ConsoleDevice | undefined;
  readonly entropy: EntropyDevice;
}

/** What the slots need of their board. */
export interface VirtioSurroundings {
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

export function virtioModels({ disks = [], terminal = 'uart', seed = 0n, console }: VirtioOptions): VirtioModels {
  const { input, output } = console;
  return {
    disks: disks.map((disk, index) => new BlockDevice(disk, `disk${index}`)),
    console: terminal === 'virtio' ? new ConsoleDevice({ output: (byte) => output(byte), input }) : undefined,
    entropy: new EntropyDevice(seed),
  };
}

/** The slots as they are after reset. */
export function virtioSlots({ disks, console, entropy }: VirtioModels, surroundings: VirtioSurroundings): Slot[] {
  const { memory, now, events, interrupt } = surroundings;
  const models: (VirtioModel | undefined)[] = [...disks];
  models[CONSOLE_SLOT] = console;
  models[ENTROPY_SLOT] = entropy;
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
