// The disassembler on words whose text is known; tests/peers compares it with objdump on many more.

import { expect, test } from 'vitest';
import { disassemble } from '../../src/asm/disassemble.ts';

const KNOWN: readonly (readonly [word: number, aliased: string, plain: string])[] = [
  [0x00000013, 'nop', 'addi zero,zero,0'],
  [0x00a00513, 'li a0,10', 'addi a0,zero,10'],
  [0x00058513, 'mv a0,a1', 'addi a0,a1,0'],
  [0x0005051b, 'sext.w a0,a0', 'addiw a0,a0,0'],
  [0x40b00533, 'neg a0,a1', 'sub a0,zero,a1'],
  [0x00008067, 'ret', 'jalr zero,0(ra)'],
  [0x00450067, 'jr 4(a0)', 'jalr zero,4(a0)'],
  [0x008000ef, 'jal 0x80000008', 'jal ra,0x80000008'],
  [0xffdff06f, 'j 0x7ffffffc', 'jal zero,0x7ffffffc'],
  [0x00050463, 'beqz a0,0x80000008', 'beq a0,zero,0x80000008'],
  [0x30002573, 'csrr a0,mstatus', 'csrrs a0,mstatus,zero'],
  [0x30055073, 'csrwi mstatus,10', 'csrrwi zero,mstatus,10'],
  [0xc0102573, 'rdtime a0', 'csrrs a0,time,zero'],
  [0x0ff0000f, 'fence', 'fence iorw,iorw'],
  [0x0100000f, 'pause', 'pause'],
  [0x0805853b, 'zext.w a0,a1', 'add.uw a0,a1,zero'],
  [0x60459513, 'sext.b a0,a1', 'sext.b a0,a1'],
  [0x0805c53b, 'zext.h a0,a1', 'zext.h a0,a1'],
  [0x6035d513, 'ror a0,a1,0x3', 'rori a0,a1,0x3'],
  [0x28559513, 'bset a0,a1,0x5', 'bseti a0,a1,0x5'],
  [0x6b85d513, 'rev8 a0,a1', 'rev8 a0,a1'],
  [0x0ec5d533, 'czero.eqz a0,a1,a2', 'czero.eqz a0,a1,a2'],
  [0x8330000f, 'fence.tso', 'fence.tso'],
  [0x06b6252f, 'amoadd.w.aqrl a0,a1,(a2)', 'amoadd.w.aqrl a0,a1,(a2)'],
  [0xfffff537, 'lui a0,0xfffff', 'lui a0,0xfffff'],
  [0x8082, 'ret', 'c.jr ra'],
  [0x852e, 'mv a0,a1', 'c.mv a0,a1'],
  [0x0505, 'addi a0,a0,1', 'c.addi a0,1'],
  [0x0001, 'nop', 'c.addi zero,0'],
  [0x6502, 'ld a0,0(sp)', 'c.ldsp a0,0(sp)'],
  [0x0000, 'unimp', 'c.unimp'],
  [0xffffffff, '.4byte 0xffffffff', '.4byte 0xffffffff'],
];

test.each(KNOWN)('%i is %s, plainly %s', (word, aliased, plain) => {
  const show = (aliases: boolean) => disassemble(word, 0x80000000n, { aliases }).text.replace('\t', ' ');
  expect(show(true)).toBe(aliased);
  expect(show(false)).toBe(plain);
});

test('a target has its symbol beside it', () => {
  const symbols = (address: bigint) => (address === 0x80000008n ? 'loop' : undefined);
  expect(disassemble(0x00050463, 0x80000000n, { aliases: true, symbols }).text).toBe('beqz\ta0,80000008 <loop>');
});
