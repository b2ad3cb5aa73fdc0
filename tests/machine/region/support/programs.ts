// Programs for regions: random ones with loops of all shapes, each made from one integer, which shrinks better than
// thousands of them; and ones written in assembly.

import type { Decoded } from '../../../../isa/decode.ts';
import type { Instruction } from '../../../../isa/definition.ts';
import { INSTRUCTIONS } from '../../../../isa/instructions.ts';
import { extractFields, insertFields } from '../../../../isa/pattern.ts';
import type { PrivilegedState } from '../../../../isa/state.ts';
import { csrs } from '../../../isa/support/definitions.ts';
import { RAM } from '../../../isa/support/machine.ts';
import type { Program } from './rig.ts';

export function generator(seed: number): (below: number) => number {
  let state = Math.imul(seed + 1, 0x9e37_79b9) || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export interface RandomProgram {
  readonly program: Program;
  /** In order. */
  readonly pcs: readonly bigint[];
}

/** Registers that random programs keep: four that point into RAM, two into the program itself. */
const POINTERS = [8, 9, 18, 19];
const CODE_POINTERS = [20, 21];
const KEPT = new Set([...POINTERS, ...CODE_POINTERS]);

const byExtension = (extension: string) => INSTRUCTIONS.filter((each) => each.extension === extension);
const isControl = ({ name }: Instruction) => name.startsWith('b') || name === 'jal' || name === 'jalr';
const isAccess = ({ name, extension }: Instruction) => extension === 'A' || /^(l[bhwd]u?|s[bhwd])$/.test(name);
const plain = [...byExtension('I'), ...byExtension('M')].filter(
  (each) => !isControl(each) && !isAccess(each) && !/^e(call|break)$/.test(each.name),
);
const accesses = INSTRUCTIONS.filter(isAccess);
const branches = INSTRUCTIONS.filter(({ name }) => /^b(eq|ne|ltu?|geu?)$/.test(name));
const system = [...byExtension('Zicsr'), ...byExtension('Privileged'), ...byExtension('Zifencei')];
const named = (name: string) => INSTRUCTIONS.find((each) => each.name === name) as Instruction;
/** CSRs that change neither translation nor protection, which these tests keep as they are. */
const quietCsrs = csrs.filter(({ name }) => !/^(satp|pmp|mstatus|sstatus|time|stimecmp)/.test(name));

/** What a program is made of, in tenths of its instructions. */
export interface Mix {
  readonly branches: number;
  readonly jumps: number;
  readonly accesses: number;
  readonly system: number;
  /** Whether ra is written by calls alone, so that returns go back to them. */
  readonly keepsReturns?: boolean;
}
export const EVEN_MIX: Mix = { branches: 2, jumps: 1, accesses: 2, system: 1 };

/** A program of so many instructions from an address on; its branches and jumps stay in it. */
export function randomProgram(seed: number, count: number, start: bigint, mix: Mix = EVEN_MIX): RandomProgram {
  const random = generator(seed);
  const pick = <T>(from: readonly T[]) => from[random(from.length)] as T;
  const lengths = Array.from({ length: count }, () => (random(3) === 0 ? 2 : 4) as 2 | 4);
  const pcs: bigint[] = [];
  let pc = start;
  for (const length of lengths) {
    pcs.push(pc);
    pc += BigInt(length);
  }
  const target = (from: bigint) => Number(pick(pcs) - from);
  const instructionAt = (at: bigint): [Instruction, Record<string, number>] => {
    let kind = random(10);
    if (kind < mix.branches) return [pick(branches), { imm: target(at) }];
    kind -= mix.branches;
    if (kind < mix.jumps) {
      if (random(3) === 0) return [named('jalr'), { rs1: pick([1, ...CODE_POINTERS]), imm: 0, rd: random(2) }];
      return [named('jal'), { imm: target(at), rd: random(3) === 0 ? 1 : 0 }];
    }
    kind -= mix.jumps;
    if (kind < mix.accesses) {
      const rs1 = random(8) === 0 ? random(32) : pick(POINTERS);
      return [pick(accesses), { rs1, imm: random(4) === 0 ? random(4096) - 2048 : 8 * random(16) }];
    }
    kind -= mix.accesses;
    if (kind < mix.system) {
      if (random(8) === 0) return [named(pick(['ecall', 'ebreak'])), {}];
      return [pick(system), { csr: pick(quietCsrs).number }];
    }
    return [pick(plain), {}];
  };
  const program = new Map<bigint, Decoded>();
  let far: Record<string, number> | undefined;
  for (const [index, at] of pcs.entries()) {
    // Now and then a far jump, in two instructions.
    const isAuipc = far === undefined && mix.jumps > 0 && random(24) === 0;
    const [instruction, wanted] = isAuipc
      ? [named('auipc'), { rd: 1 + random(7), imm: 0 }]
      : far === undefined
        ? instructionAt(at)
        : [named('jalr'), far];
    far = isAuipc ? { rs1: wanted['rd'] as number, rd: random(2), imm: target(at) } : undefined;
    const { pattern } = instruction;
    const fields: Record<string, number> = { ...extractFields(pattern, random(2 ** 32)), ...pickOf(pattern, wanted) };
    if ('rd' in fields && KEPT.has(fields['rd'] as number)) fields['rd'] = random(8);
    if (mix.keepsReturns && fields['rd'] === 1 && !isControl(instruction)) fields['rd'] = 0;
    if (mix.keepsReturns && instruction.name === 'jalr' && fields['rs1'] === 1) fields['rd'] = 0;
    program.set(at, { instruction, fields, bits: insertFields(pattern, fields), bytes: lengths[index] as 2 | 4 });
  }
  return { program, pcs };
}

function pickOf({ fields }: Instruction['pattern'], wanted: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => fields.some((field) => field.name === name)));
}

/** Has the registers that a program keeps point where they should, and its traps go to it. */
export function aim(state: PrivilegedState, { pcs }: RandomProgram, seed: number): void {
  const random = generator(seed);
  const pick = () => pcs[random(pcs.length)] as bigint;
  for (const [i, register] of POINTERS.entries())
    state.setX(register, RAM + BigInt(0x4000 + i * 0x1000 + 8 * random(64)));
  // One near the end of a page, where accesses straddle.
  state.setX(POINTERS[3] as number, RAM + 0x7fe0n + BigInt(random(64)));
  for (const register of [1, ...CODE_POINTERS]) state.setX(register, pick());
  state.mtvec.bits = pick() & ~3n;
  state.stvec.bits = pick() & ~3n;
  state.mepc = pick();
  state.sepc = pick();
}
