// SFENCE.VMA: behind each of its forms what it orders is seen; and what takes effect without one. Each is a guest that
// runs in all ways. Translation here never shows a stale entry, so a fence that did nothing would pass: what these
// guests prove is that no form of it, nor any cache, leaves the old mapping in place.
// Left out: fences of other harts, which the SBI asks for (tests/hypervisor/harts-sbi.test.ts).

import { describe } from 'vitest';
import { law } from './support/law.ts';

const SPACES = `
        .equ    ASID, 1 << 44
        .macro  space table, asid       # S-mode translates by this table from here on
        la      t0, \\table
        srli    t0, t0, 12
        li      t1, (8 << 60) | (\\asid << 44)
        or      t0, t0, t1
        csrw    satp, t0
        .endm
        .macro  sees value              # what S-mode reads at PAGE
        li      a1, PAGE
        try     S, load
        check   s8, ECALL_S
        check   a0, \\value
        .endm
        .macro  leaf frame              # PAGE is this frame
        la      t0, \\frame
        srli    t0, t0, 2
        ori     t0, t0, PTE_RW
        la      t1, leaves
        sd      t0, 8(t1)
        .endm
load:   ld      a0, (a1)
        ecall
        .balign PAGE
root2:  pte     middle2, PTE_V
        .dword  0
        .dword  (RAM >> 2) | PTE_RWX
        .zero   509 * 8
middle2: pte    leaves2, PTE_V
        .zero   511 * 8
leaves2: .dword 0
        pte     page2, PTE_RW
        .zero   510 * 8
`;

describe('behind SFENCE.VMA a changed entry is what counts', () => {
  const forms = [
    ['for all addresses and spaces', 'zero, zero', 'norm:sfence_vma_all_asid_va'],
    ['for one address', 'a1, zero', 'norm:sfence_vma_va_all_asid'],
    ['for one space', 'zero, a2', 'norm:sfence_vma_asid_only'],
    ['for one address of one space', 'a1, a2', 'norm:sfence_vma_va_asid'],
  ] as const;
  for (const [what, operands] of forms) {
    law(
      `${what}, from M and from S`,
      [
        'norm:sfence_vma_op',
        'norm:sfence_vma_ordering',
        'norm:sfence_vma_invalidation',
        'norm:sfence_vma_all_asid_va',
        'norm:sfence_vma_va_all_asid',
        'norm:sfence_vma_asid_only',
        'norm:sfence_vma_va_asid',
      ],
      `
${SPACES}
test:   space   root, 5
        li      a2, 5
        leaf    page1
        li      a1, PAGE
        sfence.vma ${operands}
        sees    0x1001
        leaf    page2
        li      a1, PAGE
        sfence.vma ${operands}
        sees    0x1002
        try     S, 1f                   # S-mode changes it itself
        check   s8, ECALL_S
        check   a0, 0x1001
        check   a3, 0x1002
        la      t0, leaves              # taken away
        sd      zero, 8(t0)
        li      a1, PAGE
        sfence.vma ${operands}
        try     S, load
        check_trap LOAD_PAGE, PAGE
        pass
1:      li      a1, PAGE
        ld      a3, (a1)
        leaf    page1
        sfence.vma ${operands}
        ld      a0, (a1)
        ecall
`,
    );
  }
  law(
    'for all addresses, entries that point to tables included',
    ['norm:sfence_vma_all_asid_va', 'norm:sfence_vma_asid_only', 'norm:sfence_vma_ordering'],
    `
${SPACES}
        .macro  pointer table, entry, from
        la      t0, \\table
        srli    t0, t0, 2
        ori     t0, t0, PTE_V
        la      t1, \\from
        sd      t0, \\entry(t1)
        .endm
test:   space   root, 5
        leaf    page1
        sfence.vma
        sees    0x1001
        pointer leaves2, 0, middle
        sfence.vma
        sees    0x1002
        pointer leaves, 0, middle
        li      a2, 5
        sfence.vma zero, a2
        sees    0x1001
        pointer middle2, 0, root
        sfence.vma
        sees    0x1002
        pass
`,
  );
  law(
    'whatever the upper bits of the ASID; an address that is none has no effect, and is no exception',
    ['norm:sfence_vma_rs2_bits', 'norm:sfence_vma_invalid_va'],
    `
${SPACES}
test:   space   root, 5
        leaf    page1
        li      a2, -1 << 16 | 5
        li      a1, PAGE
        sfence.vma a1, a2
        sees    0x1001
        leaf    page2
        li      a2, 0x123450005
        sfence.vma zero, a2
        sees    0x1002
        li      a1, 1 << 63
        sfence.vma a1, zero
        sfence.vma a1, a2
        try     S, 1f
        check   s8, ECALL_S
        sees    0x1002
        pass
1:      li      a1, 1 << 38
        sfence.vma a1, zero
        li      a1, -1 << 40
        sfence.vma a1, a2
        ecall
`,
  );
});

law(
  'a change of satp.ASID counts at once, without a fence, as does the way back',
  ['norm:sfence_vma_asid_effect', 'norm:satp'],
  `
${SPACES}
test:   leaf    page1
        sfence.vma
        .rept   2
        space   root, 1
        sees    0x1001
        space   root2, 2
        sees    0x1002
        .endr
        try     S, 1f
        check   s8, ECALL_S
        check   a3, 0x1001
        check   a4, 0x1002
        check   a5, 0x1001
        pass
1:      li      a1, PAGE
        space   root, 1
        ld      a3, (a1)
        space   root2, 2
        ld      a4, (a1)
        space   root, 1
        ld      a5, (a1)
        ecall
`,
);

law(
  'an ASID is a hart’s own: two harts use one number for two spaces',
  ['norm:asid_hart_private'],
  `
${SPACES}
test:   csrr    s0, mhartid
        li      s1, 60
        bnez    s0, 2f
        leaf    page1
        sfence.vma
        space   root, 7
1:      sees    0x1001
        addi    s1, s1, -1
        bnez    s1, 1b
        la      t0, page2
3:      ld      t1, 8(t0)               # the other is done
        beqz    t1, 3b
        pass
2:      space   root2, 7
        sfence.vma
4:      sees    0x1002
        addi    s1, s1, -1
        bnez    s1, 4b
        la      t0, page2
        li      t1, 1
        sd      t1, 8(t0)
5:      j       5b
`,
  { harts: 2, turnSteps: 37 },
);
