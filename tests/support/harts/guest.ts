// Guests of several harts that start together in M-mode, share all memory and check themselves: what they have in common.
// They are run in all ways in tests/hypervisor/harts.test.ts, and on QEMU in tests/peers/harts.test.ts.

export interface HartGuest {
  /** A sentence that is true where the guest passes. */
  readonly name: string;
  /** With how many harts it is run. */
  readonly harts: readonly number[];
  /** What follows the common part. `HARTS` is how many there are, s0 the hart's number; `park` is where a hart may end. */
  readonly text: string;
  /** It counts steps, ticks or turns, or wants a reservation to be one: it cannot be asked of a machine of threads. */
  readonly isExact?: true;
}

const SHARED = `
        # Words that all harts share.
        .equ    locks, page0 + 64        # a lock, and the second word of one that draws tickets
        .equ    counter, page0 + 16
        .equ    met, page0 + 24
        .equ    flag, page0 + 32
        .equ    answers, page0 + 40

        # All harts wait here for one another. s7: how many have come here in all at the last meeting.
        .macro  meet
        la      t0, met
        li      t1, 1
        amoadd.d.aqrl zero, t1, (t0)
        addi    s7, s7, HARTS
95:     ld      t1, 0(t0)
        bltu    t1, s7, 95b
        fence   rw, rw
        .endm

        # Waits until the word at a label is at least a register.
        .macro  wait_for label, register
        la      t0, \\label
94:     ld      t1, 0(t0)
        bltu    t1, \\register, 94b
        fence   r, rw
        .endm

        # The interrupts that the hart enables and that are pending. QEMU's timers are, from reset on.
        .macro  pending register
        csrr    \\register, mip
        csrr    t6, mie
        and     \\register, \\register, t6
        .endm

        .macro  count label
        la      t0, \\label
        li      t1, 1
        amoadd.d.aqrl zero, t1, (t0)
        .endm

test:   csrr    s0, mhartid
        same    s0, a0                  # every hart starts here, with its number in a0
        li      s7, 0
`;
const PARK = `
park:   wfi
        j       park
`;

/** The guest's own assembly, behind the prelude of all guests. */
export const hartText = (harts: number, text: string): string =>
  `        .equ    HARTS, ${harts}\n${SHARED}\n${text}\n${PARK}`;
