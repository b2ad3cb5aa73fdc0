// The floating-point unit in a virtual machine: it runs natively, off where the guest has it off, and what it changes
// shows in the guest's own mstatus.FS. Each guest runs bare and virtual and is compared step by step.
// Left out: arithmetic, which tests/isa/float holds against the definition of IEEE 754.

import { test } from 'vitest';
import { runCase } from '../support/assembly.ts';

const FS = `
        .equ    FS, 3 << 13
        .equ    INITIAL, 1 << 13
        .equ    CLEAN, 2 << 13
        .macro  status expected
        csrr    t1, mstatus
        li      t0, FS
        and     t1, t1, t0
        check   t1, \\expected
        .endm
        .macro  have state
        li      t0, FS
        csrc    mstatus, t0
        li      t0, \\state
        csrs    mstatus, t0
        .endm
`;

test('where FS is Off, instructions and CSRs of the unit are illegal, in M-mode and below it', () => {
  // norm:mstatus_fs_vs_xs_off_op, norm:mstatus_fs_op
  runCase(`${FS}
test:   have    0
        .irp    mode, U, S, M
        .irp    target, move, read, store, add
        try     \\mode, \\target
        check   s8, ILLEGAL
        .endr
        .endr
        status  0
        pass
move:   fmv.x.d a0, f1
        ecall
read:   csrr    a0, fcsr
        ecall
store:  fsd     f1, (sp)
        ecall
add:    fadd.d  f1, f1, f1
        ecall
`);
});

test('FS is Dirty after a register or a flag may have changed, and stays as it is where they are only read', () => {
  // norm:mstatus_fs_vs_xs_initial_op, norm:mstatus_fs_vs_xs_clean_op, norm:mstatus_fs_vs_xs_dirty_op, norm:mstatus_sd_op1
  runCase(`${FS}
test:   .irp    state, INITIAL, CLEAN
        have    \\state
        fmv.x.d a0, f1
        fsd     f1, -8(sp)
        fclass.d a0, f1
        csrr    a0, fcsr
        status  \\state
        csrw    fflags, zero
        status  FS
        have    \\state
        fmv.d.x f1, zero
        status  FS
        have    \\state
        fld     f1, -8(sp)
        status  FS
        have    \\state
        feq.d   a0, f1, f1
        status  FS
        .endr
        csrr    t1, mstatus
        srli    t1, t1, 63
        check   t1, 1                           # SD
        pass
`);
});

test('registers, frm and flags are kept over traps and between modes, and each mode leaves FS Dirty', () => {
  // norm:mstatus_fs_vs_xs_update_indep_priv
  runCase(`${FS}
test:   have    INITIAL
        li      t0, 0x3ff0000000000000
        fmv.d.x f1, t0
        li      t0, 0x4008000000000000
        fmv.d.x f2, t0
        fsrmi   3
        .irp    mode, U, S, M
        fsflagsi 0
        have    CLEAN
        try     \\mode, third
        status  FS
        .endr
        fmv.x.d t1, f3
        check   t1, 0x3fd5555555555556          # a third, rounded up
        frflags t1
        check   t1, 1
        frrm    t1
        check   t1, 3
        flw     f4, one, t0
        fmv.x.d t1, f4
        check   t1, 0xffffffff3f800000
        fadd.s  f5, f4, f1                      # a double is no boxed single
        fmv.x.w t1, f5
        check   t1, 0x7fc00000
        pass
third:  fdiv.d  f3, f1, f2
        ecall
one:    .float  1
`);
});

test('a reserved rounding mode is illegal, whether the instruction or frm has it', () => {
  runCase(`${FS}
test:   have    INITIAL
        fsrmi   5
        try     M, dynamic
        check   s8, ILLEGAL
        try     U, fixed
        check   s8, ILLEGAL
        fadd.d  f1, f1, f1, rne
        pass
dynamic: fadd.d f1, f1, f1
        ecall
fixed:  .4byte  0x0210d0d3                      # fadd.d f1, f1, f1 with the mode 5
        ecall
`);
});

test('FS holds each of its values, in mstatus and in sstatus, which show one field; SD sums it up and is not written', () => {
  // norm:mstatus_fs_vs_warl, norm:mstatus_fs_vs_xs_enc, norm:mstatus_fs_acc1, norm:mstatus_fs_wr, norm:mstatus_sd_acc
  runCase(`${FS}
test:   .irp    csr, mstatus, sstatus
        .irp    state, 0, INITIAL, CLEAN, FS
        li      t0, FS
        csrc    \\csr, t0
        li      t0, \\state
        csrs    \\csr, t0
        .irp    shown, mstatus, sstatus
        csrr    t1, \\shown
        li      t0, FS
        and     t2, t1, t0
        check   t2, \\state
        srli    t2, t1, 63
        check   t2, (\\state) / FS
        .endr
        li      t0, 1 << 63
        csrc    \\csr, t0
        csrs    \\csr, t0
        csrr    t1, \\csr
        srli    t2, t1, 63
        check   t2, (\\state) / FS
        .endr
        .endr
        pass
`);
});

test('without F, FS and SD are zero, and fcsr is not there (norm:mstatus_fs_rdonly0_s_no_f, norm:mstatus_sd_rdonly0)', () => {
  runCase(
    `${FS}
test:   li      t0, FS
        csrs    mstatus, t0
        csrs    sstatus, t0
        csrr    t1, mstatus
        and     t1, t1, t0
        check   t1, 0
        csrr    t1, sstatus
        srli    t1, t1, 63
        check   t1, 0
        try     M, read
        check   s8, ILLEGAL
        try     M, move
        check   s8, ILLEGAL
        pass
read:   csrr    a0, fcsr
        ecall
move:   .4byte  0xe2008553                      # fmv.x.d a0, f1
        ecall
`,
    { isa: 'rv64imac' },
  );
});
