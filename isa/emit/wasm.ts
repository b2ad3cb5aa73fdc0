// A WebAssembly function body under construction. Instructions are encoded as they are added; people read them back
// as text (text.ts). Locals are of two kinds: those that keep their meaning for the whole body, and scratch ones,
// which are taken and given back, since an engine's compiler works on every local at every branch.

import { assert } from '../assert.ts';
import { Bytes } from './bytes.ts';
import { type Immediate, OPCODES, type Operation } from './opcodes.ts';
import { disassemble } from './text.ts';

export type { Operation } from './opcodes.ts';

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64';
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export const TYPE_CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c } as const;
export const EMPTY_BLOCK = 0x40;
/** log₂ of the alignment that an access promises: a byte's, the weakest; engines do not use it. */
const ALIGNMENT = 0;
const PREFIX_SHIFT = 8;
const BYTE = 0xff;
const ONLY = 0;

/** A place that a branch can leave to: the end of a block, the beginning of a loop. */
export interface Label {
  readonly depth: number;
}

/** How many scratch locals were in use, by type. */
export type ScratchMark = Readonly<Record<ValueType, number>>;

export class Code {
  private readonly encoded = new Bytes();
  private readonly locals: ValueType[] = [];
  private readonly scratches: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [] };
  private used: Record<ValueType, number> = { i32: 0, i64: 0, f32: 0, f64: 0 };
  private readonly parameters: number;
  private depth = 0;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  op(operation: Operation, immediate: number | bigint = 0): this {
    const [code, kind] = OPCODES[operation] as readonly [number, Immediate];
    const { encoded } = this;
    if (code > BYTE) {
      encoded.byte(code >> PREFIX_SHIFT);
      encoded.unsigned(code & BYTE);
    } else encoded.byte(code);
    switch (kind) {
      case 'none':
        break;
      case 'index':
        encoded.unsigned(Number(immediate));
        break;
      case 'type':
        encoded.unsigned(Number(immediate));
        encoded.byte(ONLY);
        break;
      case 'memory':
        encoded.byte(ALIGNMENT);
        encoded.unsigned(Number(immediate));
        break;
      case 'i32':
        encoded.signed(Number(immediate));
        break;
      case 'i64':
        encoded.signed64(BigInt(immediate));
        break;
      case 'f64':
        encoded.double(Number(immediate));
        break;
      case 'memory-index':
        encoded.byte(ONLY);
        break;
      case 'memories':
        encoded.byte(ONLY);
        encoded.byte(ONLY);
        break;
      default:
        assert(false, `${operation} is added by a method of its own`);
    }
    return this;
  }
  i32(value: number): this {
    return this.op('i32.const', value);
  }
  i64(value: bigint): this {
    return this.op('i64.const', BigInt.asIntN(64, value));
  }
  f64(value: number): this {
    return this.op('f64.const', value);
  }

  /** A local that is nobody else's. */
  local(type: ValueType): number {
    return this.parameters + this.locals.push(type) - 1;
  }
  /** A local until `reset`. */
  scratch(type: ValueType): number {
    const known = this.scratches[type];
    const local = known[this.used[type]] ?? this.local(type);
    known[this.used[type]] = local;
    this.used[type]++;
    return local;
  }
  mark(): ScratchMark {
    return { ...this.used };
  }
  /** Gives back the scratch locals that were taken since a mark. */
  reset(mark: ScratchMark): void {
    this.used = { ...mark };
  }

  /** Opens a block; what it leaves on the stack is its type. */
  open(operation: 'block' | 'loop' | 'if', type?: ValueType): Label {
    this.encoded.byte(OPCODES[operation][0]);
    this.encoded.byte(type === undefined ? EMPTY_BLOCK : TYPE_CODES[type]);
    this.depth++;
    return { depth: this.depth };
  }
  end(): void {
    assert(this.depth > 0, 'a block is open');
    this.depth--;
    this.op('end');
  }
  /** Leaves to a label; of a loop, that is going round again. */
  leave(label: Label): void {
    this.op('br', this.distance(label));
  }
  /** The same where the i32 on the stack is not zero. */
  leaveIf(label: Label): void {
    this.op('br_if', this.distance(label));
  }
  /** Leaves to the label of the number on the stack. */
  leaveTable(labels: readonly Label[], otherwise: Label): void {
    this.encoded.byte(OPCODES.br_table[0]);
    this.encoded.unsigned(labels.length);
    for (const label of labels) this.encoded.unsigned(this.distance(label));
    this.encoded.unsigned(this.distance(otherwise));
  }
  /** How many open blocks are within a label's. */
  private distance(label: Label): number {
    assert(label.depth <= this.depth, 'what is left is open');
    return this.depth - label.depth;
  }

  /** Writes the body with its size and its locals in front. */
  write(to: Bytes): void {
    assert(this.depth === 0, 'every block is closed');
    const locals = new Bytes();
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    locals.unsigned(runs.length);
    for (const { type, count } of runs) {
      locals.unsigned(count);
      locals.byte(TYPE_CODES[type]);
    }
    to.unsigned(locals.length + this.encoded.length + 1);
    to.append(locals);
    to.append(this.encoded);
    to.byte(OPCODES.end[0]);
  }
  /** Bytes of the body as it is now. */
  get size(): number {
    const bytes = new Bytes();
    this.write(bytes);
    return bytes.length;
  }

  /** The body as WebAssembly text, an instruction a line. */
  text(): string {
    const rows = this.locals.length === 0 ? [] : [`  (local ${this.locals.join(' ')})`];
    return [...rows, ...disassemble(this.encoded.view())].join('\n');
  }
}
