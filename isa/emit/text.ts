// Reads an encoded function body back as WebAssembly text, an instruction a line, for people and golden files.

import { unreachable } from '../assert.ts';
import { type Immediate, OPCODES, OPERATIONS } from './opcodes.ts';

const PREFIX = 0xfc;
const GROUP_BITS = 7n;
const GROUP = 0x7f;
const MORE = 0x80;
const SIGN = 0x40;
const EMPTY_BLOCK = 0x40;
const TYPES: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64' };
const BITS = 64;

export function disassemble(bytes: Uint8Array): string[] {
  const reader = new Reader(bytes);
  const rows: string[] = [];
  let indent = 1;
  while (!reader.atEnd) {
    const first = reader.byte();
    const operation = OPERATIONS.get(first === PREFIX ? (first << 8) | Number(reader.number(false)) : first);
    if (operation === undefined) throw new Error(`no instruction has code ${first}`);
    if (operation === 'end' || operation === 'else') indent--;
    const shown = immediateText(reader, OPCODES[operation][1]);
    rows.push(`${'  '.repeat(indent)}${operation} ${shown}`.trimEnd());
    if (['block', 'loop', 'if', 'else'].includes(operation)) indent++;
  }
  return rows;
}

function immediateText(reader: Reader, kind: Immediate): string {
  switch (kind) {
    case 'none':
      return '';
    case 'index':
      return `${reader.number(false)}`;
    case 'i32':
    case 'i64':
      return `${reader.number(true)}`;
    case 'f64':
      return `${reader.double()}`;
    case 'type': {
      const index = reader.number(false);
      reader.byte();
      return `(type ${index})`;
    }
    case 'memory':
      reader.byte();
      return `offset=${reader.number(false)}`;
    case 'block': {
      const type = reader.byte();
      return type === EMPTY_BLOCK ? '' : `(result ${TYPES[type]})`;
    }
    case 'table': {
      const labels = Array.from({ length: Number(reader.number(false)) + 1 }, () => `${reader.number(false)}`);
      return labels.join(' ');
    }
    case 'memory-index':
      reader.byte();
      return '';
    case 'memories':
      reader.byte();
      reader.byte();
      return '';
    default:
      return unreachable(kind);
  }
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }
  byte(): number {
    return this.bytes[this.at++] as number;
  }
  double(): number {
    const bytes = Uint8Array.from({ length: Float64Array.BYTES_PER_ELEMENT }, () => this.byte());
    return new DataView(bytes.buffer).getFloat64(0, true);
  }
  number(signed: boolean): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += GROUP_BITS) {
      const byte = this.byte();
      value |= BigInt(byte & GROUP) << shift;
      if (byte & MORE) continue;
      const width = Math.min(Number(shift + GROUP_BITS), BITS);
      return signed && byte & SIGN ? BigInt.asIntN(width, value) : value;
    }
  }
}
