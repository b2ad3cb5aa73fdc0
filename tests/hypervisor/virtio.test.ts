// Guests that drive virtio devices: on every engine, bare and virtual, they find the same, at the same step. What a
// device writes is seen by all that derives from those bytes: translated code, page tables and their shadow, reservations.

import { expect, test } from 'vitest';
import { verify } from '../../src/session/verify.ts';
import { assembleGuest, runCase, start } from '../support/assembly.ts';
import { sidesOf, WAYS } from '../support/engines.ts';
import { runSteps } from '../support/guests.ts';
import { VIRTIO_MACROS } from '../support/virtio-guest.ts';

const SECTOR = 512;
const guest = (text: string) => `${VIRTIO_MACROS}\n${text}`;

/** A sector of doublewords. */
function sector(words: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(SECTOR);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of words.entries()) view.setBigUint64(i * 8, word, true);
  return bytes;
}

test.each(['m', 's'] as const)('a guest in %s-mode shows what is typed at its virtio console, until Ctrl-D', (mode) => {
  runCase(
    guest(`
test:   li      s0, CONSOLE
        lw      t0, 8(s0)
        check   t0, 3
        drive   2
1:      describe 0, 0, DATA, 3, WRITE
        submit  0, 0
        settle  0
        mv      s1, t3                  # how much was typed
        li      t1, QUEUES + QUEUE_BYTES
        describe 1, 0, DATA, 0, 0
        sw      s1, 8(t1)
        submit  1, 0
        settle  1
        check   t3, 0
        li      t0, DATA - 1
        add     t0, t0, s1
        lbu     t0, 0(t0)
        li      t1, 4
        bne     t0, t1, 1b
        pass
`),
    { mode, terminal: 'virtio', input: 'typed text', console: 'typed text\x04', endOnly: true },
  );
});

const READS_ENTROPY = guest(`
test:   li      s0, ENTROPY
        lw      t0, 8(s0)
        check   t0, 4
        drive
        describe 0, 0, DATA, 24, WRITE
        submit  0, 0
        settle  0
        check   t3, 24
        li      t1, DATA
        ld      a0, 0(t1)
        ld      a1, 8(t1)
        ld      a2, 16(t1)
        pass
`);

test('a guest gets the same entropy in every way', () => {
  runCase(READS_ENTROPY, { seed: 7n });
});

test('a run repeats for a seed, and only for the same', () => {
  const digestOf = (seed: bigint) => {
    const run = start({ engine: 'auto', kind: 'virtual' }, { seed, bytes: assembleGuest(READS_ENTROPY) });
    runSteps(run.system, 10_000);
    expect(run.guest.board.outcome).toEqual({ kind: 'exit', code: 0 });
    return run.guest.digest();
  };
  expect(digestOf(1n)).toBe(digestOf(1n));
  expect(digestOf(1n)).not.toBe(digestOf(2n));
});

test('a disk interrupts a waiting guest through the PLIC, as a level that lasts until it is acknowledged', () => {
  runCase(
    guest(`
        .equ    CLAIM, PLIC + 0x200004
test:   li      s0, DISK
        li      s1, PLIC
        li      t0, 1
        sw      t0, 4(s1)               # priority of source 1
        li      t1, PLIC + 0x2000
        li      t0, 2
        sw      t0, 0(t1)               # enabled for M-mode of hart 0
        li      t0, 1 << 11
        csrw    mie, t0
        drive
        disk_request 0, 0, DATA + 512, WRITE
        wfi
        li      s2, CLAIM
        lw      t0, 0(s2)
        check   t0, 1
        lw      t0, INTERRUPT_STATUS(s0)
        check   t0, 1
        sw      t0, 0(s2)               # completed, but not acknowledged: here it is again
        li      t0, 1
        sw      t0, 0(s2)
        lw      t0, 0(s2)
        check   t0, 1
        put     INTERRUPT_ACK, 1
        li      t0, 1
        sw      t0, 0(s2)
        lw      t0, 0(s2)
        check   t0, 0
        li      t1, DATA
        lbu     t0, 16(t1)
        check   t0, 0
        ld      t0, 512(t1)
        check   t0, 0x1122334455667788
        pass
`),
    { disks: [sector([0x1122334455667788n])] },
  );
});

test('a disk overwrites hot code, which is new code at once', () => {
  // li a0, 2; ret
  const code = sector([0x0000_8067_0020_0513n]);
  runCase(
    guest(`
test:   li      s0, DISK
        drive
        la      s1, hot
        li      t0, 0x0000806700100513  # li a0, 1; ret
        sd      t0, 0(s1)
        fence.i
        li      s2, 3000
        li      s3, 0
1:      jalr    s1
        add     s3, s3, a0
        addi    s2, s2, -1
        bnez    s2, 1b
        check   s3, 3000
        disk_request 0, 0, RAM + 0x20000, WRITE
        li      s3, 0                   # goes on calling while the request is under way
2:      jalr    s1
        addi    s3, s3, 1
        li      t0, 2
        bne     a0, t0, 2b
        li      t0, 100
        sltu    t0, t0, s3
        check   t0, 1
        settle  0
        li      s2, 3000
        li      s3, 0
3:      jalr    s1
        add     s3, s3, a0
        addi    s2, s2, -1
        bnez    s2, 3b
        check   s3, 6000
        pass
        .org    0x20000
hot:    .zero   512
`),
    { disks: [code], endOnly: true },
  );
});

/** Entries of the window that tests have at virtual address 0: page 1 is the second of their pages, 5 the disk. */
const PTE_RW = 0xc7n;
const entry = (address: bigint) => (address >> 2n) | PTE_RW;
const RAM = 0x8000_0000n;
const LEAVES = sector([0n, entry(RAM + 6n * 4096n), 0n, 0n, 0n, entry(0x1000_1000n)]);

test.each(['m', 's'] as const)(
  'a disk overwrites page tables in use: translations are the new ones at once (%s)',
  (mode) => {
    const body = `
        map     1, page1, PTE_RW
        li      t0, (0x10001000 >> 2) | PTE_RW
        la      t1, leaves
        sd      t0, 40(t1)
        translate
        li      s0, 5 * PAGE
        li      s1, PAGE
        li      s2, 3000
1:      ld      t0, 0(s1)
        addi    s2, s2, -1
        bnez    s2, 1b
        check   t0, 0x1001
        drive
        disk_request 0, 0, LEAVES, WRITE
        li      s3, 0x1002
2:      ld      t0, 0(s1)
        bne     t0, s3, 2b
        settle  0
        ld      t0, 0(s1)
        check   t0, 0x1002
        sd      s3, 8(s1)
        la      t0, page2
        ld      t0, 8(t0)
        check   t0, 0x1002
`;
    // A check that fails in S-mode cannot reach the finisher, but traps.
    const own = `test: try S, super\n check s8, ECALL_S\n pass\nsuper: ${body}\n ecall`;
    const text = mode === 'm' ? own : `test: ${body}\n csrw satp, zero\n pass`;
    runCase(guest(text), { mode, disks: [LEAVES], endOnly: true });
  },
);

test('a reservation that a disk writes over is gone; one beside it is not', () => {
  runCase(
    guest(`
test:   li      s0, DISK
        drive
        li      s1, DATA + 512
        disk_request 0, 0, DATA + 512, WRITE
        lr.d    t0, (s1)
        settle  0
        sc.d    t0, zero, (s1)
        check   t0, 1
        ld      t0, 0(s1)
        check   t0, 77
        li      s1, DATA + 1024
        disk_request 0, 0, DATA + 512, WRITE
        lr.d    t0, (s1)
        settle  0
        sc.d    t0, zero, (s1)
        check   t0, 0
        pass
`),
    { disks: [sector([77n])], endOnly: true },
  );
});

test('a disk as fast as it goes, from a hart among others: all ways agree at every distance', () => {
  const text = guest(`
test:   li      t6, 1
        bgeu    a0, t6, 3f
        li      s0, DISK
        drive
        li      s4, 6
1:      disk_request 1, 1, RAM, 0
        settle  0
        disk_request 0, 1, RAM + 0x80000, WRITE
        settle  0
        addi    s4, s4, -1
        bnez    s4, 1b
        pass
3:      li      t0, DATA + 0x2000
4:      amoadd.d t1, t6, (t0)
        j       4b
`);
  const disk = new Uint8Array(4 * SECTOR);
  const several = { harts: 3, turnSteps: 700, disks: [disk], bytes: assembleGuest(text) };
  expect(verify(sidesOf(several), 1_000_000)).toMatchObject({ agrees: true, ended: true });
  expect(WAYS.length).toBeGreaterThan(2);
});
