// Accesses that the monitor emulates: device registers by every load and store, compressed forms included, and RAM
// that it keeps from the guest's stores: atomics on page tables, misaligned atomics, and the reservation of LR and SC.

import { expect, test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const modes = ['M', 'S', 'U'];

test.each(modes)('every load and store width reaches a device from %s-mode, with its sign', (mode) => {
  const vm = runCase(`
        .option rvc
test:   .ifc    ${mode}, M
        catching 2f
        j       1f
        .else
        try     ${mode}, 1f
        .endif
        .balign 4
2:      check   a2, -1
        check   a3, 0xff
        check   a4, 0xffffffff89abcdef
        check   a5, 0x89abcdef
        check   s0, 0x0123456789abcdef
        check   s1, 0x0123456789abcdef
        check   s2, 0xffffffff89abcdef
        check   s3, 0xfffffffffedcba98
        check   s4, 0x0123456789abcdef
        pass
        .balign 4
1:      li      a1, UART
        li      t0, 0xff
        sb      t0, 7(a1)               # the scratch register
        lb      a2, 7(a1)
        lbu     a3, 7(a1)
        li      s5, CLINT + 0x4000      # mtimecmp
        li      a0, 0x0123456789abcdef
        sd      a0, 0(s5)
        lw      a4, 0(s5)
        lwu     a5, 0(s5)
        ld      s0, 0(s5)
        mv      a1, s5
        c.ld    a0, 0(a1)
        mv      s1, a0
        c.lw    a0, 0(a1)
        mv      s2, a0
        li      a0, 0xfedcba98
        c.sw    a0, 4(a1)
        c.lw    a0, 4(a1)
        mv      s3, a0
        li      a0, 0x0123456789abcdef
        c.sd    a0, 0(a1)
        mv      s6, sp
        mv      sp, s5
        c.ldsp  s4, 0(sp)
        c.sdsp  s4, 0(sp)
        c.lwsp  a0, 4(sp)
        c.swsp  a0, 4(sp)
        mv      sp, s6
        ecall
`);
  expect(vm.ledger.count('mmio')).toBeGreaterThan(12);
});

test('a load from a device into x0 is still an access, and one by an offset has it from every compressed field', () => {
  runCase(`
        .option rvc
test:   li      a1, PLIC                # priorities of sources 1 to 31, at offsets 4 to 124
        li      a0, 7
        .irp    offset, 4, 8, 16, 32, 64, 124
        c.sw    a0, \\offset(a1)
        c.lw    a2, \\offset(a1)
        check   a2, 7
        c.sw    a3, \\offset(a1)
        .endr
        li      a1, UART
        li      t0, 'x'
        lb      x0, 5(a1)
        .irp    offset, 0, 1, 2
        lb      x0, \\offset(a1)
        .endr
        pass
`);
});

test('widths that a device does not have, and addresses where nothing is, are access faults', () => {
  runCase(`
        .macro  expect insn, address, cause
        li      a1, \\address
        catching 1f
        .balign 4
        \\insn  a0, (a1)
        j       fail
        .balign 4
1:      check   s8, \\cause
        same    s9, a1
        .endm
test:   expect  lh, CLINT, LOAD_ACCESS
        expect  ld, PLIC, LOAD_ACCESS
        expect  sd, PLIC, STORE_ACCESS
        expect  lw, CLINT + 2, LOAD_ACCESS
        expect  ld, 0, LOAD_ACCESS
        expect  sd, 0, STORE_ACCESS
        expect  lbu, 0x7fffffff, LOAD_ACCESS
        expect  ld, 0x80200000, LOAD_ACCESS
        expect  sb, 0x80200000, STORE_ACCESS
        expect  ld, -8, LOAD_ACCESS
        expect  lr.w, CLINT, LOAD_ACCESS
        .irp    at, UART, CLINT, 0x90000000
        li      a1, \\at
        catching 1f
        amoadd.w a0, a0, (a1)
        j       fail
        .balign 4
1:      check   s8, STORE_ACCESS
        catching 1f
        sc.w    a0, a0, (a1)
        j       fail
        .balign 4
1:      check   s8, STORE_ACCESS
        catching 1f
        jr      a1
        .balign 4
1:      check   s8, FETCH_ACCESS
        same    s9, a1
        .endr
        pass
`);
});

test('devices are reached through translation, at the rights of their page', () => {
  const vm = runCase(
    `
        .equ    DEVICE, UART >> 2
test:   la      t1, leaves
        li      t0, DEVICE | PTE_V | PTE_R | PTE_W | PTE_U
        sd      t0, 8(t1)
        li      t0, DEVICE | PTE_V | PTE_R
        sd      t0, 16(t1)
        translate
        li      a1, PAGE
        try     U, 1f, USER
        check   s8, ECALL_U
        ld      t0, 8(t1)
        andi    t0, t0, PTE_A | PTE_D
        check   t0, PTE_A | PTE_D
        try     S, 1f
        check_trap STORE_PAGE, PAGE
        li      a1, 2 * PAGE
        try     S, 1f
        check_trap STORE_PAGE, 2 * PAGE
        try     S, 2f
        check_trap FETCH_PAGE, PAGE
        pass
1:      li      a0, 'a'
        sb      a0, 0(a1)
        ecall
2:      li      a1, PAGE
        jr      a1
`,
    { console: 'a' },
  );
  expect(vm.ledger.count('mmio')).toBe(2);
});

const AMOS = ['swap', 'add', 'xor', 'and', 'or', 'min', 'max', 'minu', 'maxu'];

test.each(['w', 'd'])('every amo.%s on a page of page tables is the same as on another page', (width) => {
  runCase(`
test:   map     1, page1, PTE_RW
        map     2, leaves, PTE_RW
        translate
        try     S, 1f
        check   s8, ECALL_S
        pass
1:      li      a1, PAGE
        ld      a0, 0(a1)               # now leaves is traced
        li      a1, 2 * PAGE + 2048
        li      a2, PAGE + 2048
        li      a3, 0x8234567880000001
        sd      a3, 0(a1)
        sd      a3, 0(a2)
        li      a4, 0x1111111180001111
        .irp    op, ${AMOS.join(', ')}
        amo\\op\\().${width} a5, a4, (a1)
        amo\\op\\().${width} a6, a4, (a2)
        bne     a5, a6, 2f
        ld      a5, 0(a1)
        ld      a6, 0(a2)
        bne     a5, a6, 2f
        addi    a4, a4, 77
        .endr
        ecall
2:      ebreak
`);
});

test('a constrained LR/SC loop on a page that holds page tables makes progress (norm:constrained_lrsc_instruction_set)', () => {
  const vm = runCase(`
test:   map     1, page1, PTE_RW
        map     2, leaves, PTE_RW
        translate
        try     S, 1f
        check   s8, ECALL_S
        check   a5, 100
        check   s0, 0                   # no SC failed
        pass
1:      li      a1, PAGE
        ld      a0, 0(a1)
        li      a1, 2 * PAGE + 2048
        li      a4, 100
        li      s0, 0
2:      lr.d    a5, (a1)
        addi    a5, a5, 1
        sc.d    a6, a5, (a1)
        add     s0, s0, a6
        bnez    a6, 2b
        addi    a4, a4, -1
        bnez    a4, 2b
        ecall
`);
  expect(vm.ledger.count('page-table-write')).toBe(100);
});

test('a reservation survives what the monitor does in between, and ends with an SC, whatever its address', () => {
  runCase(`
        .macro  sc_is expected, address
        la      a1, \\address
        sc.d    a6, a5, (a1)
        check   a6, \\expected
        .endm
test:   la      a1, page1
        la      a2, page2
        lr.d    a5, (a1)
        csrr    a0, mstatus             # an exit
        lbu     a0, 0(a2)               # another page
        li      a3, UART
        lbu     a0, 5(a3)               # a device
        sc.d    a6, a5, (a1)
        check   a6, 0
        sc.d    a6, a5, (a1)
        check   a6, 1
        lr.d    a5, (a1)
        sc.d    a6, a5, (a2)            # elsewhere
        check   a6, 1
        sc.d    a6, a5, (a1)
        check   a6, 1
        lr.d    a5, (a1)
        lr.d    a5, (a2)                # the last one counts
        sc.d    a6, a5, (a1)
        check   a6, 1
        lr.w    a5, (a1)
        sc.w    a6, a5, (a1)
        check   a6, 0
        lr.d    a5, (a1)
        catching 1f
        ecall                           # a trap and a return
1:      la      a1, page1
        sc.d    a6, a5, (a1)
        check   a6, 0
        pass
`);
});

test.each(['lr.w', 'lr.d', 'sc.w', 'sc.d', 'amoadd.w', 'amomaxu.d'])(
  'a misaligned %s raises address-misaligned in every mode (norm:amo_alignment)',
  (name) => {
    const operands = name.startsWith('lr') ? 'a0, (a1)' : 'a0, a0, (a1)';
    const cause = name.startsWith('lr') ? 'LOAD_MISALIGNED' : 'STORE_MISALIGNED';
    runCase(`
test:   map     1, page1, PTE_RW | PTE_U
        la      a1, page1 + 2
        catching 2f
        j       1f
        .balign 4
2:      check   s8, ${cause}
        same    s9, a1
        try     S, 1f
        check   s8, ${cause}
        translate
        li      a1, PAGE + 1
        try     U, 1f, USER
        check_trap ${cause}, PAGE + 1
        li      a1, 3 * PAGE + 2        # not mapped: alignment comes first
        try     U, 1f, USER
        check_trap ${cause}, 3 * PAGE + 2
        pass
1:      ${name} ${operands}
        ecall
`);
  },
);
