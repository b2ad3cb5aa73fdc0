// Where things are on the board: the physical addresses and interrupt numbers of QEMU's `virt` machine, so that a
// guest built for it runs here. One page on purpose: nothing else in the tree names an address of the board.
// Left out, and therefore not in the device tree: flash and PCI.

import type { GuestPhysical } from '../../isa/address.ts';

/** Windows of the devices' registers; their sizes are the devices' own. */
export const FINISHER_BASE = 0x10_0000n;
export const RTC_BASE = 0x10_1000n;
export const CLINT_BASE = 0x200_0000n;
export const PLIC_BASE = 0xc00_0000n;
export const UART_BASE = 0x1000_0000n;
/** The first of the slots for virtio devices; each has a page. */
export const VIRTIO_BASE = 0x1000_1000n;
export const VIRTIO_STRIDE = 0x1000n;
export const VIRTIO_SLOTS = 8;
export const FW_CFG_BASE = 0x1010_0000n;
/** Where RAM starts, and an image that is its own firmware. */
export const RAM_BASE = 0x8000_0000n as GuestPhysical;
/** Where a kernel starts that finds firmware, or the SBI, below it. */
export const KERNEL_BASE = 0x8020_0000n;

/** The most harts of a board. QEMU's has room for 512, and so do the windows of the CLINT and the PLIC here. */
export const MOST_HARTS = 64;

/** Interrupt numbers at the PLIC; virtio's is that of its first slot. */
export const VIRTIO_INTERRUPT = 1;
export const UART_INTERRUPT = 10;
export const RTC_INTERRUPT = 11;
/** The PLIC's sources are 1 up to this number. */
export const PLIC_SOURCES = 96;

/** What a device tree says of a window may be larger than what the device decodes, as on QEMU. */
export const UART_WINDOW_BYTES = 0x100;
export const RTC_WINDOW_BYTES = 0x1000;
export const FINISHER_WINDOW_BYTES = 0x1000;

/** The clock of the UART, which is all that its driver learns of baud rates, in Hz. */
export const UART_CLOCK_HERTZ = 3_686_400;
