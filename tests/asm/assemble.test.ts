// The assembler on small texts whose bytes are known: instructions, constants, branches, data, layout, linking.
// tests/peers compares far more with binutils, where that is installed.

import { describe, expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { bytesOf, imageOf, mistakesIn, WITHOUT_C } from './support.ts';

describe('instructions', () => {
  const KNOWN: readonly (readonly [text: string, long: string, short: string])[] = [
    ['addi a0, a0, 1', '13051500', '0505'],
    ['add a0, a0, a1', '3305b500', '2e95'],
    ['add a0, a1, a0', '3385a500', '2e95'],
    ['mv a0, a1', '13850500', '2e85'],
    ['li a0, 0', '13050000', '0145'],
    ['ld a0, 8(sp)', '03358100', '2265'],
    ['sd s0, 0(a0)', '23308500', '00e1'],
    ['lui a0, 1', '37150000', '0565'],
    ['ret', '67800000', '8280'],
    ['jalr x0, 0(ra)', '67800000', '67800000'],
    ['j .', '6f000000', '01a0'],
    ['beqz a0, .', '63000500', '01c1'],
    ['beqz x0, .', '63000000', '63000000'],
    ['unimp', '731000c0', '0000'],
    ['nop', '13000000', '0100'],
    ['csrr a0, mstatus', '73250030', '73250030'],
    ['csrw satp, 5', '73d00218', '73d00218'],
    ['amoadd.w.aqrl a0, a1, (a2)', '2f25b606', '2f25b606'],
    ['fence rw, w', '0f001003', '0f001003'],
    ['fence', '0f00f00f', '0f00f00f'],
    ['sfence.vma', '73000012', '73000012'],
  ];
  test.each(KNOWN)('%s', (text, long, short) => {
    expect(bytesOf(text, WITHOUT_C)).toBe(long);
    expect(bytesOf(`.balign 4\n${text}`).slice(0, short.length)).toBe(short);
  });
});

describe('li', () => {
  test('takes one addi for twelve bits, lui and addiw for thirty-two', () => {
    expect(bytesOf('li a0, -2048', WITHOUT_C)).toBe('13050080');
    expect(bytesOf('li a0, 0x12345678', WITHOUT_C)).toBe('375534121b058567');
  });
  test('builds 64 bits from above, as GNU as does', () => {
    expect(bytesOf('li a0, 0x80000000', WITHOUT_C)).toBe('1b0510001315f501');
    expect(bytesOf('li a0, 0x123456789abcdef0', WITHOUT_C)).toHaveLength(8 * 8);
  });
});

describe('branches', () => {
  test('are as short as their targets allow', () => {
    const far = (bytes: number) => bytesOf(`beq a0, zero, 1f\n.zero ${bytes}\n1:`);
    expect(far(200).slice(0, 4)).toBe('69c5');
    expect(far(300)).toHaveLength(2 * 304);
    expect(far(5000)).toHaveLength(2 * 5006);
  });
  test('whose target is too far go round a jump', () => {
    const bytes = bytesOf('blt a0, a1, 1f\n.zero 8192\n1:', WITHOUT_C);
    expect(bytes.slice(0, 16)).toBe('6354b5006f204000');
  });
});

describe('addresses', () => {
  test('la and call are relative to pc', () => {
    expect(bytesOf('la a0, _start\ncall _start', WITHOUT_C)).toBe('170500001305050097000000e78080ff');
  });
  test('%hi and %lo add up', () => {
    expect(bytesOf('lui a0, %hi(0x12345fff)\naddi a0, a0, %lo(0x12345fff)', WITHOUT_C)).toBe('376534121305f5ff');
  });
  test('what only lui reaches is reached', () => {
    expect(bytesOf('.zero 0x1000\nla a0, near\n.equ near, 8', WITHOUT_C).slice(-16)).toBe('3705000013058500');
  });
});

describe('sections', () => {
  const text = `
    .data ; .byte 1 ; .text ; .globl _start ; _start: .option norvc ; nop ; .section .rodata ; .byte 2
    .bss ; .balign 16 ; .zero 32 ; .section .text.more, "ax" ; nop ; .equ here, .`;

  test('come as code, constants, data, room', () => {
    const { raw, symbols, entry } = imageOf(text);
    expect(Buffer.from(raw).toString('hex')).toBe('13000000130000000201');
    expect(entry).toBe(0x80000000n);
    expect(symbols.find(({ name }) => name === 'here')).toMatchObject({ value: 0x80000008n, global: false });
  });

  test('start where the base says', () => {
    expect(imageOf(text, { base: 0x80200000n }).entry).toBe(0x80200000n);
  });

  test('and their ends have names', () => {
    const ends = '_start: .dword _etext, _edata, __bss_start, _end\n.data\n.dword 0\n.bss\n.zero 16\n';
    const { raw } = imageOf(ends);
    const values = [...new BigUint64Array(raw.buffer, raw.byteOffset, 4)];
    expect(values).toEqual([0x80000020n, 0x80000028n, 0x80000028n, 0x80000038n]);
  });
});

describe('several files', () => {
  const link = (...texts: string[]) =>
    assemble(
      texts.map((text, index) => ({ name: `${index}.s`, text })),
      {},
    );

  test('see what others export, and each keeps its own', () => {
    const { image } = link('_start: j other\nown: nop\n', '.globl other\nother: j own\nown: nop\n');
    expect(Buffer.from(image?.raw ?? []).toString('hex')).toBe('6f0060000100' + '09a00100');
  });

  test('cannot see what they keep to themselves', () => {
    const { image, diagnostics } = link('_start: j own\n', 'own: nop\n');
    expect(image).toBeUndefined();
    expect(diagnostics).toHaveLength(1);
  });
});

describe('defines', () => {
  test('are symbols in a .s file', () => {
    expect(bytesOf('.byte SIZE, FLAG', { defines: { SIZE: '12', FLAG: '' } })).toBe('0c01');
  });
  test('are macros in a .S file', () => {
    expect(bytesOf('#ifdef FLAG\n.byte SIZE\n#endif', { name: 'text.S', defines: { SIZE: '3 * 4', FLAG: '' } })).toBe(
      '0c',
    );
  });
});

test('the ELF file names its machine, entry and segments', () => {
  const { elf } = imageOf('.globl _start\n_start: nop\n.data\n.word 1\n.bss\n.zero 8\n');
  const view = new DataView(elf.buffer, elf.byteOffset);
  expect([...elf.subarray(0, 7)]).toEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  expect(view.getUint16(16, true)).toBe(2);
  expect(view.getUint16(18, true)).toBe(243);
  expect(view.getBigUint64(24, true)).toBe(0x80000000n);
  expect(view.getUint32(48, true)).toBe(1);
  expect(view.getUint16(56, true)).toBe(3);
});

test('the listing shows address, bytes and source, and what macros expand to', () => {
  const listing = imageOf(
    '.macro twice what\n\\what\n\\what\n.endm\n_start:\n  twice ret # two\n  .asciz "hi"\n',
  ).listing();
  expect(listing).toContain('0000000080000000  8280              + ret');
  expect(listing).toContain('  twice ret # two');
  expect(listing).toMatch(/0000000080000004 {2}686900 +\.asciz "hi"/);
});

test('a file of five thousand lines with labels near and far is assembled whole', () => {
  const line = (index: number) =>
    `label${index}: addi a0, a0, ${index % 2000}\n beqz a0, label${Math.max(0, index - 9)} # back\n`;
  const text = `_start:\n${Array.from({ length: 2500 }, (_, index) => line(index)).join('')}`;
  expect(imageOf(text, WITHOUT_C).raw.length).toBe(5000 * 4);
});

test('a value that is too wide for its datum is kept in part, with a warning', () => {
  expect(mistakesIn('_start: .byte 300\n')).toMatchObject([{ severity: 'warning', line: 1 }]);
  expect(bytesOf('.byte 300')).toBe('2c');
});

describe('the line table', () => {
  const text = [
    '.macro twice what, target',
    '  \\what \\target',
    '  nop',
    '.endm',
    '_start: li a0, 0x12345678 # two instructions',
    '  nop; nop',
    '',
    'twice "beqz t0,", elsewhere',
    '.data',
    '.word 1',
    '.text',
    'elsewhere: ret',
  ].join('\n');
  const image = imageOf(text, WITHOUT_C);
  const lines = image.lines();
  const at = (offset: number) => lines.at(image.base + BigInt(offset));

  test('says the line of each instruction, of each of a pseudo-instruction, and the use of a macro', () => {
    const places = [0, 4, 8, 12, 16, 20, 24].map((offset) => at(offset)?.line);
    expect(places).toEqual([5, 5, 6, 6, 2, 3, 12]);
    expect(at(7)).toMatchObject({ file: 'text.s', text: '_start: li a0, 0x12345678 # two instructions' });
    expect(at(16)?.within).toBe("macro 'twice', used at text.s:8");
    expect(at(0)?.within).toBeUndefined();
  });
  test('knows no line of data, nor of what lies outside', () => {
    const data = image.symbols.find(({ name }) => name === 'elsewhere')?.value ?? 0n;
    expect(lines.at(data + 4n)).toBeUndefined();
    expect(lines.at(image.base - 1n)).toBeUndefined();
  });
  test('a line begins where its first instruction is, a line without code where the next begins', () => {
    expect(lines.addressOf('text.s', 6)).toBe(image.base + 8n);
    expect(lines.addressOf('text.s', 8)).toBe(image.base + 16n); // a macro's
    expect(lines.addressOf('text.s', 9)).toBe(image.base + 24n);
    expect(lines.addressOf('text.s', 13)).toBeUndefined();
    expect(lines.addressOf('other.s', 1)).toBeUndefined();
  });
});
