// The program around the sequences, in M-mode: it loads the registers of a sequence, enters it with mret, and at the
// first trap to M stores all registers in the sequence's region and goes on to the next. The handler for traps that a
// sequence delegates to S folds what it was told into x30, skips the instruction and returns.

import { Cause } from '../../../isa/causes.ts';
import { Code } from './encode.ts';
import {
  CSR_ORDER,
  csrNumber,
  csrOffset,
  FCSR_OFFSET,
  floatOffset,
  HARNESS,
  PAGE,
  POINTERS,
  REGION,
  registerOffset,
} from './layout.ts';
import { RAM_BASE } from './qemu.ts';

/** The pointer to the sequence's region, and scratch. */
const POINTER = 31;
const SCRATCH = 1;
const REGISTERS = 32;
/** mstatus.FS as Dirty. */
const FS = 0x6000;

/** Registers that the S-mode handler uses: what it was told, folded together, and scratch. */
export const FOLDED = 30;
export const HANDLER_SCRATCH = 31;

const code = new Code();
code.label('dispatch');
loadPointer(code, 'current', POINTER);
loadPointer(code, 'end', SCRATCH);
code.to('done', 'beq', { rs1: POINTER, rs2: SCRATCH });
turnFloatOn(code);
for (let f = 0; f < REGISTERS; f++) code.emit('fld', { fd: f, rs1: POINTER, imm: REGION.before + floatOffset(f) });
code.emit('ld', { rd: SCRATCH, rs1: POINTER, imm: REGION.before + FCSR_OFFSET });
code.emit('csrrw', { rd: 0, csr: csrNumber('fcsr'), rs1: SCRATCH });
for (const [index, name] of CSR_ORDER.entries()) {
  code.emit('ld', { rd: SCRATCH, rs1: POINTER, imm: REGION.before + csrOffset(index) });
  code.emit('csrrw', { rd: 0, csr: csrNumber(name), rs1: SCRATCH });
}
code.emit('sfence.vma', { rs1: 0, rs2: 0 });
for (let x = 1; x < REGISTERS; x++) code.emit('ld', { rd: x, rs1: POINTER, imm: REGION.before + registerOffset(x) });
code.label('enter').emit('mret');
code.label('done').to('done', 'jal', { rd: 0 });
code.label('trap');
code.emit('csrrw', { rd: 0, csr: csrNumber('mscratch'), rs1: POINTER });
loadPointer(code, 'current', POINTER);
// The region starts half a page before its `after` block, which is as far as an immediate reaches.
code
  .emit('addi', { rd: POINTER, rs1: POINTER, imm: REGION.after / 2 })
  .emit('addi', { rd: POINTER, rs1: POINTER, imm: REGION.after / 2 });
for (let x = 1; x < POINTER; x++) code.emit('sd', { rs2: x, rs1: POINTER, imm: registerOffset(x) });
code.emit('csrrs', { rd: SCRATCH, csr: csrNumber('mscratch'), rs1: 0 });
code.emit('sd', { rs2: SCRATCH, rs1: POINTER, imm: registerOffset(POINTER) });
forgetBreakpointAddress(code, 'mcause', 'mtval', SCRATCH);
for (const [index, name] of CSR_ORDER.entries()) {
  code.emit('csrrs', { rd: SCRATCH, csr: csrNumber(name), rs1: 0 });
  code.emit('sd', { rs2: SCRATCH, rs1: POINTER, imm: csrOffset(index) });
}
turnFloatOn(code);
for (let f = 0; f < REGISTERS; f++) code.emit('fsd', { fs2: f, rs1: POINTER, imm: floatOffset(f) });
code.emit('csrrs', { rd: SCRATCH, csr: csrNumber('fcsr'), rs1: 0 });
code.emit('sd', { rs2: SCRATCH, rs1: POINTER, imm: FCSR_OFFSET });
loadPointer(code, 'current', POINTER);
code.emit('lui', { rd: SCRATCH, imm: REGION.bytes }).emit('add', { rd: POINTER, rs1: POINTER, rs2: SCRATCH });
code.emit('auipc', { rd: SCRATCH, imm: 0 });
code.emit('sd', { rs2: POINTER, rs1: SCRATCH, imm: POINTERS.current - (code.offset - 4) });
code.to('dispatch', 'jal', { rd: 0 });

function turnFloatOn(into: Code): void {
  into.emit('lui', { rd: SCRATCH, imm: FS }).emit('csrrs', { rd: 0, csr: csrNumber('mstatus'), rs1: SCRATCH });
}

/** Loads a pointer of the harness's own. */
function loadPointer(into: Code, which: keyof typeof POINTERS, rd: number): void {
  const at = into.offset;
  into.emit('auipc', { rd, imm: 0 }).emit('ld', { rd, rs1: rd, imm: POINTERS[which] - at });
}

/**
 * Zeroes xtval of an ebreak: the manual lets it be zero or the address (norm:mtval_vaddr_wr1), QEMU 7.2 chose zero.
 */
function forgetBreakpointAddress(into: Code, cause: string, tval: string, scratch: number): void {
  const SKIP = 8;
  into.emit('csrrs', { rd: scratch, csr: csrNumber(cause), rs1: 0 });
  into.emit('addi', { rd: scratch, rs1: scratch, imm: -Cause.Breakpoint });
  into.emit('bne', { rs1: scratch, rs2: 0, imm: SKIP }).emit('csrrw', { rd: 0, csr: csrNumber(tval), rs1: 0 });
}

const handler = new Code();
const csr = (name: string) => handler.emit('csrrs', { rd: HANDLER_SCRATCH, csr: csrNumber(name), rs1: 0 });
const fold = (operation: 'add' | 'xor') => handler.emit(operation, { rd: FOLDED, rs1: FOLDED, rs2: HANDLER_SCRATCH });
const ROTATION = 7;
forgetBreakpointAddress(handler, 'scause', 'stval', HANDLER_SCRATCH);
csr('stval');
fold('xor');
csr('sstatus');
fold('add');
csr('sepc');
fold('xor');
handler.emit('slli', { rd: HANDLER_SCRATCH, rs1: FOLDED, shamt: ROTATION });
handler.emit('srli', { rd: FOLDED, rs1: FOLDED, shamt: 64 - ROTATION });
fold('add');
csr('scause');
fold('xor');
// From misaligned, inaccessible or unmapped code there is nothing to skip to.
handler.to('interrupt', 'blt', { rs1: HANDLER_SCRATCH, rs2: 0 });
handler.emit('sltiu', { rd: HANDLER_SCRATCH, rs1: HANDLER_SCRATCH, imm: Cause.InstructionAccessFault + 1 });
handler.to('end', 'bne', { rs1: HANDLER_SCRATCH, rs2: 0 });
csr('scause');
handler.emit('addi', { rd: HANDLER_SCRATCH, rs1: HANDLER_SCRATCH, imm: -Cause.InstructionPageFault });
handler.to('end', 'beq', { rs1: HANDLER_SCRATCH, rs2: 0 });
csr('sepc').emit('addi', { rd: HANDLER_SCRATCH, rs1: HANDLER_SCRATCH, imm: 4 });
handler.emit('csrrw', { rd: 0, csr: csrNumber('sepc'), rs1: HANDLER_SCRATCH }).emit('sret');
handler
  .label('interrupt')
  .emit('csrrw', { rd: 0, csr: csrNumber('sie'), rs1: 0 })
  .emit('sret');
handler.label('end').emit('ecall').to('end', 'jal', { rd: 0 });

/** The harness's pages, to start at region `first` and to end before `end`. */
export function harnessImage(first: bigint, end: bigint): Uint8Array {
  const image = new Uint8Array(HARNESS.pages * PAGE);
  image.set(code.image(), HARNESS.code);
  image.set(handler.image(), HARNESS.handler);
  const view = new DataView(image.buffer);
  view.setBigUint64(POINTERS.current, first, true);
  view.setBigUint64(POINTERS.end, end, true);
  return image;
}

const address = (label: string) => RAM_BASE + BigInt(code.at(label));
export const ADDRESS = {
  dispatch: address('dispatch'),
  enter: address('enter'),
  trap: address('trap'),
  done: address('done'),
  handler: RAM_BASE + BigInt(HARNESS.handler),
  pointer: RAM_BASE + BigInt(POINTERS.current),
} as const;
