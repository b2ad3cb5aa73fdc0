// Machine code for the harness and its sequences, by instruction name through the encodings of isa/, so that the
// harness needs no assembler. Branches name labels; addresses are offsets from the start of the code.

import { byName } from '../../../isa/instructions.ts';
import { insertFields } from '../../../isa/pattern.ts';

export type Operands = Readonly<Record<string, number>>;

export function encode(name: string, operands: Operands = {}): { readonly word: number; readonly bytes: 2 | 4 } {
  const instruction = byName.get(name);
  if (instruction === undefined) throw new Error(`no instruction ${name}`);
  for (const operand of Object.keys(operands)) {
    if (!instruction.pattern.fields.some((field) => field.name === operand))
      throw new Error(`${name} has no ${operand}`);
  }
  return { word: insertFields(instruction.pattern, operands), bytes: instruction.pattern.bytes };
}

export class Code {
  private readonly bytes: number[] = [];
  private readonly labels = new Map<string, number>();
  private readonly fixups: {
    readonly at: number;
    readonly name: string;
    readonly operands: Operands;
    readonly label: string;
  }[] = [];

  get offset(): number {
    return this.bytes.length;
  }

  emit(name: string, operands: Operands = {}): this {
    const { word, bytes } = encode(name, operands);
    return this.raw(word, bytes);
  }

  raw(word: number, bytes: 2 | 4): this {
    for (let i = 0; i < bytes; i++) this.bytes.push((word >>> (8 * i)) & 0xff);
    return this;
  }

  label(name: string): this {
    this.labels.set(name, this.offset);
    return this;
  }

  at(label: string): number {
    const offset = this.labels.get(label);
    if (offset === undefined) throw new Error(`no label ${label}`);
    return offset;
  }

  /** A branch or jump, whose `imm` is the way to a label. */
  to(label: string, name: string, operands: Operands = {}): this {
    this.fixups.push({ at: this.offset, name, operands, label });
    return this.raw(0, 4);
  }

  image(): Uint8Array {
    const image = Uint8Array.from(this.bytes);
    const view = new DataView(image.buffer);
    for (const { at, name, operands, label } of this.fixups) {
      view.setUint32(at, encode(name, { ...operands, imm: this.at(label) - at }).word, true);
    }
    return image;
  }
}
