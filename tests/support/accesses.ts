// A guest that makes a list of accesses and prints what each finds: a line of sixteen digits for a read, `fault` for an
// access that faults, nothing for a write. It is its own firmware, so that any board can be asked what its devices do.
// Left out: interrupts.

export type Access =
  | { readonly read: bigint; readonly width: Width }
  | { readonly write: bigint; readonly width: Width; readonly value: bigint };
type Width = 1 | 2 | 4 | 8;

/** Where the guest that is linked at the start of RAM leaves room for buffers. */
export const BUFFERS = 0x8010_0000n;

/** The guest's text, for QEMU's virt board and ours. */
export function accessGuest(accesses: readonly Access[]): string {
  const records = accesses.map((access) =>
    'read' in access ? `0, ${access.width}, ${access.read}, 0` : `1, ${access.width}, ${access.write}, ${access.value}`,
  );
  return `${PROGRAM}\n.balign 8\ntable:\n${records.map((record) => `  .dword ${record}`).join('\n')}\n  .dword 2, 0, 0, 0\n`;
}

const PROGRAM = `
.equ UART, 0x10000000
.equ LINE_STATUS, 5
.equ TRANSMITTER_EMPTY, 0x20
.equ FINISHER, 0x100000
.equ PASS, 0x5555
.globl _start
_start:
  csrr t0, mhartid
  bnez t0, park
  la t0, trap
  csrw mtvec, t0
  la s0, table
next:
  ld t0, 0(s0)
  ld t1, 8(s0)
  ld a1, 16(s0)
  ld a2, 24(s0)
  addi s0, s0, 32
  li t2, 1
  beq t0, t2, store
  bgtu t0, t2, finish
  li t2, 2
  beq t1, t2, 2f
  bltu t1, t2, 1f
  li t2, 8
  beq t1, t2, 8f
  lwu a0, 0(a1)
  j print
1: lbu a0, 0(a1)
  j print
2: lhu a0, 0(a1)
  j print
8: ld a0, 0(a1)
print:
  li s1, 60
digit:
  srl a1, a0, s1
  andi a1, a1, 15
  addi a1, a1, '0'
  li t0, '9'
  bleu a1, t0, shown
  addi a1, a1, 'a' - '0' - 10
shown:
  jal put
  addi s1, s1, -4
  bgez s1, digit
line:
  li a1, '\\n'
  jal put
  j next
store:
  li t2, 2
  beq t1, t2, 2f
  bltu t1, t2, 1f
  li t2, 8
  beq t1, t2, 8f
  sw a2, 0(a1)
  j next
1: sb a2, 0(a1)
  j next
2: sh a2, 0(a1)
  j next
8: sd a2, 0(a1)
  j next
finish:
  li t0, FINISHER
  li t1, PASS
  sw t1, 0(t0)
park:
  wfi
  j park
put:
  li t1, UART
1: lbu t2, LINE_STATUS(t1)
  andi t2, t2, TRANSMITTER_EMPTY
  beqz t2, 1b
  sb a1, 0(t1)
  ret
.balign 4
trap:
  la s2, message
1: lbu a1, 0(s2)
  beqz a1, line
  jal put
  addi s2, s2, 1
  j 1b
message: .asciz "fault"
`;
