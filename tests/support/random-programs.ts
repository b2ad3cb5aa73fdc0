// Random memory images for fuzzing: noise, or real instructions with random operands, with page tables, CSR writes and
// returns among them, so that all modes and translation are reached. Each is made from one integer, which shrinks
// better than thousands of them would.

import { CSRS } from '../../isa/csrs.ts';
import { COMPRESSED, INSTRUCTIONS } from '../../isa/instructions.ts';
import { insertFields } from '../../isa/pattern.ts';

const IMAGE_BYTES = 2048;

export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function noise(seed: number): Uint8Array {
  const random = generator(seed);
  return Uint8Array.from({ length: IMAGE_BYTES }, () => random(256));
}

const system = INSTRUCTIONS.filter(({ extension }) => extension === 'Zicsr' || extension === 'Privileged');
const csrNumbers = CSRS.map(({ number }) => number);
const SATP = 0x180;
const PAGE_TABLE_PAGES = 4;

/** A first instruction or two that make some registers point into RAM, then real instructions with random operands. */
export function program(seed: number): Uint8Array {
  const random = generator(seed);
  const view = new DataView(new ArrayBuffer(IMAGE_BYTES));
  let at = 0;
  const put32 = (word: number) => {
    view.setUint32(at, word, true);
    at += 4;
  };
  const named = (name: string) =>
    INSTRUCTIONS.find((instruction) => instruction.name === name) as (typeof INSTRUCTIONS)[number];
  for (let register = 5; register < 32; register += 3) {
    put32(insertFields(named('auipc').pattern, { rd: register, imm: random(PAGE_TABLE_PAGES) * 4096 }));
  }
  while (at < IMAGE_BYTES - 8) {
    const kind = random(10);
    const pool = kind < 2 ? system : INSTRUCTIONS;
    if (kind === 2) {
      const { pattern } = COMPRESSED[random(COMPRESSED.length)] as (typeof COMPRESSED)[number];
      view.setUint16(at, pattern.match | (random(0x10000) & ~pattern.mask), true);
      at += 2;
      continue;
    }
    const { pattern, name } = pool[random(pool.length)] as (typeof INSTRUCTIONS)[number];
    const fields: Record<string, number> = {};
    for (const field of pattern.fields) {
      const width = Math.min(field.width, 31);
      fields[field.name] = random(2 ** width);
      if (field.name === 'csr')
        fields['csr'] = random(4) === 0 ? SATP : (csrNumbers[random(csrNumbers.length)] as number);
      // Branches stay near, so that a program is more than one jump into the void.
      if (name.startsWith('b') || name === 'jal') fields['imm'] = 2 * (random(64) - 16);
    }
    put32(insertFields(pattern, fields));
  }
  return new Uint8Array(view.buffer);
}
