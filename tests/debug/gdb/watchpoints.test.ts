// Watchpoints see whoever writes: harts with accesses of any width, disks by DMA, the SBI, and walks that mark page-table
// entries; by virtual and by guest-physical address; forward, where they stop before the write, and back, behind it.

import { describe, expect, test } from 'vitest';
import { assembleGuest } from '../../support/assembly.ts';
import { KINDS, systemOf } from '../../support/engines.ts';
import { specOf, type TestGuest } from '../../support/guests.ts';
import { VIRTIO_MACROS } from '../../support/virtio-guest.ts';
import { Client } from './client.ts';

const SECTOR = new Uint8Array(512).fill(0x5a);
/** Where VIRTIO_MACROS and these guests have their data. */
const DATA = 0x8006_0000n;
const hex = (value: bigint) => value.toString(16);

/** Reads a sector to DATA + 512 and waits for it: asleep, or awake. */
const disk = (wait: string): TestGuest => ({
  disks: [SECTOR],
  bytes: assembleGuest(`${VIRTIO_MACROS}
test:   li      s0, DISK
        li      s1, PLIC
        li      t0, 1
        sw      t0, 4(s1)
        li      t1, PLIC + 0x2000
        li      t0, 2
        sw      t0, 0(t1)
        li      t0, 1 << 11
        csrw    mie, t0
        drive
        disk_request 0, 0, DATA + 512, WRITE
        ${wait}
        pass
`),
});
const ASLEEP = disk('wfi');
const AWAKE = disk('settle 0');

const clientOf = (guest: TestGuest, kind: 'bare' | 'virtual') =>
  new Client(systemOf(specOf(guest), { engine: 'auto', kind }));
const read = (client: Client, address: bigint, bytes: number) => client.ask(`m${hex(address)},${bytes}`);
/** What GDB does where a watchpoint stops: it takes it away, steps, and puts it back. */
function stepOver(client: Client, point: string, way = 's'): void {
  client.ask(`z${point}`);
  client.ask(way);
  client.ask(`Z${point}`);
}

describe.each(KINDS)('%s', (kind) => {
  test.each([
    ['asleep', ASLEEP],
    ['awake', AWAKE],
  ])('what a disk writes is seen by a guest that waits for it %s, forward and back', (_how, guest) => {
    const client = clientOf(guest, kind);
    const place = DATA + 512n;
    const point = `2,${hex(place)},4`;
    client.ask(`Z${point}`);
    expect(client.ask('c')).toBe(`T05thread:1;watch:${hex(place)};`);
    expect(read(client, place, 4)).toBe('00000000');
    const { pc } = client;
    stepOver(client, point);
    expect(read(client, place, 4)).toBe('5a5a5a5a');
    client.ask('s');
    client.ask('s');
    expect(client.ask('bc')).toBe(`T05thread:1;watch:${hex(place)};`);
    expect(read(client, place, 4)).toBe('5a5a5a5a');
    stepOver(client, point, 'bs');
    expect(read(client, place, 4)).toBe('00000000');
    client.ask('bs');
    expect(client.ask('c')).toBe(`T05thread:1;watch:${hex(place)};`);
    expect(client.pc).toBe(pc);
    expect(client.ask('c')).toBe('W00');
  });

  test('one who stopped behind idle time, at a breakpoint, goes back to what was written in it', () => {
    const client = clientOf(ASLEEP, kind);
    const place = DATA + 512n;
    client.ask(`Z2,${hex(place)},4`);
    client.ask('c');
    const { pc } = client;
    client.ask(`z2,${hex(place)},4`);
    client.ask('bs');
    client.ask(`Z0,${hex(pc)},4`);
    expect(client.ask('c')).toBe('T05thread:1;');
    expect(read(client, place, 4)).toBe('5a5a5a5a');
    client.ask(`z0,${hex(pc)},4`);
    client.ask(`Z2,${hex(place)},4`);
    expect(client.ask('bc')).toBe(`T05thread:1;watch:${hex(place)};`);
    expect(client.pc).toBe(pc);
    stepOver(client, `2,${hex(place)},4`, 'bs');
    expect(read(client, place, 4)).toBe('00000000');
  });

  test('one who only goes on is told of a write once', () => {
    const client = clientOf(ASLEEP, kind);
    client.ask(`Z2,${hex(DATA + 512n)},200`);
    expect(client.ask('c')).toContain('watch');
    expect(client.ask('c')).toBe('W00');
  });

  test('what the SBI writes for a call is seen', () => {
    const bytes = assembleGuest(
      `
test:   li      a0, 1
        li      a1, RAM + 0x60000
        li      a2, 0
        li      a6, 1
        li      a7, 0x4442434e
        ecall
        beqz    a1, test
        pass
`,
      's',
    );
    const client = clientOf({ bytes, mode: 's', input: 'x' }, kind);
    client.ask(`Z2,${hex(DATA)},1`);
    expect(client.ask('c')).toBe(`T05thread:1;watch:${hex(DATA)};`);
    expect(read(client, DATA, 1)).toBe('00');
    client.ask('s');
    expect(read(client, DATA, 1)).toBe('78');
  });

  test('a walk that marks an entry is seen, and a store through another address by its physical one', () => {
    const bytes = assembleGuest(`
        .equ    HIGH, 1 << 30
test:   la      t0, tables
        srli    t0, t0, 12
        li      t1, 8 << 60
        or      t0, t0, t1
        csrw    satp, t0
        li      t0, 1 << 61             # ADUE
        csrw    menvcfg, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        li      t0, MSTATUS_MPRV | (S << 11)
        csrs    mstatus, t0
        li      t0, HIGH + 0x60000
        li      t1, 7
        csrwi   pmpcfg0, 0x1f
        li      t2, -1
        csrw    pmpaddr0, t2
        sw      t1, 4(t0)
        li      t0, MSTATUS_MPRV
        csrc    mstatus, t0
        pass
        .balign 4096
tables: .dword  0
entry:  .dword  (RAM >> 12 << 10) | PTE_V | PTE_R | PTE_W
        .dword  (RAM >> 12 << 10) | PTE_RWX
        .zero   4096 - 24
`);
    const client = clientOf({ bytes }, kind);
    const entry = 0x8000_0000n + BigInt(bytes.length) - 4096n + 8n;
    client.ask('Qqemu.PhyMemMode:1');
    client.ask(`Z2,${hex(entry)},8`);
    client.ask(`Z4,${hex(DATA + 6n)},3`);
    expect(client.ask('c')).toMatch(/^T05thread:1;a?watch:/);
    const stopped = client.pc;
    const before = read(client, entry, 1);
    client.ask(`z2,${hex(entry)},8`);
    client.ask('s');
    expect(read(client, entry, 1)).not.toBe(before);
    expect(read(client, DATA + 4n, 4)).toBe('07000000');
    expect(client.ask('bc')).toBe(`T05thread:1;awatch:${hex(DATA + 6n)};`);
    client.ask('bs');
    expect(client.pc).toBe(stopped);
    client.ask(`z4,${hex(DATA + 6n)},3`);
    client.ask('Qqemu.PhyMemMode:0');
    client.ask(`Z3,${hex(DATA + 6n)},3`);
    expect(client.ask('c')).toBe('W00');
  });

  test.each([
    ['the last byte of a word', 'sw t1, 0(t0)', 3n, 1, true],
    ['the byte behind it', 'sw t1, 0(t0)', 4n, 1, false],
    ['a range that begins below a store and ends in it', 'sb t1, 0(t0)', -5n, 6, true],
    ['a range that ends below', 'sb t1, 0(t0)', -5n, 5, false],
    ['a word over the end of a page', 'sd t1, -4(t2)', 4092n, 8, true],
    ['a block of a cache', 'cbo.zero (t0)', 63n, 1, true],
    ['a store-conditional without a reservation', 'sc.w t3, t1, (t0)', 0n, 4, false],
    ['a load', 'lh t1, 0(t0)', 0n, 2, false],
    ['an AMO', 'amoadd.d t1, t1, (t0)', 7n, 1, true],
  ])('%s: %s at %i, %i bytes: %s', (_name, store, offset, bytes, isSeen) => {
    const guest = {
      bytes: assembleGuest(`
test:   li      t0, RAM + 0x60000
        li      t2, RAM + 0x61000
        li      t1, 0x77
        sb      t1, 63(t0)
        nop                             # who goes on is not told of the very first step
        ${store}
        pass
`),
    };
    const client = clientOf(guest, kind);
    const point = `2,${hex(DATA + offset)},${bytes}`;
    // The store that makes a byte worth zeroing is not the one that is asked about.
    for (let steps = 0; read(client, DATA + 63n, 1) === '00' && steps < 40; steps++) client.ask('s');
    client.ask(`Z${point}`);
    expect(client.ask('c')).toBe(isSeen ? `T05thread:1;watch:${hex(DATA + offset)};` : 'W00');
  });
});

test('a watchpoint of no bytes is an error, and one of all memory stops at what harts write', () => {
  const client = clientOf(AWAKE, 'bare');
  expect(client.ask('Z2,80000000,0')).toBe('E16');
  expect(client.ask('Z2,0,ffffffffffffffff')).toBe('OK');
  expect(client.ask('c')).toBe('T05thread:1;watch:0;');
});
