// The dialect: directives, macros, expressions, sections and linking, each text assembled by ours and by GNU's tools
// to the same bytes, for an architecture without C and one with it.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BINARY } from '../../src/asm/operators.ts';
import { ARCHITECTURES, same } from './binutils/compare.ts';

const START = '.globl _start\n_start:\n';

const TEXTS: Readonly<Record<string, string>> = {
  'data of every width': `
    .byte 1, -1, 0xff, 'a', 'b, '\\n', '\\\\', 0b101, 017
    .half 1, 2 ; .short 3 ; .hword 4 ; .2byte 5
    .word 1, -2, 0xffffffff ; .long 6 ; .int 7 ; .4byte 8
    .dword 1, _start ; .quad _start + 8, _start - 8 ; .8byte 0x123456789abcdef0
    .dword . , . - _start, .`,
  'strings with escapes': String.raw`
    .ascii "plain", "two" "joined"
    .asciz "tab\tquote\"back\\slash\n"
    .string "octal\101\0end", "hex\x41", "bell\b\f\r"
    .asciz "# no comment; no end /* here */"
    .asciz "gr\303\274n", "ü"`,
  'numbers with the suffixes of C': `
    .dword 1L << 3, 10UL, 0x10ULL, 010L, 5u, 0b11L ; li a0, (1L << (9 + 9 + 9 + 12 - 1)) - 4096 ; csrw mstatus, 1L`,
  'runs of bytes': `
    .zero 3 ; .skip 2, 9 ; .space 5 ; .space 100, 0xab ; .fill 3, 2, 0x1234 ; .fill 2, 8, -1 ; .fill 3 ; .fill 2, 1, 7
    .fill 0, 4, 1
    .zero 0`,
  'padding in data': `
    .data
    .byte 1 ; .align 3 ; .byte 2 ; .balign 16, 0x55 ; .byte 3 ; .p2align 2,,1 ; .byte 4 ; .p2align 3, 9, 7 ; .byte 5
    .balign 4 ; .balignw 8, 0x1234 ; .balignl 16, 0x12345678 ; .byte 1 ; .align 0 ; .balign 1 ; .byte 2`,
  'padding in code': `
    nop ; .align 3 ; nop ; .balign 16 ; ret ; .p2align 4,,3 ; nop ; .p2align 5 ; .balign 2 ; nop
    .byte 1 ; .align 3 ; nop ; .byte 1, 2, 3 ; .balign 8 ; nop ; .2byte 5 ; .balign 4 ; nop ; .align 4, 0xee ; ret`,
  origins: `
    nop ; .org 16 ; nop ; .org 0x40, 0xff ; nop ; . = 0x60 ; nop ; .org _start + 0x80 ; nop
    here: .org here + 32 ; nop ; . = . + 6 ; .2byte 1`,
  'numeric labels': `
    1: j 1f ; 1: j 1b ; j 2f ; 1: beqz a0, 1b ; 2: bnez a0, 1b ; 10: j 10b ; j 10f ; 10: la a0, 1b ; .dword 1b, 2b, 10b`,
  'values and their changes': `
    .set a, 1 ; .byte a ; .set a, a + 1 ; .byte a ; .equ b, a * 2 ; .byte b ; a = 9 ; .byte a, b
    .equiv c, 7 ; .byte c ; d == 8 ; .byte d
    .equ later, end - _start ; .word later ; .equ address, end ; .dword address, address + 4
    li a0, c ; addi a1, a1, b ; lw a0, c - 3(a1) ; .quad forward ; .set forward, 12
    end:`,
  distances: `
    first: nop ; add a0, a0, a1 ; second: .word second - first ; .byte second - first, (second - first) / 2
    .if second - first == 8 ; .byte 1 ; .else ; .byte 2 ; .endif
    .space 32 - (. - _start) ; .word last - first ; beqz a0, second ; last: .word last - second
    .data ; .zero 100 ; one: .zero 200 ; two: .word two - one`,
  'functions of addresses': `
    .equ low, 0x12345
    lui a0, %hi(low) ; addi a0, a0, %lo(low) ; lw a1, %lo(low)(a0) ; sd a1, %lo(low + 8)(a0) ; lui a0, %hi(0x12345fff)
    addi a0, a0, %lo(0x12345fff)
    1: auipc a0, %pcrel_hi(there) ; addi a0, a0, %pcrel_lo(1b)
    2: auipc a1, %pcrel_hi(there + 4) ; ld a2, %pcrel_lo(2b)(a1) ; sd a2, %pcrel_lo(2b)(a1)
    jalr ra, %lo(low)(a0)
    .data ; .zero 0x900 ; there: .dword 1, 2`,
  'addresses near zero, which auipc does not reach from here': `
    .zero 0x1000
    la a0, near ; lla a1, near + 0x7f0 ; lw a2, near ; sw a2, near, t0 ; call near ; tail near
    .equ near, _start - 0x80000000 + 0x1234`,
  'symbolic loads and stores': `
    lb a0, there ; lbu a0, there ; lh a1, there + 2 ; lhu a1, there ; lw a2, there ; lwu a2, there ; ld a3, there
    sb a0, there, t0 ; sh a0, there, t1 ; sw a0, there, t2 ; sd a0, there + 8, t3
    jump there, t4 ; call there ; tail there ; call t0, there
    .section .rodata ; there: .dword 1, 2`,
  'CSRs by name and number': `
    csrr a0, mstatus ; csrw 0x300, a0 ; csrwi mscratch, 5 ; csrw mscratch, 5 ; csrrw a0, satp, a1 ; csrrs a0, 0xc00, x0
    .equ MINE, 0x342 ; csrr a0, MINE ; csrr a0, MINE + 1 ; csrrci a0, mie, 31`,
  'fences and system instructions': `
    fence ; fence rw, w ; fence iorw, iorw ; fence.tso ; fence.i ; fence i, o
    sfence.vma ; sfence.vma a0 ; sfence.vma a0, a1 ; ecall ; ebreak ; mret ; sret ; wfi ; scall ; sbreak ; unimp ; nop`,
  'jumps through registers': `
    jr a0 ; jr 4(a0) ; jr a0, 8 ; jalr a0 ; jalr 4(a0) ; jalr a0, a1 ; jalr a0, 4(a1) ; jalr a0, a1, 4 ; jalr x0, 0(ra)
    jalr x0, ra, 0 ; jalr ra, 0(t0) ; ret ; jr ra ; jalr ra ; jalr zero ; jr 0(a0)`,
  'an option for a while': `
    .option push ; .option norvc ; nop ; add a0, a0, a1 ; .option rvc ; add a0, a0, a1 ; .option pop ; add a0, a0, a1
    .option norelax ; .option relax ; .option norelax ; .option nopic
    .option arch, -c ; add a0, a0, a1 ; .option arch, +c ; add a0, a0, a1 ; .balign 8 ; nop`,
  'macros with every kind of argument': String.raw`
    .macro two a, b=7
    .byte \a, \b
    .endm
    two 1, 2
    two 1
    two b=3, a=4
    two 5 6
    .macro need what:req, others:vararg
    .byte \what
    .byte \others
    .endm
    need 1, 2, 3, 4
    .macro save register, slot
    sd \register, \slot * 8(sp)
    label_\register\()_\@: .byte \@
    .endm
    save ra, 1
    save a0, 1 + 2
    .macro outer x
    .macro inner_\x y
    .byte \x, \y
    .endm
    inner_\x 9
    .endm
    outer 3
    inner_3 4
    .macro count n
    .byte \n
    .if \n
    count \n-1
    .endif
    .endm
    count 5
    .macro leave n
    .byte 1
    .if \n > 2
    .exitm
    .endif
    .byte 2
    .endm
    leave 1
    leave 3
    .macro text s
    .asciz "\s", "it's \s"
    .endm
    text "hello"
    .purgem two
    .macro two
    .byte 22
    .endm
    two
    .macro op name, rest:vararg
    \name \rest
    .endm
    op addi, a0, a0, 5
    op ret
    .macro empty a=, b
    .byte 0\a\b
    .endm
    empty
    empty 1
    empty , 2`,
  repetitions: String.raw`
    .rept 3
    .byte 1
    .endr
    .rept 0
    .byte 2
    .endr
    .irp r, a0, a1, t0
    addi \r, \r, 1
    .endr
    .irp x 1 2 3
    .byte \x
    .endr
    .irpc c, 0123
    .byte \c, '\c'
    .endr
    .irp r, s0
    .irp n, 1, 2
    ld \r, \n * 8(sp)
    .endr
    .endr
    .set i, 0
    .rept 4
    .byte i
    .set i, i + 1
    .endr
    .macro each a, rest:vararg
    .irp x, \rest
    .byte \a + \x
    .endr
    .endm
    each 10, 1, 2, 3`,
  'conditions of every kind': `
    .equ one, 1
    .if one ; .byte 1 ; .endif
    .if 0 ; .byte 2 ; .elseif 1 ; .byte 3 ; .else ; .byte 4 ; .endif
    .if 0 ; .if 1 ; .byte 5 ; .endif ; .else ; .byte 6 ; .endif
    .ifdef one ; .byte 7 ; .endif
    .ifndef one ; .byte 8 ; .else ; .byte 9 ; .endif
    .ifdef none ; .byte 10 ; .endif
    .ifeq 0 ; .byte 11 ; .endif
    .ifne 1 ; .byte 12 ; .endif
    .iflt -1 ; .byte 13 ; .endif
    .ifgt 1 ; .byte 14 ; .endif
    .ifle 0 ; .byte 15 ; .endif
    .ifge 0 ; .byte 16 ; .endif
    .ifc a, a
    .byte 17
    .endif
    .ifnc a, b
    .byte 18
    .endif
    .ifeqs "x", "x"
    .byte 19
    .endif
    .ifb
    .byte 20
    .endif
    .ifnb x
    .byte 21
    .endif`,
  'sections and ways back': `
    nop ; .data ; .byte 1 ; .text ; nop ; .section .rodata ; .byte 2 ; .previous ; nop ; .section .text.more, "ax" ; ret
    .section .data.more, "aw", @progbits ; .byte 3 ; .pushsection .rodata ; .byte 4 ; .popsection ; .byte 5
    .bss ; .zero 8 ; .section .bss.more, "aw", @nobits ; .zero 4 ; .section .rodata.strings, "a" ; .asciz "x"
    .text 0 ; nop ; .data ; .balign 8 ; .dword 6 ; .section .sdata, "aw" ; .word 7`,
  'room that the linker allots': `
    .comm shared, 16, 8 ; .lcomm own, 4 ; .local mine ; .comm mine, 4, 4 ; .comm odd, 5 ; .lcomm three, 3 ; .lcomm nine, 9
    la a0, shared ; la a1, own ; la a2, mine ; .bss ; .zero 3 ; .data ; .dword shared, own, mine, odd, three, nine, __bss_start, _end, _edata, _etext`,
  'weak symbols': `
    .weak missing ; .weak there ; there: nop ; .dword missing, there ; beqz a0, there ; j there
    .weak late ; bnez a0, late ; late: nop`,
  'comments and separators': `
    nop # a comment ; still
    nop ; nop /* in between */ ; nop /* over
    lines ; nop */ ; nop
    label: other: nop
    /* # */ nop
    .byte 1, /* in
    between */ 2 ; nop
    .byte '#', ';', '/'
    .byte 4 / 2`,
  'branches to what is elsewhere': `
    beqz a0, elsewhere ; bne a0, a1, elsewhere ; j elsewhere ; jal elsewhere ; jal t0, elsewhere ; bgtu a0, a1, elsewhere
    .section .text.elsewhere, "ax" ; elsewhere: nop`,
  'targets that are expressions': `
    beq a0, a1, . + 8 ; nop ; j . - 4 ; j _start + 4 ; bnez a0, . ; jal ra, . + 0x100 ; beqz s0, .+2*4 ; la a0, . ; call . + 8`,
};

describe.each(ARCHITECTURES)('for %s', (arch) => {
  test.each(Object.entries(TEXTS))('%s', (_, text) => {
    expect(same([{ name: 'text.s', text: START + text }], arch)).toBeGreaterThan(0);
  });

  test('files that refer to each other', () => {
    const sources = [
      '.globl _start, shared\n_start: call other ; beqz a0, other ; .data ; shared: .dword other, count\n.byte 1\n',
      '.globl other, count\nother: la a0, shared ; lw a1, shared ; j _start ; .section .rodata ; .byte 9 ; .equ count, 77\n',
      'local: ret ; .byte 1 ; .data ; .balign 8 ; .dword local, count ; .bss ; .zero 5\n',
    ].map((text, index) => ({ name: `${index}.s`, text }));
    expect(same(sources, arch)).toBeGreaterThan(0);
  });

  test('files that include others', () => {
    const includes = [
      { name: 'constants.inc', text: '.equ SIZE, 12\n.macro twice what\n\\what\n\\what\n.endm\n' },
      { name: 'blob.bin', text: 'abcdefghijklmnop' },
    ];
    const text = `${START}.include "constants.inc"\n.byte SIZE\ntwice ret\n.incbin "blob.bin"\n.incbin "blob.bin", 3\n.incbin "blob.bin", 2, 5\n`;
    expect(same([{ name: 'text.s', text }], arch, { includes })).toBeGreaterThan(0);
  });
});

const C = `
  static const char *names[] = {"zero", "one", "two"};
  int table[100]; static long counter = 7; struct { int a; long b; char c[10]; } g = {1, 2, "hi"};
  int choose(int x) { switch (x) { case 0: return 5; case 1: return 9; case 2: return 77; case 3: return 12; case 4: return 99; default: return -x; } }
  long sum(long a, long b) { counter += a * b / 3; for (int i = 0; i < 100; i++) table[i] += i * a; return counter % 17; }
  int _start(void) { asm volatile("csrr a0, mhartid; 1: beqz a0, 1b"); return choose(3) + sum(4, 5) + (long)names[choose(1)]; }
  __attribute__((section(".text.other"))) void other(void) { __sync_fetch_and_add(&table[3], 5); }
  __attribute__((weak)) long constant(void) { return 0x123456789abcdef0; }`;

test.each(['-O0', '-O2', '-Os'])('what GCC writes with %s', (level) => {
  for (const arch of ['rv64ima_zicsr', 'rv64imac_zicsr']) {
    const flags = [`-march=${arch}`, '-mabi=lp64', '-mcmodel=medany', '-mno-relax', '-ffreestanding', level];
    const text = execFileSync('riscv64-unknown-elf-gcc', [...flags, '-S', '-xc', '-', '-o', '-'], {
      input: C,
      encoding: 'utf8',
    });
    expect(same([{ name: 'compiled.s', text }], `${arch}_zifencei`)).toBeGreaterThan(0);
  }
});

/** Expressions of numbers, spelled in every base, with the operators and the precedence of GNU as. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.oneof(
      fc.integer({ min: 0, max: 70 }).map(String),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((value) => `0x${value.toString(16)}`),
      fc.integer({ min: 0, max: 511 }).map((value) => `0${value.toString(8)}`),
      fc.constantFrom('KNOWN', 'distance', "'x'", '0b1101'),
    ),
    fc
      .tuple(fc.constantFrom('-', '~', '!', '+'), tie('expression'))
      .map(([operator, operand]) => `${operator}(${operand})`),
    fc
      .tuple(tie('expression'), fc.constantFrom(...Object.keys(BINARY)), tie('expression'))
      .map((parts) => parts.join(' ')),
    tie('expression').map((inner) => `(${inner})`),
  ),
}));

/** Division by zero is an error on both sides, and shifts beyond the width mean different things in C. */
const isDefined = (text: string) => !/[/%]|<<|>>/.test(text);

test('random expressions have the same value', () => {
  const texts = fc.sample(expression.filter(isDefined), { numRuns: 3000 });
  const shifts = fc.sample(
    fc.tuple(expression.filter(isDefined), fc.constantFrom('<<', '>>', '*', '/', '%'), fc.integer({ min: 1, max: 63 })),
    { numRuns: 1000 },
  );
  const all = [...texts, ...shifts.map((parts) => `(${parts[0]}) ${parts[1]} ${parts[2]}`)];
  const text = `${START}.equ KNOWN, 1234\na: .zero 24\nb:\n.equ distance, b - a\n${all.map((each) => `.quad ${each}`).join('\n')}\n`;
  expect(same([{ name: 'expressions.s', text }], 'rv64imac_zicsr_zifencei')).toBeGreaterThan(0);
});
