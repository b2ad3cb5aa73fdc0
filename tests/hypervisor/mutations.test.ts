// Real bugs of published monitors, planted one at a time: each is caught by a guest that checks itself or by its
// comparison with the bare machine, on the reference. The guests are short forms of those in the files beside this one, where they pass.

import { describe, expect, test } from 'vitest';
import { csrOf } from '../../isa/csrs.ts';
import type { Decoded } from '../../isa/decode.ts';
import type { Instruction } from '../../isa/definition.ts';
import { byName } from '../../isa/instructions.ts';
import { NO_RESERVATION } from '../../isa/layout.ts';
import { Shadow } from '../../src/hypervisor/shadow/shadow.ts';
import { ShadowTables } from '../../src/hypervisor/shadow/tables.ts';
import { VirtualCpu } from '../../src/hypervisor/virtual-cpu.ts';
import { VirtualMachine } from '../../src/hypervisor/virtual-machine.ts';
import { Hart } from '../../src/machine/hart.ts';
import { runCase } from '../support/assembly.ts';
import { mendAfterEach, plant } from '../support/mistakes.ts';

mendAfterEach();

const row = (number: number) => csrOf(number) as object;
const definition = (name: string) => byName.get(name) as Instruction;

const S_CODE = `
1:      li      a1, PAGE
        ld      a0, 0(a1)
        ecall
`;

/** R, W or X: an entry that is no pointer. */
const LEAF = 14n;

interface Mutation {
  readonly plant: () => void;
  readonly guest: string;
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'csrrci with an immediate of 0 writes': {
    plant: () => {
      const csrrc = definition('csrrwi').body;
      plant(
        definition('csrrci'),
        'body',
        (body) => (m: never, values: never, fields: { uimm: number }) =>
          fields.uimm === 0 ? csrrc(m, values, fields as never) : body(m, values, fields),
      );
    },
    guest: 'test: csrrci a0, cycle, 0\n pass',
  },
  'sip is not filtered by mideleg': {
    plant: () => plant(row(0x144), 'within', () => undefined),
    guest: 'test: csrwi mip, 2\n csrr t0, sip\n check t0, 0\n pass',
  },
  'sie is not filtered by mideleg': {
    plant: () => plant(row(0x104), 'within', () => undefined),
    guest: 'test: csrwi mie, 2\n csrr t0, sie\n check t0, 0\n pass',
  },
  'mcounteren has 64 bits': {
    plant: () => plant(row(0x306), 'write', () => undefined),
    guest: 'test: li t0, -1\n csrw mcounteren, t0\n csrr t0, mcounteren\n check t0, 7\n pass',
  },
  'mtvec takes reserved modes': {
    plant: () => plant(row(0x305), 'legalise', () => undefined),
    guest: 'test: csrr t1, mtvec\n csrwi mtvec, 3\n csrr t0, mtvec\n same t0, t1\n pass',
  },
  'sepc takes odd addresses': {
    plant: () => plant(row(0x141), 'write', () => undefined),
    guest: 'test: csrwi sepc, 7\n csrr t0, sepc\n check t0, 6\n pass',
  },
  'satp takes unsupported modes': {
    plant: () => plant(row(0x180), 'legalise', () => undefined),
    guest: 'test: li t0, 10 << 60\n csrw satp, t0\n csrr t0, satp\n check t0, 0\n pass',
  },
  'the ASID is not updated': {
    plant: () => plant(row(0x180), 'write', () => ~(0xffffn << 44n)),
    guest: 'test: li t0, (8 << 60) | (5 << 44)\n csrw satp, t0\n csrr t1, satp\n same t0, t1\n pass',
  },
  'a page that the PMP covers in part is mapped': {
    plant: () =>
      plant(
        VirtualCpu.prototype,
        'ask',
        (ask) =>
          function (this: VirtualCpu, question: unknown, parameters: object) {
            return ask.call(this, question, { ...parameters, bytes: 1n });
          },
      ),
    guest: `
test:   li      t0, (PAGE1 + 8) >> 2
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | PMP_NA4
        csrw    pmpcfg0, t0
        la      a1, page1
        try     S, 1f
        check   s8, LOAD_ACCESS
        pass
1:      ld      a0, 0(a1)
        lw      a0, 8(a1)
        ecall`,
  },
  'the second PMP address is the first one’s': {
    plant: () => plant(row(0x3b1), 'word', () => 'pmpaddr0'),
    guest: `
test:   li      t0, PAGE1 >> 2
        csrw    pmpaddr0, t0
        li      t0, -1
        csrw    pmpaddr1, t0
        li      t0, (PMP_OPEN << 8) | PMP_NA4
        csrw    pmpcfg0, t0
        la      a1, page1
        try     S, 1f
        check_trap LOAD_ACCESS, PAGE1
        pass
1:      ld      a0, 8(a1)
        ld      a0, 0(a1)
        ecall`,
  },
  'the shadow outlives a PMP write': {
    plant: () => plant(VirtualCpu.prototype, 'protection', () => 0),
    guest: `
test:   la      a1, page1
        try     S, 1f
        check   s8, ECALL_S
        csrw    pmpcfg0, zero
        try     S, 1f
        check   s8, FETCH_ACCESS
        pass
1:      ld      a0, 0(a1)
        ecall`,
  },
  'an interrupt is lost around a WFI': {
    plant: () => {
      plant(
        VirtualMachine.prototype,
        'run',
        (run) =>
          function (this: VirtualMachine, cpu: number, steps: number) {
            const report = run.call(this, cpu, steps);
            const state = this.cpus[cpu];
            if (report === 'wait' && state !== undefined) state.mie.MTIE = 0n;
            return report;
          },
      );
    },
    guest: `
test:   li      t0, MTIMECMP
        li      t1, 20
        sd      t1, 0(t0)
        li      t1, 1 << 7
        csrw    mie, t1
        catching 1f
        csrsi   mstatus, MSTATUS_MIE
        wfi
        j       fail
1:      pass`,
  },
  'MPP is not U after mret': {
    plant: () =>
      plant(definition('mret'), 'body', (body) => (m: VirtualCpu, values: never, fields: never) => {
        const before = m.mstatus.MPP;
        const result = body(m, values, fields);
        if (result === undefined) m.mstatus.MPP = before;
        return result;
      }),
    guest: `
test:   li      t0, MSTATUS_MPP
        csrs    mstatus, t0
        la      t1, 1f
        csrw    mepc, t1
        mret
1:      csrr    t1, mstatus
        and     t1, t1, t0
        check   t1, 0
        pass`,
  },
  'TVM, TW and TSR are read-only': {
    plant: () => plant(row(0x300), 'write', (write: bigint) => write & ~(7n << 20n)),
    guest: `
test:   li      t0, MSTATUS_TSR
        csrs    mstatus, t0
        try     S, 1f
        check   s8, ILLEGAL
        pass
1:      sret`,
  },
  'an emulated compressed load loses a bit of its offset': {
    plant: () =>
      plant(
        VirtualCpu.prototype,
        'executeStep',
        (executeStep) =>
          function (this: VirtualCpu, decoded: Decoded | undefined, parcel: number) {
            if (decoded?.compressed === undefined) return executeStep.call(this, decoded, parcel);
            const imm = (decoded.fields['imm'] ?? 0) & ~64;
            return executeStep.call(this, { ...decoded, fields: { ...decoded.fields, imm } }, parcel);
          },
      ),
    guest: `
        .option rvc
test:   li      a1, PLIC
        li      a0, 7
        c.sw    a0, 64(a1)
        lw      a2, 64(a1)
        check   a2, 7
        pass`,
  },
  'a device load is not sign-extended': {
    plant: () => plant(definition('lb'), 'body', () => definition('lbu').body),
    guest: 'test: li t0, UART\n li t1, 0xff\n sb t1, 7(t0)\n lb t1, 7(t0)\n check t1, -1\n pass',
  },
  'a root page is recycled under the same satp, and the shadow is stale': {
    plant: () => plant(Shadow.prototype, 'stored', () => () => {}),
    guest: `
test:   map     1, page1, PTE_RW
        translate
        try     S, 1f
        check   a0, 0x1001
        csrr    s0, satp
        csrw    satp, zero
        la      t0, root
        sd      zero, 0(t0)
        csrw    satp, s0
        try     S, 1f
        check   s8, LOAD_PAGE
        pass
${S_CODE}`,
  },
  'of a superpage in fragments only one is flushed': {
    plant: () =>
      plant(
        ShadowTables.prototype,
        'eachLive',
        (eachLive) =>
          function (this: ShadowTables, table: number, seen: (slot: number, low: number) => void) {
            let isFirst = true;
            eachLive.call(this, table, (slot: number, low: number) => {
              if (isFirst) seen(slot, low);
              isFirst = false;
            });
          },
      ),
    guest: `
test:   la      t2, root                # VA 0 to 1 GiB: RAM itself, whose tables split it
        li      t1, (RAM >> 2) | PTE_RW
        sd      t1, 0(t2)
        translate
        try     S, 1f
        check   s8, ECALL_S
        la      t2, root
        sd      zero, 0(t2)
        .irp    at, 3, 4, 5, 6
        li      a1, \\at * PAGE
        try     S, 2f
        check   s8, LOAD_PAGE
        .endr
        pass
1:      .irp    at, 3, 4, 5, 6
        li      a1, \\at * PAGE
        ld      a0, 0(a1)
        .endr
        ecall
2:      ld      a0, 0(a1)
        ecall`,
  },
  'every leaf is given U': {
    plant: () =>
      plant(
        VirtualCpu.prototype,
        'view',
        (view) =>
          function (this: VirtualCpu, value: bigint, table: object) {
            return view.call(this, 'G' in table && (value & LEAF) !== 0n ? value | 16n : value, table);
          },
      ),
    guest: `
test:   map     1, page1, PTE_RW
        translate
        try     U, 1f, USER
        check   s8, LOAD_PAGE
        pass
${S_CODE}`,
  },
  'a store is let through before the guest’s D is set': {
    plant: () =>
      plant(
        VirtualCpu.prototype,
        'view',
        (view) =>
          function (this: VirtualCpu, value: bigint, table: object) {
            // The walk sets the bit itself; what fills the shadow looks at an entry whose A the walk has just set.
            return view.call(this, 'G' in table && (value & 64n) !== 0n ? value | 128n : value, table);
          },
      ),
    guest: `
test:   map     1, page1, PTE_V | PTE_R | PTE_W
        translate
        try     S, 1f
        la      t0, leaves
        ld      t0, 8(t0)
        andi    t0, t0, PTE_D
        check   t0, PTE_D
        pass
1:      li      a1, PAGE
        ld      a0, 0(a1)
        sd      a0, 8(a1)
        ecall`,
  },
  'an exit drops the reservation': {
    plant: () =>
      plant(
        VirtualMachine.prototype,
        'handleTrap',
        (handleTrap) =>
          function (this: VirtualMachine, cpu: VirtualCpu) {
            handleTrap.call(this, cpu);
            cpu.reservation = NO_RESERVATION;
          },
      ),
    guest: 'test: la a1, page1\n lr.d a0, (a1)\n csrr a2, mstatus\n sc.d a2, a0, (a1)\n check a2, 0\n pass',
  },
  'the hardware keeps translations whose tables changed': {
    plant: () => plant(Hart.prototype, 'flush', () => () => {}),
    guest: `
test:   map     1, page1, PTE_RW
        translate
        try     S, 1f
        check   a0, 0x1001
        map     1, page2, PTE_RW
        try     S, 1f
        check   a0, 0x1002
        pass
${S_CODE}`,
  },
};

describe.each(Object.entries(MUTATIONS))('%s', (_, mutation) => {
  test('passes as it is', () => {
    runCase(mutation.guest);
  });
  test('is caught where it is planted', () => {
    mutation.plant();
    expect(() => runCase(mutation.guest, { engines: [] })).toThrow(expect.objectContaining({ name: 'AssertionError' }));
  });
});
