// Interrupts as a guest sees them: mip and mie, sip and sie, the CLINT's registers, the timers, when an interrupt is
// taken and which, and waiting for one. Each is a guest that runs in all ways.
// Left out: all sets of pending, enabled and delegated ones, which tests/isa/interrupts.test.ts goes through.

import { describe } from 'vitest';
import { law } from './support/law.ts';

const NAMES = `
        .equ    SSI, 1 << 1
        .equ    MSI, 1 << 3
        .equ    STI, 1 << 5
        .equ    MTI, 1 << 7
        .equ    SEI, 1 << 9
        .equ    MEI, 1 << 11
        .equ    SUPERVISOR, SSI | STI | SEI
        .equ    ALL, SUPERVISOR | MSI | MTI | MEI
        .equ    STCE, 1 << 63
        # Raises the wires of M-mode, and the one of S-mode from the PLIC where asked for.
        .macro  raise_timer
        li      t2, MTIMECMP
        sd      zero, (t2)
        .endm
        .macro  raise_software
        li      t2, CLINT
        li      t1, 1
        sw      t1, (t2)
        .endm
        .macro  raise_external context
        li      t2, PLIC + 0x2000 + 0x80 * \\context
        li      t1, 1 << 10
        sw      t1, (t2)                # enabled
        li      t2, PLIC
        li      t1, 1
        sw      t1, 40(t2)              # with a priority
        li      t2, UART
        li      t1, 2
        sb      t1, 1(t2)               # the transmitter is empty
        .endm
        .macro  lower_external context
        li      t2, UART
        sb      zero, 1(t2)
        li      t2, PLIC + 0x200004 + 0x1000 * \\context
        lw      t1, (t2)
        sw      t1, (t2)
        .endm
        .macro  pending register, mask
        csrr    \\register, mip
        li      t1, \\mask
        and     \\register, \\register, t1
        .endm
`;

describe('mip and mie', () => {
  law(
    'mie has a writable bit for each of the six interrupts, and zero elsewhere',
    [
      'norm:mie_sz_acc',
      'norm:mie_bits_wr',
      'norm:mie_bits_rdonly0',
      'norm:mip_mie_enc_txt',
      'norm:mie_enc_img',
      'norm:mip_mie_std_enc_txt',
      'norm:mie_std_enc_img',
      'norm:mip_lcofip_mie_lcofie_rdonly0',
    ],
    `
${NAMES}
test:   li      t0, -1
        csrw    mie, t0
        csrr    t1, mie
        check   t1, ALL
        csrw    mip, t0
        csrr    t1, mip
        li      t2, ~ALL
        and     t1, t1, t2
        check   t1, 0
        csrw    mie, zero
        csrr    t1, mie
        check   t1, 0
        pass
`,
  );
  law(
    'the bits of S-level interrupts in mip are set and cleared by writes, STIP too while STCE is 0',
    [
      'norm:mip_sz_acc',
      'norm:mip_bits_wr_op',
      'norm:mip_bits_wr_or_rdonly',
      'norm:mip_seip_acc',
      'norm:mip_ssip_acc',
      'norm:mip_stip_no_stimecmp_acc',
      'norm:mip_stip_no_stimecmp_op2',
      'norm:menvcfg_stce_op2',
      'norm:mip_enc_img',
      'norm:mip_std_enc_img',
    ],
    `
${NAMES}
test:   li      t0, STCE
        csrc    menvcfg, t0
        .irp    bit, SSI, STI, SEI
        li      t0, \\bit
        csrs    mip, t0
        csrr    t1, mip
        same    t1, t0
        csrw    mip, zero
        csrr    t1, mip
        check   t1, 0
        .endr
        li      t0, STI                 # M-mode gives S-mode a timer interrupt
        csrs    mip, t0
        csrw    mideleg, t0
        csrw    mie, t0
        la      t0, 2f
        csrw    stvec, t0
        try     U, 1f
        check   s8, ECALL_S
        check   a2, INTERRUPT | 5
        pass
1:      nop
        j       1b
        .balign 4
2:      csrr    a2, scause
        ecall
`,
  );
  law(
    'MEIP, MTIP and MSIP are wires: a write of mip changes none, PLIC, mtimecmp and msip do',
    [
      'norm:mip_meip_rdonly',
      'norm:mip_mtip_rdonly',
      'norm:mip_msip_rdonly',
      'norm:mip_bits_rdonly_op',
      'norm:mip_meip_mie_meie_op',
      'norm:mip_mtip_mie_mtie_op',
      'norm:mip_msip_mie_msie_op',
      'norm:msip_sz_acc',
      'norm:msip_enc',
      'norm:msip_update_max_time',
      'norm:mtime_intr_mtip_visibility',
    ],
    `
${NAMES}
        .macro  wires mask
        pending t0, MEI | MTI | MSI
        li      t1, \\mask
        same    t0, t1
        csrw    mip, zero
        pending t0, MEI | MTI | MSI
        li      t1, \\mask
        same    t0, t1
        li      t0, MEI | MTI | MSI
        csrs    mip, t0
        pending t0, MEI | MTI | MSI
        li      t1, \\mask
        same    t0, t1
        .endm
test:   wires   0
        raise_software
        wires   MSI
        li      t0, CLINT
        li      t1, -1
        sw      t1, (t0)
        lwu     t1, (t0)
        check   t1, 1                   # one bit, the others zero
        sw      zero, (t0)
        lwu     t1, (t0)
        check   t1, 0
        wires   0
        raise_timer
        wires   MTI
        li      t0, MTIMECMP
        li      t1, -1
        sd      t1, (t0)
        wires   0
        raise_external 0
        wires   MEI
        lower_external 0
        wires   0
        pass
`,
  );
  law(
    'SEIP reads as the bit or the wire, and a read-modify-write works on the bit alone',
    [
      'norm:intr_sei_op',
      'norm:mip_seip_rdcsr',
      'norm:mip_seip_wrcsr',
      'norm:mip_seip_mie_seie_op',
      'norm:sip_seip_sie_seie',
    ],
    `
${NAMES}
test:   li      s0, SEI
        raise_external 1                # the wire
        pending t0, SEI
        same    t0, s0
        csrrsi  t0, mip, 2              # the old value has the wire, the new one does not take it over
        and     t0, t0, s0
        same    t0, s0
        lower_external 1
        pending t0, SEI
        check   t0, 0
        csrs    mip, s0                 # the bit
        pending t0, SEI
        same    t0, s0
        raise_external 1                # both
        csrc    mip, s0
        pending t0, SEI
        same    t0, s0                  # the wire remains
        lower_external 1
        pending t0, SEI
        check   t0, 0
        raise_external 1
        csrw    mideleg, s0             # and is not writable in sip
        csrr    t0, sip
        same    t0, s0
        csrw    sip, zero
        csrr    t0, sip
        same    t0, s0
        pass
`,
  );
  law(
    'sip and sie show what is delegated; all of sie can be written there, and SSIP alone of sip',
    [
      'norm:sip_sie',
      'norm:sip_acc',
      'norm:sip_op',
      'norm:sie_acc',
      'norm:sip_sie_warl',
      'norm:sip_sie_bits_sz',
      'norm:std_super_intr_impl',
      'norm:sip_ssip_sie_ssie',
      'norm:sip_stip_sie_stie',
      'norm:sip_seip_sie_seie',
    ],
    `
${NAMES}
test:   li      t0, STCE
        csrc    menvcfg, t0
        li      s0, SUPERVISOR
        li      s1, -1
        csrw    mideleg, zero
        csrw    mip, s0
        csrw    mie, s1
        csrr    t0, sip
        check   t0, 0
        csrr    t0, sie
        check   t0, 0
        csrw    sie, zero
        csrr    t0, mie
        check   t0, ALL
        csrw    mideleg, s0
        csrr    t0, sip
        same    t0, s0
        csrr    t0, sie
        same    t0, s0
        csrw    sie, s1
        csrr    t0, sie
        same    t0, s0                  # LCOFIE and M's bits are zero
        csrw    sie, zero
        csrr    t0, sie
        check   t0, 0
        csrr    t0, mie
        check   t0, MSI | MTI | MEI
        csrw    sip, zero
        csrr    t0, sip
        check   t0, SEI | STI
        csrw    mip, zero
        csrw    sip, s1
        csrr    t0, sip
        check   t0, SSI
        pass
`,
  );
});

describe('an interrupt is taken', () => {
  law(
    'at once behind an xRET, and behind a write of mip, mie, mstatus, mideleg or sie that makes it ready',
    [
      'norm:intr_mip_mie_xret_csrwr',
      'norm:intr_mip_mie_bounded_time',
      'norm:intr_mip_mie_op',
      'norm:mstatus_mie_sie_op2',
      'norm:sie_sip_strap_time_constraint',
      'norm:sie_sip_supervisor_strap',
    ],
    `
${NAMES}
        .macro  ready csr, write        # after this write the next instruction must not run
        li      s0, 1
        catching 3f
        \\write  \\csr, t0
2:      li      s0, 0
3:      check   s0, 1
        la      t0, 2b
        same    s10, t0
        csrci   mstatus, MSTATUS_MIE
        .endm
test:   li      t0, SSI
        csrw    mie, t0
        csrsi   mstatus, MSTATUS_MIE
        li      t0, SSI
        ready   mip, csrw
        csrw    mie, zero
        csrsi   mstatus, MSTATUS_MIE
        li      t0, SSI
        ready   mie, csrs
        li      t0, MSTATUS_MIE
        ready   mstatus, csrs
        li      t0, SSI                 # delegated, M-mode does not see it
        csrw    mideleg, t0
        csrsi   mstatus, MSTATUS_MIE
        nop
        li      t0, SSI
        ready   mideleg, csrc
        li      t0, MSTATUS_MPP         # by MRET to S-mode, for M-mode
        csrc    mstatus, t0
        li      t0, S << 11
        csrs    mstatus, t0
        la      t0, 4f
        csrw    mepc, t0
        la      s11, 5f
        mret
4:      ecall
5:      check   s8, INTERRUPT | 1
        la      t0, 4b
        same    s10, t0
        li      t0, SSI                 # for S-mode, by its own writes
        csrw    mideleg, t0
        la      t0, 7f
        csrw    stvec, t0
        csrw    sie, zero
        try     S, 6f
        check   s8, ECALL_S
        check   a0, 3
        pass
6:      li      a0, 0
        csrsi   sstatus, MSTATUS_SIE
        addi    a0, a0, 1
        csrsi   sie, SSI                # here
        addi    a0, a0, 16
        .balign 4
7:      addi    a0, a0, 2
        csrr    a1, scause
        ecall
`,
  );
  law(
    'in modes below its own always, in its own by xIE, and never above: STI that is delegated waits for M to be left',
    [
      'norm:mstatus_xie_intr_en_dis',
      'norm:trap_del_intr_priv_lvl',
      'norm:intr_mip_mie_op',
      'norm:sie_sip_supervisor_strap',
      'norm:sstatus_sie',
    ],
    `
${NAMES}
        .macro  below mode, sie, cause, scause
        li      t0, MSTATUS_SPIE | MSTATUS_SIE | MSTATUS_MPIE | MSTATUS_MIE
        csrc    mstatus, t0
        li      t0, \\sie
        csrs    mstatus, t0
        li      a2, 0
        try     \\mode, 1f
        li      t0, \\cause
        same    s8, t0
        li      t0, \\scause
        same    a2, t0
        .endm
test:   li      t0, STCE
        csrc    menvcfg, t0
        la      t0, 2f
        csrw    stvec, t0
        li      t0, STI
        csrw    mip, t0
        csrw    mie, t0
        below   S, 0, INTERRUPT | 5, 0
        below   U, 0, INTERRUPT | 5, 0
        below   U, MSTATUS_SIE, INTERRUPT | 5, 0
        catching 3f
        csrsi   mstatus, MSTATUS_MIE
        nop
        j       fail
3:      li      t0, INTERRUPT | 5
        same    s8, t0
        li      t0, STI
        csrw    mideleg, t0
        csrsi   mstatus, MSTATUS_MIE | MSTATUS_SIE
        nop                             # in M-mode, masked
        below   S, 0, ECALL_S, 0
        below   S, MSTATUS_SIE, ECALL_S, INTERRUPT | 5
        below   U, 0, ECALL_S, INTERRUPT | 5
        pass
1:      ecall
        .balign 4
2:      csrr    a2, scause
        ecall
`,
  );
  law(
    'the most urgent first: MEI, MSI, MTI, SEI, SSI, STI for M-mode, whose interrupts go before those of S-mode',
    [
      'norm:intr_M_mode_pri',
      'norm:intr_M_mode_highest_pri',
      'norm:sip_sie_priority_bit_order',
      'norm:s_interrupt_priority',
      'norm:sie_sip_supervisor_strap',
    ],
    `
${NAMES}
test:   li      t0, STCE
        csrc    menvcfg, t0
        raise_software
        raise_timer
        raise_external 0
        li      t0, SUPERVISOR
        csrw    mip, t0
        la      t0, 5f
        csrw    stvec, t0
        .irp    delegated, 0, SUPERVISOR
        li      t0, \\delegated
        csrw    mideleg, t0
        li      s0, ALL
        li      s1, 0
        li      s2, 6
1:      csrw    mie, s0
        la      s11, 2f
        enter   U, 4f
2:      bgez    s8, 3f
        mv      a2, s8
3:      andi    t0, a2, 15              # one after the other, four bits each
        slli    s1, s1, 4
        or      s1, s1, t0
        li      t1, 1
        sll     t1, t1, t0
        not     t1, t1
        and     s0, s0, t1
        addi    s2, s2, -1
        bnez    s2, 1b
        check   s1, 0xb37915
        .endr
        pass
4:      nop
        j       4b
        .balign 4
5:      csrr    a2, scause
        ecall
`,
  );
});

describe('timers', () => {
  law(
    'mtime and mtimecmp are 64 bits wide in memory, read and written whole or by halves; mtime goes on from what is written, and wraps',
    [
      'norm:mtime_acc',
      'norm:mtime_sz',
      'norm:mtimecmp_sz',
      'norm:mtime_enc_img',
      'norm:mtimecmp_enc_img',
      'norm:mtime_mtimecmp_rv64_wr',
      'norm:mtimecmp_rv32_wr',
      'norm:mtime_wrap',
      'norm:mtime_op',
    ],
    `
test:   li      s0, MTIME
        li      s1, MTIMECMP
        li      t0, 0x123456789abcdef0
        sd      t0, (s1)
        ld      t1, (s1)
        same    t0, t1
        lwu     t1, 4(s1)
        check   t1, 0x12345678
        sw      zero, 4(s1)             # one half alone
        ld      t1, (s1)
        check   t1, 0x9abcdef0
        sw      zero, (s1)
        ld      t1, (s1)
        check   t1, 0
        li      t0, 0xfedcba9800000000
        sd      t0, (s0)
        ld      t1, (s0)
        srli    t1, t1, 32
        check   t1, 0xfedcba98
        li      t0, 7
        sw      t0, 4(s0)
        ld      t1, (s0)
        srli    t1, t1, 32
        check   t1, 7
        li      t0, -1
        sd      t0, (s0)
1:      ld      t1, (s0)
        bltz    t1, 1b                  # comes to zero
        sltiu   t1, t1, 4
        check   t1, 1
        pass
`,
  );
  law(
    'MTI is pending while mtime is at or above mtimecmp, unsigned, and taken if it is enabled',
    [
      'norm:mtime_intr_pending',
      'norm:mtime_intr_taken',
      'norm:mtime_intr_mtip_visibility',
      'norm:mip_mtip_mie_mtie_op',
    ],
    `
${NAMES}
        .macro  compare time, compare, mti
        li      t0, \\time
        li      t1, \\compare
        sd      t1, (s1)
        sd      t0, (s0)
        pending t0, MTI
        li      t1, \\mti
        same    t0, t1
        .endm
test:   li      s0, MTIME
        li      s1, MTIMECMP
        compare 1000, 1001 + 50, 0
        compare 1000, 1000, MTI
        compare 1000, 999, MTI
        compare -1000, 1000, MTI
        compare 1000, -1000, 0
        compare 0, 0, MTI
        compare 1 << 40, 1 << 39, MTI
        li      t0, MTI                 # until mtimecmp is above again
        ld      t1, (s0)
        addi    t1, t1, 3
        sd      t1, (s1)
        pending t2, MTI
        check   t2, 0
        csrsi   mstatus, MSTATUS_MIE    # not enabled in mie: nothing happens
1:      pending t2, MTI
        beqz    t2, 1b
        ld      t2, (s0)
        ld      t1, (s1)
        same    t1, t2                  # at the very tick
        catching 2f
        csrw    mie, t0
        nop
        j       fail
2:      check   s8, INTERRUPT | 7
        pass
`,
  );
  law(
    'time is mtime, read-only, from the same clock',
    ['norm:time_op_rdonly', 'norm:time_timeh_visibility_mtime', 'norm:supervisor_timer_scheduling'],
    `
test:   li      s0, MTIME
        csrr    t0, time
        ld      t1, (s0)
        sub     t1, t1, t0
        sltiu   t1, t1, 2
        check   t1, 1
        li      t0, 0x1234567800000000
        sd      t0, (s0)
        csrr    t1, time
        sub     t1, t1, t0
        sltiu   t1, t1, 2
        check   t1, 1
        catching 1f
        csrw    time, zero
        li      s8, 0
1:      check   s8, ILLEGAL
        li      t0, 1 << 63             # a timer interrupt for S-mode, in terms of time
        csrs    menvcfg, t0
        csrr    t1, time
        addi    t1, t1, 2
        csrw    stimecmp, t1
2:      csrr    t2, mip
        andi    t2, t2, 1 << 5
        beqz    t2, 2b
        csrr    t0, time
        same    t0, t1
        pass
`,
  );
  law(
    'stimecmp holds 64 bits, and STIP is pending while time is at or above it, in mip and sip',
    [
      'norm:stimecmp_stimecmph_sz_acc',
      'norm:mip_sip_stip_op',
      'norm:mip_stip_stimecmp_acc',
      'norm:mip_stip_stimecmp_op2',
      'norm:mip_stip_stimecmp_clr',
      'norm:mip_stip_mie_stie_op',
      'norm:menvcfg_stce_op1',
    ],
    `
${NAMES}
        .macro  compare time, compare, sti
        li      t0, \\time
        sd      t0, (s0)
        li      t1, \\compare
        csrw    stimecmp, t1
        csrr    t2, stimecmp
        same    t1, t2
        pending t2, STI
        li      t1, \\sti
        same    t2, t1
        csrr    t2, sip
        and     t2, t2, s2
        same    t2, t1
        csrw    mip, zero               # a wire, not to be cleared
        pending t2, STI
        li      t1, \\sti
        same    t2, t1
        li      t2, STI                 # nor set
        csrs    mip, t2
        pending t2, STI
        li      t1, \\sti
        same    t2, t1
        .endm
test:   li      s0, MTIME
        li      s2, STI
        li      t0, STCE
        csrs    menvcfg, t0
        csrr    t1, menvcfg
        and     t1, t1, t0
        same    t1, t0
        li      t0, STI
        csrw    mideleg, t0
        compare 1000, 1100, 0
        compare 1000, 1000, STI
        compare 1000, 999, STI
        compare -1000, 1000, STI
        compare 1000, -1000, 0
        compare 1 << 40, 1 << 39, STI
        compare 1 << 39, 0x123456789abcdef0, 0
        compare 0, 0, STI
        csrr    t0, time                # cleared by a value in the future
        addi    t0, t0, 100
        csrw    stimecmp, t0
        pending t2, STI
        check   t2, 0
        pass
`,
  );
  law(
    'stimecmp is for S-mode where STCE and mcounteren.TM are 1; otherwise its access is illegal, from U always, from M never',
    ['norm:menvcfg_stce_op1', 'norm:menvcfg_stce_op2', 'norm:mcounteren_tm_clr', 'norm:mcounteren_tm_set'],
    `
        .macro  access stce, tm, cause
        li      t0, 1 << 63
        csrc    menvcfg, t0
        li      t0, \\stce << 63
        csrs    menvcfg, t0
        csrwi   mcounteren, \\tm << 1
        csrwi   scounteren, 7
        csrw    stimecmp, t0
        .irp    target, 1f, 2f
        try     S, \\target
        check   s8, \\cause
        try     U, \\target
        check   s8, ILLEGAL
        .endr
        .endm
test:   access  0, 0, ILLEGAL
        access  0, 1, ILLEGAL
        access  1, 0, ILLEGAL
        access  1, 1, ECALL_S
        pass
1:      csrr    a0, stimecmp
        ecall
2:      csrw    stimecmp, a0
        ecall
`,
  );
});

describe('WFI', () => {
  law(
    'stalls until an enabled interrupt is pending; one that is taken comes behind it, else it goes on at the next instruction',
    ['norm:wfi_op', 'norm:wfi_mepc_val', 'norm:wfi_no_intr_pc', 'norm:wfi_intr_dis', 'norm:wfi_all_privileged_modes'],
    `
${NAMES}
        .macro  sleep                   # until ten ticks from now
        li      s0, MTIME
        li      s1, MTIMECMP
        ld      s2, (s0)
        addi    s2, s2, 10
        sd      s2, (s1)
        .endm
test:   li      t0, MTI
        csrw    mie, t0
        sleep
        wfi                             # interrupts are off
        csrr    t0, time
        same    t0, s2
        sleep
        catching 2f
        csrsi   mstatus, MSTATUS_MIE
        wfi
1:      j       fail
2:      la      t0, 1b
        same    s10, t0
        csrr    t0, time
        same    t0, s2
        check   s8, INTERRUPT | 7
        sleep
        la      s11, 5f                 # from S-mode, for M-mode
        enter   S, 3f
3:      wfi
4:      j       fail
5:      la      t0, 4b
        same    s10, t0
        csrr    t0, time
        same    t0, s2
        pass
`,
  );
  law(
    'is not affected by MIE, SIE and mideleg, and honours mie',
    ['norm:wfi_unaffected_conditions', 'norm:wfi_intr_dis', 'norm:wfi_no_intr_pc'],
    `
${NAMES}
test:   li      s0, MTIME
        li      s1, MTIMECMP
        li      t0, STI | STCE
        li      t1, STCE
        csrs    menvcfg, t1
        .irp    delegated, 0, STI
        .irp    status, 0, MSTATUS_SIE
        li      t0, \\delegated
        csrw    mideleg, t0
        csrci   mstatus, MSTATUS_SIE
        csrsi   mstatus, \\status
        li      t0, STI
        csrw    mie, t0
        csrr    s2, time
        addi    s2, s2, 10
        csrw    stimecmp, s2
        addi    t0, s2, -5              # MTI is pending sooner, and not enabled
        sd      t0, (s1)
        wfi
        csrr    t0, time
        same    t0, s2
        .endr
        .endr
        pass
`,
  );
});
