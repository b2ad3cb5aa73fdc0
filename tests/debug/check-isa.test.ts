// Popek and Goldberg's condition as the machine is, and as it is when an instruction is broken in U-mode: the
// classification names what was broken, and nothing else, and a guest shows it in a virtual machine. All of that is a
// table, docs/check-isa.md, which is made here.

import { describe, expect, test } from 'vitest';
import { CSRS } from '../../isa/csrs.ts';
import { INSTRUCTIONS } from '../../isa/instructions.ts';
import { WORD } from '../../isa/layout.ts';
import { Reference } from '../../isa/reference.ts';
import { disassemble } from '../../src/asm/disassemble.ts';
import { sidesOf } from '../../src/cli/check-isa.ts';
import { type Classified, Classifier } from '../../src/debug/check-isa/classify.ts';
import { formsOfAll } from '../../src/debug/check-isa/forms.ts';
import { MUTATIONS, type Mutation, mutate } from '../../src/debug/check-isa/mutations.ts';
import { checkIsa, isaText } from '../../src/debug/check-isa/report.ts';
import { type Verdict, verify } from '../../src/session/verify.ts';
import { goldenFolder } from '../support/golden.ts';

const LIMIT = 1_000_000;
const bit = (at: number) => 1n << BigInt(at);
/** What decides, beside the mode, whether an instruction traps and what it does. */
const CONTROLS: readonly (readonly [word: number, bits: bigint])[] = [
  [WORD.mstatus, [17, 18, 19, 20, 21, 22].reduce((bits, at) => bits | bit(at), 0n)], // MPRV, SUM, MXR, TVM, TW, TSR
  [WORD.mcounteren, 7n],
  [WORD.scounteren, 7n],
  [WORD.menvcfg, bit(61) | bit(63)], // ADUE, STCE
];
/** By mode: of each control's bits, those that were met set, and those that were met clear. */
const met = new Map<bigint, { set: bigint; clear: bigint }[]>();
const report = watched();

function watched() {
  const { execute } = Reference.prototype;
  Reference.prototype.execute = function (...parameters) {
    const { mode, words } = this;
    let seen = met.get(mode);
    if (seen === undefined) {
      seen = CONTROLS.map(() => ({ set: 0n, clear: 0n }));
      met.set(mode, seen);
    }
    for (const [index, [word]] of CONTROLS.entries()) {
      const each = seen[index] as { set: bigint; clear: bigint };
      each.set |= words[word] as bigint;
      each.clear |= ~(words[word] as bigint);
    }
    return execute.apply(this, parameters);
  };
  const report = checkIsa();
  Reference.prototype.execute = execute;
  return report;
}
const of = (name: string) => report.forms.find((form) => form.name === name);

describe('the machine as it is', () => {
  test('every instruction and every CSR is classified', () => {
    const names = new Set(report.forms.map(({ name }) => name.split(' ')[0]));
    expect(INSTRUCTIONS.filter(({ name }) => !names.has(name)).map(({ name }) => name)).toEqual([]);
    for (const { name } of CSRS) {
      expect(of(`csrrs ${name} (read)`), name).toBeDefined();
      expect(of(`csrrw ${name}`), name).toBeDefined();
    }
  });

  test('each control is met set and clear in every mode', () => {
    expect(met.size).toBe(3);
    for (const seen of met.values()) {
      for (const [index, [word, bits]] of CONTROLS.entries())
        expect(bits & (seen[index]?.set ?? 0n) & (seen[index]?.clear ?? 0n), `word ${word}`).toBe(bits);
    }
  });

  test('the condition holds, and the text says so', () => {
    expect(report.holds).toBe(true);
    expect(isaText(report)).toContain('condition holds');
  });

  test('what trapping privilege, its registers and its fences do is sensitive, each in its way', () => {
    const kinds = (name: string) => of(name)?.sensitive.map(({ kind }) => kind);
    expect(kinds('sret')).toContain('control');
    expect(kinds('mret')).toContain('control');
    expect(kinds('wfi')).toEqual(['control']);
    expect(kinds('sfence.vma')).toEqual(['memory']);
    expect(kinds('csrrs satp (read)')).toEqual(['memory']);
    expect(kinds('csrrs sstatus (read)')).toEqual(['mode']);
    expect(kinds('csrrw sscratch')).toEqual(['control', 'mode']);
    expect(kinds('csrrs mhartid (read)')).toEqual(['mode']);
    for (const name of ['sret', 'mret', 'wfi', 'sfence.vma', 'csrrw satp']) expect(of(name)?.class).toBe('privileged');
  });

  test('counters are sensitive and not privileged: the monitor keeps mcounteren zero', () => {
    for (const name of ['cycle', 'time', 'instret'])
      expect(of(`csrrs ${name} (read)`)).toMatchObject({ class: 'sensitive', controlled: true });
  });

  test('computation, memory and fences of memory are innocuous; calls and breakpoints trap in every mode', () => {
    for (const name of ['add', 'mul', 'ld', 'sd', 'jalr', 'amoadd.d', 'lr.w', 'fence', 'fence.i'])
      expect(of(name), name).toMatchObject({ class: 'innocuous', sensitive: [] });
    for (const name of ['ecall', 'ebreak']) expect(of(name)?.class).toBe('trapping');
  });
});

/** Whether a form is one that a mutation breaks. */
function isBroken({ culprits, csr }: Mutation, name: string): boolean {
  const [mnemonic, accessed] = name.split(' ');
  return culprits.includes(mnemonic as string) && (csr === undefined || csr === accessed);
}

interface Evidence {
  /** Of the forms that the mutation breaks, and of some others: those that are sensitive and do not trap in U. */
  readonly culprits: readonly Classified[];
  /** The guest bare and virtual: on the machine as it is, and on the broken one. */
  readonly sound: Verdict;
  readonly verdict: Verdict;
}
const found = new Map<Mutation, Evidence>();
function evidenceOf(mutation: Mutation): Evidence {
  const known = found.get(mutation);
  if (known !== undefined) return known;
  const sound = verify(sidesOf(mutation), LIMIT);
  const mend = mutate(mutation);
  try {
    const classifier = new Classifier();
    const culprits = formsOfAll()
      .filter(({ name }) => isBroken(mutation, name) || /^(sret|csrr\w+ (sstatus|satp))/.test(name))
      .map((form) => classifier.classify(form))
      .filter((each) => each.class === 'sensitive' && !each.controlled);
    const evidence = { culprits, sound, verdict: verify(sidesOf(mutation), LIMIT) };
    found.set(mutation, evidence);
    return evidence;
  } finally {
    mend();
  }
}

describe.each(MUTATIONS)('$name', (mutation) => {
  test('breaks the condition, at the culprit alone', () => {
    const names = evidenceOf(mutation).culprits.map(({ form }) => form.name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !isBroken(mutation, name))).toEqual([]);
  });

  test('shows in a guest, which is the same bare and virtual without it', () => {
    const { sound, verdict } = evidenceOf(mutation);
    expect(sound).toMatchObject({ agrees: true, ended: true });
    expect(verdict.agrees).toBe(false);
  });
});

const INTRODUCTION = `# The condition, broken eight ways

Popek and Goldberg's condition is that every sensitive instruction is privileged: it traps in U, where the monitor runs
its guests. \`trapeze check-isa\` finds by execution that it holds. Here it is broken as x86 broke it (Robin and Irvine,
USENIX Security 2000), one instruction or CSR at a time, with \`trapeze check-isa --mutate NAME\`: the check names the
culprit, with a state that shows why it is sensitive although U executes it without a trap, and \`verify\` runs a guest
bare and virtual, which on the sound machine are the same to the end, until the step after which they differ.

Made by tests/debug/check-isa.test.ts, and compared with what it finds at each run of the tests.
`;

function rowOf(mutation: Mutation): string[] {
  const { culprits, verdict } = evidenceOf(mutation);
  if (verdict.agrees) throw new Error(`no guest notices ${mutation.name}`);
  const groups = [...new Set(culprits.map(({ form }) => form.group))];
  const witnesses = new Set(culprits.flatMap((each) => each.witnesses.map(({ mode, text }) => `in ${mode} ${text}`)));
  const guest = mutation.guest
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '');
  const { step, pc, instruction, differences } = verdict;
  const at = instruction === undefined ? 'a trap' : disassemble(instruction, pc, { aliases: true }).text;
  const differs = differences.map(({ what, values }) => `${what}: bare ${values[0]}, virtual ${values[1]}`).join('; ');
  return [
    `\`${mutation.name}\`: ${mutation.title}`,
    mutation.x86 ?? 'nothing: x86 traps here',
    groups.join('; '),
    [...witnesses].join('; '),
    `\`${guest.join('; ')}\``,
    `${step}, \`${at.replace(/\s+/g, ' ')}\`. ${differs}`,
  ];
}

test('the evidence is the table in docs/check-isa.md', () => {
  const heads = ['mutation', 'on x86', 'the check names', 'it is sensitive:', 'the guest', 'differs after step'];
  const rows = [heads, heads.map(() => '---'), ...MUTATIONS.map(rowOf)].map((cells) => `| ${cells.join(' | ')} |`);
  goldenFolder(new URL('../../docs/', import.meta.url))('check-isa.md', `${INTRODUCTION}\n${rows.join('\n')}\n`);
});
