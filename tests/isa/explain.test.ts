// The prose of every definition, pinned: a change of a definition or of the generator shows here as changed English.
// One file holds the instructions, one the CSRs, one the privileged architecture.
// Whether the prose is true rests on its being read off the tree, which recorder.test.ts runs. In Korean the same tree
// is told: what teaches is pinned, and of all the rest that only names are left in Latin letters.

import { describe, expect, test } from 'vitest';
import { causeName } from '../../isa/causes.ts';
import { effectsOf } from '../../isa/effects.ts';
import { explain } from '../../isa/explain.ts';
import type { Language } from '../../isa/language.ts';
import { FIELDS, Mode, PTE, WORD_NAMES } from '../../isa/layout.ts';
import { type Recording, recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { KOREAN } from '../../isa/wording-korean.ts';
import { type Form, forms, privileged } from './support/definitions.ts';
import { expectGolden } from './support/golden.ts';

const told = ({ title, instruction, encoded }: Form) =>
  `## ${title}\n${explain(recordInstruction(instruction, encoded))}\n`;
const isCsr = ({ instruction }: Form) => instruction.extension === 'Zicsr';

describe('in English', () => {
  test('every instruction', () => {
    expectGolden(
      'prose-instructions.txt',
      forms
        .filter((form) => !isCsr(form))
        .map(told)
        .join('\n'),
    );
  });
  test('reading and writing every CSR', () => {
    const telling = forms.filter((form) => isCsr(form) && /^csrrw [^,]+$|^csrrs [^,]+, rs1 = 0$/.test(form.title));
    expectGolden('prose-csrs.txt', telling.map(told).join('\n'));
  });
  test('the privileged architecture', () => {
    const text = privileged.map((definition) => `## ${definition.name}\n${explain(recordDefinition(definition))}\n`);
    expectGolden('prose-privileged.txt', text.join('\n'));
  });
  test('sret', () => {
    const sret = forms.find((form) => form.title === 'sret') as Form;
    expect(explain(recordInstruction(sret.instruction))).toBe(
      [
        'If mode = U or (mode = S and mstatus.TSR is set): raise illegal instruction, tval = instruction.',
        'mode ← mstatus.SPP; mstatus.SIE ← mstatus.SPIE; mstatus.SPIE ← 1; mstatus.SPP ← 0; mstatus.MPRV ← 0; pc ← sepc.',
      ].join('\n'),
    );
  });
  test('no definition is left without words, and none says undefined', () => {
    for (const form of forms) expect(told(form), form.title).toMatch(/\.\n$/);
    for (const form of forms) expect(told(form), form.title).not.toMatch(/undefined|NaN|\[object/);
  });
});

/** What traps, what returns, what reads and writes memory. */
const INSTRUCTIVE = new Set([
  ...['csrrw sstatus', 'csrrw satp', 'csrrw sip', 'csrrs time, rs1 = 0', 'ecall', 'ebreak', 'sret', 'mret', 'wfi'],
  ...['sfence.vma', 'fence.i', 'ld', 'lw', 'sd', 'lr.d', 'sc.d', 'amoadd.d', 'amomaxu.w', 'cbo.zero', 'cbo.inval'],
  ...['jalr', 'bge', 'mulhsu', 'div', 'remu', 'clz', 'orc.b', 'rev8', 'rol', 'fadd.d', 'flw', 'zext.h', 'addw'],
]);

/** What the manual calls so: words of the state and their fields, modes, operands, definitions. */
function namesIn(recording: Recording): Set<string> {
  const fields = [...Object.values(FIELDS), PTE].flatMap((table) => Object.keys(table));
  return new Set([
    ...WORD_NAMES,
    ...fields,
    ...Object.keys(Mode),
    ...recording.parameters,
    ...effectsOf(recording).calls.flatMap((name) => name.split('.')),
    ...['pte', 'tval', 'mtime', 'AMO', 'reserved', ...['va', 'table', 'address', 'bytes']],
  ]);
}
/** Letters that stand for long values are one letter each; an operation of floating point is `add.d(…)`. */
const wordsOf = (text: string) => text.replaceAll(/\b\w+\.[sd]\(|0x[0-9a-f]+/g, '').match(/\b[A-Za-z]\w+/g) ?? [];
/** Names that are words of the English prose as well. */
const WORDS = ['instruction', 'mode', 'address', 'bytes', 'reserved', 'reservation'];
const isSaid = (word: string, names: ReadonlySet<string>) =>
  (names.has(word) && !WORDS.includes(word)) || word.startsWith('0x');

describe('in Korean', () => {
  test('instructions that trap, return, and use memory', () => {
    const instructive = forms.filter(({ title }) => INSTRUCTIVE.has(title));
    expect(instructive).toHaveLength(INSTRUCTIVE.size);
    const texts = instructive.map(
      ({ title, instruction, encoded }) => `## ${title}\n${explain(recordInstruction(instruction, encoded), 'ko')}\n`,
    );
    const architecture = privileged
      .filter(({ name }) => /^(walk|enterTrap|selectInterrupt)/.test(name))
      .map((definition) => `## ${definition.name}\n${explain(recordDefinition(definition), 'ko')}\n`);
    expectGolden('prose-korean.txt', [...texts, ...architecture].join('\n'));
  });
  test('no English word is left in any definition, only the manual’s names', () => {
    const recordings = [
      ...forms.map(({ instruction, encoded }) => recordInstruction(instruction, encoded)),
      ...privileged.map(recordDefinition),
    ];
    for (const recording of recordings) {
      const text = explain(recording, 'ko');
      const names = namesIn(recording);
      expect(
        wordsOf(text).filter((word) => !names.has(word)),
        text,
      ).toEqual([]);
      expect(text).not.toMatch(/undefined|NaN|\[object/);
    }
  });
  test('each line tells what its English does: as many of them, with the same names and numbers in them', () => {
    for (const { instruction, encoded, title } of forms) {
      const recording = recordInstruction(instruction, encoded);
      const names = namesIn(recording);
      const told = (language: Language) =>
        explain(recording, language)
          .split('\n')
          .map((line) => [
            ...new Set([...wordsOf(line), ...(line.match(/0x[0-9a-f]+/g) ?? [])].filter((word) => isSaid(word, names))),
          ])
          .map((said) => said.sort());
      expect(told('ko'), title).toEqual(told('en'));
    }
  });
  test('a clause gets the ending of a noun or of a verb where it stands', () => {
    const { choice, isMemory, isSet, joined, raised, either } = KOREAN;
    expect(choice('1', isMemory('a', false), '0')).toBe('주소 a에 메모리가 없으면 1, 아니면 0');
    expect(choice('1', isSet('pte.V', true), '0')).toBe('pte.V = 1이면 1, 아니면 0');
    expect(joined([isMemory('a + 8', true), isSet('x', false)], false)).toBe('주소 (a + 8)에 메모리가 있거나 x = 0');
    expect(joined([joined(['p', 'q'], false), raised(false)], true)).toBe(
      '(p이거나 q)이고 여기서 예외가 발생하지 않았음',
    );
    expect(either('p', 'not p', 'q', 'r')).toBe('(p이고 q)이거나 (not p이고 r)');
  });
  test('causes by their Korean names, and by number where there is none', () => {
    expect(causeName(13n, 'ko')).toBe('적재 페이지 폴트');
    expect(causeName((1n << 63n) | 5n, 'ko')).toBe('슈퍼바이저 타이머 인터럽트');
    expect(causeName(24n, 'ko')).toBe('예외 24');
  });
});
