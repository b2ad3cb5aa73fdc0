// Mistakes of a translator, planted one at a time: each makes some way of running a guest differ from the reference.
// Left out: mistakes in the core's own functions, which are compiled once; those in what surrounds it tell as much.

import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/machine/engine.ts';
import { SCRATCH } from '../../src/machine/memory-map.ts';
import { RunBus } from '../../src/machine/run-bus.ts';
import { Coherence } from '../../src/machine/translator/coherence.ts';
import { Records } from '../../src/machine/translator/records.ts';
import { Blocks } from '../../src/machine/translator/region/blocks.ts';
import { RegionFunction } from '../../src/machine/translator/region/function.ts';
import { Regions } from '../../src/machine/translator/regions.ts';
import { Translator } from '../../src/machine/translator/translator.ts';
import { type Course, everywhere } from './everywhere.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const restore of undo.splice(0)) restore();
});

/** Replaces a method, private ones too, until the test has ended. */
function plant(target: { prototype: object }, name: string, make: (original: Method) => Method): void {
  const { prototype } = target;
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  if (own === undefined) throw new Error(`there is no ${name} to be mistaken in`);
  Object.defineProperty(prototype, name, { ...own, value: make(own.value) });
  undo.push(() => Object.defineProperty(prototype, name, own));
}
// biome-ignore lint/suspicious/noExplicitAny: a mutation reaches into what its types protect
type Method = (this: any, ...parameters: any[]) => unknown;
const nothing = () => () => {};

const LOOP = `
test:   li      s0, 200
        la      s1, page1
1:      add     s5, s5, s0
        ld      t0, 0(s1)
        xor     s5, s5, t0
        sd      s5, 0(s1)
        addi    s0, s0, -1
        bnez    s0, 1b
        pass`;
const PATCHING = `
test:   li      s0, 40
        la      s1, 1f
        lw      s3, 0(s1)
        lw      s4, 2f
        xor     s4, s4, s3
loop:   xor     s3, s3, s4
        sw      s3, 0(s1)
1:      addi    s5, s5, 1
        addi    s0, s0, -1
        bnez    s0, loop
        check   s5, 20 * 101
        pass
2:      addi    s5, s5, 100`;
/** Arms its timer again and again, and notes how far a loop has come when the interrupt comes. */
const TIMED = `
test:   la      s11, trapped
        li      t0, 1 << 63
        csrw    menvcfg, t0
        li      t0, 1 << 5
        csrw    mie, t0
        csrsi   mstatus, MSTATUS_MIE
        li      s0, 20
1:      csrr    t0, time
        addi    t0, t0, 3
        csrw    stimecmp, t0
        li      s1, 300
2:      addi    s1, s1, -1
        bnez    s1, 2b
        addi    s0, s0, -1
        bnez    s0, 1b
        pass
trapped:
        li      t0, -1
        csrw    stimecmp, t0
        slli    s5, s5, 1
        add     s5, s5, s1
        mret`;
/** Reads the time from the CLINT, further and further on. */
const CLOCKED = `
test:   li      s0, 50
        li      s2, MTIME
1:      li      s1, 90
2:      addi    s1, s1, -1
        bnez    s1, 2b
        ld      t0, 0(s2)
        add     s5, s5, t0
        addi    s0, s0, -1
        bnez    s0, 1b
        pass`;
/** Reads and calls page 1, which is one frame, then another. */
const REMAPPING = `
test:   la      t0, page1 + 64
        la      t1, page2 + 64
        lw      t2, 2f
        sw      t2, 0(t0)
        lw      t2, 2f + 4
        sw      t2, 4(t0)
        sw      t2, 4(t1)
        lw      t2, 2f + 8
        sw      t2, 0(t1)
        map     1, page1, PTE_RWX
        translate
        la      s11, 3f
        li      s0, 20
        li      s1, PAGE
        li      s4, PAGE + 64
        la      s2, leaves + 8
        enter   S, 1f
1:      ld      t0, 0(s1)
        add     s6, s6, t0
        sd      s6, 8(s1)
        jalr    s4
        ld      t0, 0(s2)
        li      t1, (PAGE1 ^ PAGE2) >> 2
        xor     t0, t0, t1
        sd      t0, 0(s2)
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
2:      addi    s5, s5, 1
        ret
        addi    s5, s5, 100
3:      check   s8, ECALL_S
        check   s5, 10 * 101
        check   s6, 10 * (0x1001 + 0x1002)
        pass`;
/** The whole table changes at once: a pointer above it. */
const RETABLING = `
test:   map     1, page1, PTE_RW
        la      t0, other + 8
        la      t1, page2
        srli    t1, t1, 2
        ori     t1, t1, PTE_RW
        sd      t1, 0(t0)
        la      s3, other
        srli    s3, s3, 2
        ori     s3, s3, PTE_V
        translate
        la      s11, 3f
        li      s0, 20
        li      s1, PAGE
        la      s2, middle
        enter   S, 1f
1:      ld      t0, 0(s1)
        add     s6, s6, t0
        ld      t0, 0(s2)
        sd      s3, 0(s2)
        mv      s3, t0
        addi    s0, s0, -1
        bnez    s0, 1b
        ecall
3:      check   s6, 10 * (0x1001 + 0x1002)
        pass
        .balign PAGE
other:  .zero   PAGE`;
const PROTECTING = `
test:   la      s1, page1
        la      s11, 2f
        li      s2, 10
        enter   S, 1f
1:      ld      t0, 0(s1)
        addi    s2, s2, -1
        bnez    s2, 1b
        ecall
2:      csrw    pmpcfg0, zero
        la      s11, 3f
        enter   S, 1b
3:      check   s8, FETCH_ACCESS
        pass`;
const CALLING = `
test:   li      s0, 40
1:      call    2f
        addi    s5, s5, 1
        call    3f
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, 40 * 7
        pass
2:      addi    s5, s5, 2
        ret
3:      addi    s5, s5, 4
        ret`;
const FAULTING = `
test:   la      s11, 2f
        li      s0, 40
        li      s1, 1 << 40
1:      addi    s5, s5, 1
        addi    s6, s6, 2
        ld      t0, 0(s1)
        addi    s0, s0, -1
        bnez    s0, 1b
        check   s5, 40
        pass
2:      addi    s10, s10, 4
        csrw    mepc, s10
        mret`;

interface Mutation {
  readonly plant: () => void;
  readonly guest: string;
  readonly engine?: Engine;
  readonly course?: Course;
  /** The error, where something notices before the sides are compared. */
  readonly error?: string;
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a region runs on past its budget': {
    plant: () =>
      plant(
        RegionFunction,
        'checkBudget',
        (checkBudget) =>
          function (_steps, pushSite) {
            return checkBudget.call(this, 1, pushSite);
          },
      ),
    guest: LOOP,
    course: { warm: 100, slice: 23 },
    error: 'a hart ran past its budget',
  },
  'a fault is counted with the instructions before it in its block': {
    plant: () =>
      plant(
        Blocks,
        'siteAt',
        (siteAt) =>
          function (pc, done: number) {
            return siteAt.call(this, pc, done > 0 ? done - 1 : 0);
          },
      ),
    guest: FAULTING,
  },
  'a register is not written back where a region is left': {
    plant: () =>
      plant(
        Blocks,
        'spill',
        (spill) =>
          function (registers: ReadonlySet<number>) {
            return spill.call(this, new Set([...registers].slice(1)));
          },
      ),
    guest: FAULTING,
  },
  'records outlive the code that they were decoded from': {
    plant: () => plant(Records, 'drop', nothing),
    guest: PATCHING,
    engine: 'baseline',
  },
  'regions outlive the code that they were made from': {
    plant: () => plant(Regions, 'drop', () => () => false),
    guest: PATCHING,
  },
  'a region that is dropped can still be jumped to': {
    plant: () => plant(Coherence, 'dropJumps', nothing),
    guest: PATCHING,
  },
  'a region is not known by the frames of its code': {
    plant: () =>
      plant(
        Regions,
        'add',
        (add) =>
          function (region) {
            const { graph } = region;
            const pages = graph.pages.map(({ page }: { page: bigint }) => ({ page, frame: -1 }));
            return add.call(this, { ...region, graph: { ...graph, pages } });
          },
      ),
    guest: PATCHING,
  },
  'a page’s translations outlive its entry': {
    plant: () => plant(Coherence, 'dropPage', nothing),
    guest: REMAPPING,
    engine: 'baseline',
  },
  'jumps into a page outlive its entry': {
    plant: () => plant(Coherence, 'dropJump', nothing),
    guest: REMAPPING,
  },
  'a region is entered whatever its page is mapped to': {
    plant: () => plant(Regions, 'isCurrent', () => () => true),
    guest: REMAPPING,
  },
  'translations outlive a table': {
    plant: () => plant(Coherence, 'dropSpaces', nothing),
    guest: RETABLING,
    engine: 'baseline',
  },
  'stores to page tables are not seen': {
    plant: () => plant(Coherence, 'beforeTableStore', nothing),
    guest: REMAPPING,
  },
  'translations outlive a write of the PMP': {
    plant: () => plant(Translator, 'updateProtection', nothing),
    guest: PROTECTING,
    engine: 'baseline',
  },
  'a run goes on past an event that it has brought nearer': {
    plant: () => plant(RunBus, 'cut', () => () => 0),
    guest: TIMED,
  },
  'a device is reached at the time at which the run began': {
    plant: () =>
      plant(
        RunBus,
        'at',
        () =>
          function () {
            return this.surroundings;
          },
      ),
    guest: CLOCKED,
  },
  'the PMP is taken for as open as it once was': {
    plant: () =>
      plant(
        Translator,
        'noteOpen',
        (noteOpen) =>
          function (hart) {
            const at = (hart.base + SCRATCH.open) >>> 2;
            const was = this.words[at];
            noteOpen.call(this, hart);
            this.words[at] |= was;
          },
      ),
    guest: PROTECTING,
    engine: 'baseline',
  },
  'a region is entered at its first entry, wherever control comes from': {
    plant: () =>
      plant(
        Regions,
        'enterFrom',
        (enterFrom) =>
          function (base, pc, region) {
            const entries = { indexOf: () => 0 };
            return enterFrom.call(this, base, pc, { ...region, graph: { ...region.graph, entries } });
          },
      ),
    guest: CALLING,
  },
};

const STEPS = 5000;

describe.each(Object.entries(MUTATIONS))('%s', (_, { plant: mistake, guest, engine = 'regions', course, error }) => {
  const run = () => everywhere(guest, { engines: [engine], warm: STEPS, slice: STEPS, ...course });
  test('does not differ as it is', run);
  test('differs where it is planted', () => {
    mistake();
    expect(run).toThrow(error ?? expect.objectContaining({ name: 'AssertionError' }));
  });
});
