// A WebAssembly module around function bodies: one imported memory, `host.memory`, functions and a table imported from
// where the caller says, functions that are exported or put into the table, or both.

import { assert } from '../assert.ts';
import { Bytes } from './bytes.ts';
import { type Code, type FunctionType, TYPE_CODES, type ValueType } from './wasm.ts';

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const SECTION = { types: 1, imports: 2, functions: 3, exports: 7, elements: 9, code: 10 } as const;
const FUNCTION_TYPE = 0x60;
const FUNCREF = 0x70;
const KIND = { function: 0, table: 1, memory: 2 } as const;
const NO_MAXIMUM = 0;
/** An element segment that is active in table 0, its functions by index. */
const ACTIVE = 0;
const I32_CONST = 0x41;
const END = 0x0b;

interface Declared {
  /** Exported under this name. */
  readonly name: string;
  readonly type: number;
  readonly isExported: boolean;
  code?: Code;
}

export class ModuleBuilder {
  private readonly types: FunctionType[] = [];
  private readonly typeIndices = new Map<string, number>();
  private readonly imports: { readonly from: string; readonly name: string; readonly type: number }[] = [];
  private readonly functions: Declared[] = [];
  private readonly segments: { readonly offset: number; readonly functions: readonly number[] }[] = [];
  private table: { readonly from: string; readonly name: string } | undefined;

  importFunction(name: string, type: FunctionType, from = 'host'): number {
    assert(this.functions.length === 0, 'imports come before functions, whose indices follow theirs');
    return this.imports.push({ from, name, type: this.typeIndex(type) }) - 1;
  }
  /** The table that indirect calls look in. */
  importTable(name: string, from = 'host'): void {
    this.table = { from, name };
  }

  /** The index of a function that gets its code later. */
  declare(name: string, type: FunctionType, isExported = true): number {
    return this.imports.length + this.functions.push({ name, type: this.typeIndex(type), isExported }) - 1;
  }
  define(index: number, code: Code): void {
    const declared = this.functions[index - this.imports.length];
    assert(declared !== undefined && declared.code === undefined, 'a declared function is defined once');
    declared.code = code;
  }
  /** Puts functions into the table from an offset on, when the module is instantiated. */
  elements(offset: number, functions: readonly number[]): void {
    assert(this.table !== undefined, 'a table to put functions into');
    this.segments.push({ offset, functions });
  }

  /** What an indirect call names. */
  typeIndex(type: FunctionType): number {
    const key = `${type.parameters}>${type.results}`;
    const known = this.typeIndices.get(key);
    if (known !== undefined) return known;
    const made = this.types.push(type) - 1;
    this.typeIndices.set(key, made);
    return made;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.appendArray(HEADER);
    vector(out, SECTION.types, this.types, (to, { parameters, results }) => {
      to.byte(FUNCTION_TYPE);
      valueTypes(to, parameters);
      valueTypes(to, results);
    });
    section(out, SECTION.imports, (to) => {
      to.unsigned(1 + (this.table === undefined ? 0 : 1) + this.imports.length);
      to.text('host');
      to.text('memory');
      to.appendArray([KIND.memory, NO_MAXIMUM, 0]);
      if (this.table !== undefined) {
        to.text(this.table.from);
        to.text(this.table.name);
        to.appendArray([KIND.table, FUNCREF, NO_MAXIMUM, 0]);
      }
      for (const { from, name, type } of this.imports) {
        to.text(from);
        to.text(name);
        to.byte(KIND.function);
        to.unsigned(type);
      }
    });
    vector(out, SECTION.functions, this.functions, (to, { type }) => to.unsigned(type));
    const exported = this.functions.flatMap(({ name, isExported }, index) => (isExported ? [{ name, index }] : []));
    vector(out, SECTION.exports, exported, (to, { name, index }) => {
      to.text(name);
      to.byte(KIND.function);
      to.unsigned(this.imports.length + index);
    });
    if (this.segments.length > 0) {
      vector(out, SECTION.elements, this.segments, (to, { offset, functions }) => {
        to.appendArray([ACTIVE, I32_CONST]);
        to.signed(offset);
        to.byte(END);
        to.unsigned(functions.length);
        for (const index of functions) to.unsigned(index);
      });
    }
    vector(out, SECTION.code, this.functions, (to, { name, code }) => {
      assert(code !== undefined, `function ${name} has no code`);
      code.write(to);
    });
    return out.copy();
  }
}

function section(out: Bytes, id: number, write: (to: Bytes) => void): void {
  const content = new Bytes();
  write(content);
  out.byte(id);
  out.unsigned(content.length);
  out.append(content);
}
function vector<T>(out: Bytes, id: number, items: readonly T[], write: (to: Bytes, item: T) => void): void {
  section(out, id, (to) => {
    to.unsigned(items.length);
    for (const item of items) write(to, item);
  });
}
function valueTypes(to: Bytes, types: readonly ValueType[]): void {
  to.unsigned(types.length);
  for (const type of types) to.byte(TYPE_CODES[type]);
}
