// The three kinds of address, as types that never mix: what a guest's program uses, what a guest's page tables
// yield, and what indexes the real (simulated) memory. All are unsigned 64-bit integers in a bigint.
// A bare machine has no guest-physical addresses of its own: there GuestPhysical and SystemPhysical coincide by a cast.

declare const space: unique symbol;

/** A virtual address as a program on the hart computes it. */
export type GuestVirtual = bigint & { readonly [space]: 'virtual' };
/** A physical address as the guest's board lays it out: RAM and devices. */
export type GuestPhysical = bigint & { readonly [space]: 'guest physical' };
/** An address of the simulated machine's own memory. */
export type SystemPhysical = bigint & { readonly [space]: 'system physical' };

export const PAGE_SHIFT = 12;
export const PAGE_BYTES = 4096;
