// Popek and Goldberg's condition as the machine is, and as it is when an instruction is broken in U-mode: the
// classification names what was broken, and nothing else, and a guest shows it in a virtual machine.

import { describe, expect, test } from 'vitest';
import { CSRS } from '../../isa/csrs.ts';
import { INSTRUCTIONS } from '../../isa/instructions.ts';
import { sidesOf } from '../../src/cli/check-isa.ts';
import { Classifier } from '../../src/debug/check-isa/classify.ts';
import { formsOfAll } from '../../src/debug/check-isa/forms.ts';
import { MUTATIONS, mutate } from '../../src/debug/check-isa/mutations.ts';
import { checkIsa, isaText } from '../../src/debug/check-isa/report.ts';
import { verify } from '../../src/session/verify.ts';

const LIMIT = 1_000_000;
const report = checkIsa();
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

describe.each(MUTATIONS)('$name', (mutation) => {
  const isBroken = (name: string) => {
    const [mnemonic, csr] = name.split(' ');
    return mutation.culprits.includes(mnemonic as string) && (mutation.csr === undefined || mutation.csr === csr);
  };

  test('breaks the condition, at the culprit alone', () => {
    const mend = mutate(mutation);
    try {
      const classifier = new Classifier();
      const culprits = formsOfAll()
        .filter(({ name }) => isBroken(name) || /^(sret|csrr\w+ (sstatus|satp))/.test(name))
        .map((form) => classifier.classify(form))
        .filter((found) => found.class === 'sensitive' && !found.controlled);
      expect(culprits.length).toBeGreaterThan(0);
      expect(culprits.map(({ form }) => form.name).filter((name) => !isBroken(name))).toEqual([]);
    } finally {
      mend();
    }
  });

  test('shows in a guest, which is the same bare and virtual without it', () => {
    expect(verify(sidesOf(mutation), LIMIT)).toMatchObject({ agrees: true, ended: true });
    const mend = mutate(mutation);
    try {
      expect(verify(sidesOf(mutation), LIMIT).agrees).toBe(false);
    } finally {
      mend();
    }
  });
});
