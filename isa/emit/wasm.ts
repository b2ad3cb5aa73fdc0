// WebAssembly's binary format as far as Trapeze needs it: function bodies as lists of named instructions, which become
// bytes for the engine and text for people, and a module around them.
// Left out: tables, globals and data, which the translator adds when it needs them.

import { assert } from '../assert.ts';

export type ValueType = 'i32' | 'i64';
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** What follows an opcode: nothing, an index, a signed constant, alignment and offset of an access, a block's type. */
type Immediate = 'none' | 'index' | 'signed' | 'memory' | 'block';

const OPCODES = {
  unreachable: [0x00, 'none'],
  block: [0x02, 'block'],
  if: [0x04, 'block'],
  else: [0x05, 'none'],
  end: [0x0b, 'none'],
  br: [0x0c, 'index'],
  return: [0x0f, 'none'],
  call: [0x10, 'index'],
  drop: [0x1a, 'none'],
  select: [0x1b, 'none'],
  'local.get': [0x20, 'index'],
  'local.set': [0x21, 'index'],
  'local.tee': [0x22, 'index'],
  'i64.load': [0x29, 'memory'],
  'i32.load8_u': [0x2d, 'memory'],
  'i64.load8_u': [0x31, 'memory'],
  'i64.load32_s': [0x34, 'memory'],
  'i64.load32_u': [0x35, 'memory'],
  'i64.store': [0x37, 'memory'],
  'i32.const': [0x41, 'signed'],
  'i64.const': [0x42, 'signed'],
  'i32.eqz': [0x45, 'none'],
  'i32.eq': [0x46, 'none'],
  'i32.ne': [0x47, 'none'],
  'i64.eqz': [0x50, 'none'],
  'i64.eq': [0x51, 'none'],
  'i64.lt_s': [0x53, 'none'],
  'i64.lt_u': [0x54, 'none'],
  'i64.le_u': [0x58, 'none'],
  'i32.add': [0x6a, 'none'],
  'i32.and': [0x71, 'none'],
  'i32.or': [0x72, 'none'],
  'i32.xor': [0x73, 'none'],
  'i32.shl': [0x74, 'none'],
  'i64.add': [0x7c, 'none'],
  'i64.sub': [0x7d, 'none'],
  'i64.mul': [0x7e, 'none'],
  'i64.div_s': [0x7f, 'none'],
  'i64.div_u': [0x80, 'none'],
  'i64.rem_s': [0x81, 'none'],
  'i64.rem_u': [0x82, 'none'],
  'i64.and': [0x83, 'none'],
  'i64.or': [0x84, 'none'],
  'i64.xor': [0x85, 'none'],
  'i64.shl': [0x86, 'none'],
  'i64.shr_s': [0x87, 'none'],
  'i64.shr_u': [0x88, 'none'],
  'i32.wrap_i64': [0xa7, 'none'],
  'i64.extend_i32_u': [0xad, 'none'],
  'i64.extend8_s': [0xc2, 'none'],
  'i64.extend16_s': [0xc3, 'none'],
  'i64.extend32_s': [0xc4, 'none'],
} as const satisfies Record<string, readonly [number, Immediate]>;
export type Operation = keyof typeof OPCODES;

const TYPE_CODES = { i32: 0x7f, i64: 0x7e } as const;
const EMPTY_BLOCK = 0x40;
/** log₂ of the alignment that an access promises: a byte's, the weakest; engines do not use it. */
const ALIGNMENT = 0;

interface Line {
  readonly operation: Operation;
  readonly immediate?: number | bigint | ValueType;
}

/** A place that `br` can leave to: the end of a block. */
export interface Label {
  readonly depth: number;
}

/** A function body under construction. */
export class Code {
  private readonly lines: Line[] = [];
  private readonly locals: ValueType[] = [];
  private readonly parameters: number;
  private depth = 0;

  constructor(parameters: number) {
    this.parameters = parameters;
  }

  op(operation: Operation, immediate?: number | bigint): this {
    this.lines.push(immediate === undefined ? { operation } : { operation, immediate });
    return this;
  }
  i64(value: bigint): this {
    return this.op('i64.const', BigInt.asIntN(64, value));
  }
  local(type: ValueType): number {
    return this.parameters + this.locals.push(type) - 1;
  }

  /** Opens a block or an `if`; what it leaves on the stack is its type. */
  open(operation: 'block' | 'if', type?: ValueType): Label {
    this.lines.push(type === undefined ? { operation } : { operation, immediate: type });
    this.depth++;
    return { depth: this.depth };
  }
  end(): void {
    assert(this.depth > 0, 'a block is open');
    this.depth--;
    this.op('end');
  }
  /** Leaves to the end of an open block. */
  leave(label: Label): void {
    this.op('br', this.depth - label.depth);
  }

  bytes(): number[] {
    const groups = this.locals.flatMap((type) => [1, TYPE_CODES[type]]);
    const body = [...leb(this.locals.length), ...groups, ...this.lines.flatMap(encode), OPCODES.end[0]];
    return [...leb(body.length), ...body];
  }

  /** The body as WebAssembly text, an instruction a line. */
  text(): string {
    let indent = 1;
    const rows = this.locals.length === 0 ? [] : [`  (local ${this.locals.join(' ')})`];
    for (const { operation, immediate } of this.lines) {
      if (operation === 'end' || operation === 'else') indent--;
      const value = OPCODES[operation][1] === 'memory' ? `offset=${immediate}` : `${immediate ?? ''}`;
      const shown = OPCODES[operation][1] === 'block' && immediate !== undefined ? `(result ${immediate})` : value;
      rows.push(`${'  '.repeat(indent)}${operation} ${shown}`.trimEnd());
      if (operation === 'block' || operation === 'if' || operation === 'else') indent++;
    }
    return rows.join('\n');
  }
}

function encode({ operation, immediate }: Line): number[] {
  const [code, kind] = OPCODES[operation];
  switch (kind) {
    case 'none':
      return [code];
    case 'block':
      return [code, immediate === undefined ? EMPTY_BLOCK : TYPE_CODES[immediate as ValueType]];
    case 'index':
      return [code, ...leb(Number(immediate))];
    case 'signed':
      return [code, ...signedLeb(BigInt(immediate as number | bigint))];
    case 'memory':
      return [code, ALIGNMENT, ...leb(Number(immediate))];
  }
}

const GROUP = 7n;
const GROUP_MASK = 0x7fn;
const MORE = 0x80;
const SIGN_IN_GROUP = 0x40n;

/** An unsigned number in groups of seven bits, low first. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  let left = BigInt(value);
  do {
    const group = Number(left & GROUP_MASK);
    left >>= GROUP;
    bytes.push(left === 0n ? group : group | MORE);
  } while (left !== 0n);
  return bytes;
}
function signedLeb(value: bigint): number[] {
  const bytes: number[] = [];
  for (let left = value; ; ) {
    const group = left & GROUP_MASK;
    left >>= GROUP;
    const done = left === (group & SIGN_IN_GROUP ? -1n : 0n);
    bytes.push(done ? Number(group) : Number(group) | MORE);
    if (done) return bytes;
  }
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const KIND = { function: 0, memory: 2 } as const;

const vector = (items: readonly (readonly number[])[]) => [...leb(items.length), ...items.flat()];
const name = (text: string) => {
  const bytes = [...new TextEncoder().encode(text)];
  return [...leb(bytes.length), ...bytes];
};
const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];

/** A module over one imported memory, `host.memory`, and functions imported from `host`. */
export class ModuleBuilder {
  private readonly types: FunctionType[] = [];
  private readonly imports: { readonly name: string; readonly type: number }[] = [];
  private readonly functions: { readonly name: string; readonly type: number; code?: Code }[] = [];

  importFunction(importName: string, type: FunctionType): number {
    assert(this.functions.length === 0, 'imports come before functions, whose indices follow theirs');
    return this.imports.push({ name: importName, type: this.typeIndex(type) }) - 1;
  }

  /** The index of a function that is exported by this name and gets its code later. */
  declare(functionName: string, type: FunctionType): number {
    return this.imports.length + this.functions.push({ name: functionName, type: this.typeIndex(type) }) - 1;
  }
  define(index: number, code: Code): void {
    const declared = this.functions[index - this.imports.length];
    assert(declared !== undefined && declared.code === undefined, 'a declared function is defined once');
    declared.code = code;
  }

  private typeIndex(type: FunctionType): number {
    const key = JSON.stringify(type);
    const known = this.types.findIndex((other) => JSON.stringify(other) === key);
    return known < 0 ? this.types.push(type) - 1 : known;
  }

  bytes(): Uint8Array {
    const codes = (types: readonly ValueType[]) => vector(types.map((type) => [TYPE_CODES[type]]));
    const types = this.types.map(({ parameters, results }) => [FUNCTION_TYPE, ...codes(parameters), ...codes(results)]);
    const memory = [...name('host'), ...name('memory'), KIND.memory, 0, 0]; // no maximum, at least no page
    const imports = this.imports.map((each) => [...name('host'), ...name(each.name), KIND.function, ...leb(each.type)]);
    const exported = this.functions.map((each, i) => [
      ...name(each.name),
      KIND.function,
      ...leb(this.imports.length + i),
    ]);
    const bodies = this.functions.map(({ name: of, code }) => {
      assert(code !== undefined, `function ${of} has no code`);
      return code.bytes();
    });
    return new Uint8Array([
      ...HEADER,
      ...section(SECTION.types, vector(types)),
      ...section(SECTION.imports, vector([memory, ...imports])),
      ...section(SECTION.functions, vector(this.functions.map(({ type }) => leb(type)))),
      ...section(SECTION.exports, vector(exported)),
      ...section(SECTION.code, vector(bodies)),
    ]);
  }
}
