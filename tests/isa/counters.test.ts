// The counters: cycle, time and instret with their enables, the machine's writable ones, and mcountinhibit.
// A counter stores its difference to a count that never stops; a program must not be able to tell.
// The programmable counters are read-only zero and tested with the other CSRs.

import { describe, expect, test } from 'vitest';
import { Mode } from '../../isa/layout.ts';
import type { Reference } from '../../isa/reference.ts';
import { encode, machine, RAM, readCsr, type TestMemory } from './support/machine.ts';

const ENABLES = ['CY', 'TM', 'IR'] as const;

/** A hart with a program of these words at the start of RAM. */
function program(...words: number[]): { hart: Reference; memory: TestMemory } {
  const { hart, memory } = machine();
  for (const [i, word] of words.entries()) memory.write(RAM + BigInt(4 * i), 4, BigInt(word));
  hart.mtvec.bits = RAM + 0x100n;
  memory.write(RAM + 0x100n, 4, BigInt(encode('addi', {})));
  return { hart, memory };
}
const csrr = (rd: number, csr: string) => encode('csrrs', { rd, csr, rs1: 0 });
const csrw = (csr: string, rs1: number) => encode('csrrw', { rd: 0, csr, rs1 });
const NOP = encode('addi', {});

describe('who may read them', () => {
  test.each(ENABLES)(
    'below M the bit %s of mcounteren decides, in U that of scounteren too (norm:mcounteren_op)',
    (bit) => {
      const name = { CY: 'cycle', TM: 'time', IR: 'instret' }[bit];
      for (const m of [0n, 1n]) {
        for (const s of [0n, 1n]) {
          const { hart } = machine();
          hart.mcounteren[bit] = m;
          hart.scounteren[bit] = s;
          const readable = (mode: number) => {
            hart.mode = BigInt(mode);
            return readCsr(hart, name) !== undefined;
          };
          expect([readable(Mode.U), readable(Mode.S), readable(Mode.M)]).toEqual([
            m === 1n && s === 1n,
            m === 1n,
            true,
          ]);
        }
      }
    },
  );
  test('a programmable counter is never enabled below M, since its enable bit is zero', () => {
    const { hart } = machine();
    hart.mcounteren.bits = 7n;
    hart.mode = 1n;
    expect(readCsr(hart, 'hpmcounter3')).toBeUndefined();
    hart.mode = 3n;
    expect(readCsr(hart, 'hpmcounter3')).toBe(0n);
  });
});

describe('what they count', () => {
  test('instret counts retired instructions, and cycle steps, of which a trap is one (norm:ecall_ebreak_no_minstret_inc)', () => {
    const { hart, memory } = program(NOP, encode('ecall'));
    memory.write(RAM + 0x100n, 4, BigInt(csrr(10, 'minstret')));
    memory.write(RAM + 0x104n, 4, BigInt(csrr(11, 'mcycle')));
    for (let i = 0; i < 4; i++) hart.step();
    expect([hart.x(10), hart.x(11)]).toEqual([1n, 3n]);
  });
  test("time is the board's", () => {
    const { hart, memory } = machine();
    memory.now = 1234n;
    expect(readCsr(hart, 'time')).toBe(1234n);
  });
  test.each(['mcycle', 'minstret'])(
    'the instruction after a write of %s reads what was written (norm:mcycle_minstret_wr)',
    (csr) => {
      const { hart } = program(NOP, csrw(csr, 5), csrr(10, csr), csrr(11, csr));
      hart.setX(5, 2n ** 64n - 1n);
      for (let i = 0; i < 4; i++) hart.step();
      expect([hart.x(10), hart.x(11)]).toEqual([2n ** 64n - 1n, 0n]);
    },
  );
  test('cycle and instret are read-only views of mcycle and minstret (norm:cycle_instret_hpmcounter_op_rdonly)', () => {
    const { hart } = program(csrw('mcycle', 5), csrw('minstret', 6), csrr(10, 'cycle'), csrr(11, 'instret'));
    hart.setX(5, 100n);
    hart.setX(6, 200n);
    for (let i = 0; i < 4; i++) hart.step();
    expect([hart.x(10), hart.x(11)]).toEqual([101n, 201n]);
  });
  test('a set of bits in a counter starts from the value that a program sees', () => {
    const { hart } = program(
      csrw('mcycle', 5),
      NOP,
      encode('csrrsi', { rd: 10, csr: 'mcycle', uimm: 1 }),
      csrr(11, 'mcycle'),
    );
    hart.setX(5, 0x1000n);
    for (let i = 0; i < 4; i++) hart.step();
    expect([hart.x(10), hart.x(11)]).toEqual([0x1001n, 0x1001n]);
  });
});

describe('mcountinhibit (norm:mcountinhibit_op2)', () => {
  const inhibit = (csr: string) => (csr === 'mcycle' ? 1 : 4);
  test.each(['mcycle', 'minstret'])('%s stands still while inhibited and goes on from there', (csr) => {
    const { hart } = program(
      csrw(csr, 5),
      encode('csrrsi', { rd: 0, csr: 'mcountinhibit', uimm: inhibit(csr) }),
      csrr(10, csr),
      NOP,
      csrr(11, csr),
      encode('csrrci', { rd: 0, csr: 'mcountinhibit', uimm: inhibit(csr) }),
      csrr(12, csr),
      csrr(13, csr),
    );
    hart.setX(5, 1000n);
    for (let i = 0; i < 8; i++) hart.step();
    expect([hart.x(10), hart.x(11), hart.x(12), hart.x(13)]).toEqual([1001n, 1001n, 1001n, 1002n]);
  });
  test('a counter can be written while inhibited', () => {
    const { hart } = program(
      encode('csrrwi', { rd: 0, csr: 'mcountinhibit', uimm: 5 }),
      csrw('mcycle', 5),
      csrw('minstret', 5),
      NOP,
      csrr(10, 'mcycle'),
      csrr(11, 'minstret'),
    );
    hart.setX(5, 77n);
    for (let i = 0; i < 6; i++) hart.step();
    expect([hart.x(10), hart.x(11)]).toEqual([77n, 77n]);
  });
  test('inhibiting one counter leaves the other and time alone, and writing the same inhibit twice changes nothing', () => {
    const { hart } = program(
      encode('csrrwi', { rd: 0, csr: 'mcountinhibit', uimm: 1 }),
      encode('csrrwi', { rd: 0, csr: 'mcountinhibit', uimm: 1 }),
      csrr(10, 'mcycle'),
      csrr(11, 'minstret'),
    );
    for (let i = 0; i < 4; i++) hart.step();
    expect([hart.x(10), hart.x(11)]).toEqual([1n, 3n]);
  });
});
