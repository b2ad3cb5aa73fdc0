// A reference hart over 64 KiB of RAM and one device, for tests of single definitions: set state, run a word, look.
// The device answers each read with the same byte and logs writes; everywhere else the bus has no answer.
// Left out: interrupt wires other than `lines`, which tests set themselves.

import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import { decode } from '../../../isa/decode.ts';
import { byName } from '../../../isa/instructions.ts';
import { insertFields } from '../../../isa/pattern.ts';
import type { Physical } from '../../../isa/physical.ts';
import { Reference } from '../../../isa/reference.ts';
import type { Width } from '../../../isa/vocabulary.ts';

export const RAM = 0x8000_0000n;
export const RAM_BYTES = 0x1_0000;
export const DEVICE = 0x1000_0000n;
const DEVICE_BYTES = 0x100n;

export class TestMemory implements Physical {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly log: string[] = [];
  now = 0n;

  constructor(buffer: ArrayBuffer = new ArrayBuffer(RAM_BYTES), offset = 0) {
    this.bytes = new Uint8Array(buffer, offset, RAM_BYTES);
    this.view = new DataView(buffer, offset, RAM_BYTES);
  }

  isMemory(address: bigint, bytes: number): boolean {
    return address >= RAM && address + BigInt(bytes) <= RAM + BigInt(RAM_BYTES);
  }
  read(address: bigint, bytes: Width): bigint | undefined {
    if (!this.isMemory(address, bytes)) return this.isDevice(address) ? 0xa5n : undefined;
    const at = Number(address - RAM);
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.view.getUint8(at + i));
    return value;
  }
  write(address: bigint, bytes: Width, value: bigint): boolean {
    if (!this.isMemory(address, bytes)) {
      if (this.isDevice(address)) this.log.push(`${address.toString(16)} ${bytes} ${value.toString(16)}`);
      return this.isDevice(address);
    }
    const at = Number(address - RAM);
    for (let i = 0; i < bytes; i++) this.view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 0xffn));
    return true;
  }
  time(): bigint {
    return this.now;
  }
  private isDevice(address: bigint): boolean {
    return address >= DEVICE && address < DEVICE + DEVICE_BYTES;
  }
}

export interface Machine {
  readonly hart: Reference;
  readonly memory: TestMemory;
}

/** A hart just out of reset, in M-mode at the start of RAM, with PMP open for the modes below. */
export function machine(): Machine {
  const memory = new TestMemory();
  const hart = new Reference(memory);
  hart.reset(0, RAM);
  openPmp(hart);
  return { hart, memory };
}

const ALL_OF_MEMORY = (1n << 54n) - 1n;
const READ_WRITE_EXECUTE_NAPOT = 0x1fn;

/** One entry that lets every mode do everything. */
export function openPmp(hart: Reference): void {
  hart.setNamed('pmpaddr0', ALL_OF_MEMORY);
  hart.pmpcfg0 = READ_WRITE_EXECUTE_NAPOT;
}

/** The word of an instruction; a CSR may be given by name. */
export function encode(name: string, fields: Readonly<Record<string, number | string>> = {}): number {
  const instruction = byName.get(name);
  if (instruction === undefined) throw new Error(`no instruction ${name}`);
  const numbers = Object.entries(fields).map(([field, value]) => [
    field,
    typeof value === 'number' ? value : csrNumber(value),
  ]);
  return insertFields(instruction.pattern, Object.fromEntries(numbers) as Record<string, number>);
}

export function csrNumber(name: string): number {
  const number = CSR_NUMBERS[name];
  if (number === undefined) throw new Error(`no CSR ${name}`);
  return number;
}

/** Runs one instruction and yields the cause of its exception, or undefined. It does not enter the trap. */
export function execute(hart: Reference, word: number): bigint | undefined {
  return hart.execute(decode(word), word) ? undefined : hart.cause;
}

/** What a CSR reads as in the hart's mode; undefined where the access is illegal. */
export function readCsr(hart: Reference, name: string): bigint | undefined {
  const saved = hart.x(5);
  const cause = execute(hart, encode('csrrs', { rd: 5, csr: name, rs1: 0 }));
  const value = hart.x(5);
  hart.setX(5, saved);
  return cause === undefined ? value : undefined;
}

/** Writes a CSR with csrrw; the cause of its exception, or undefined. */
export function writeCsr(hart: Reference, name: string, value: bigint): bigint | undefined {
  const saved = hart.x(5);
  hart.setX(5, BigInt.asUintN(64, value));
  const cause = execute(hart, encode('csrrw', { rd: 0, csr: name, rs1: 5 }));
  hart.setX(5, saved);
  return cause;
}
