// What a source file becomes before its addresses are known: symbols, expressions over them, and sections of fragments.
// A fragment is bytes that are final but for fixups, and a tail whose size layout decides. The types refer to one
// another, so they stand together; what is done with them is in other files. Left out: subsections, groups.

import type { CompressedInstruction, Instruction } from '../../isa/definition.ts';
import type { Pattern } from '../../isa/pattern.ts';
import { ByteBuffer } from './byte-buffer.ts';
import type { Span } from './source.ts';

/** A spot in a section that moves with its fragment. */
export interface Place {
  readonly fragment: Fragment;
  readonly offset: number;
}

/** Holds symbols, not names: a later `.set` of a name leaves what was written before it as it was. */
export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'symbol'; readonly symbol: AsmSymbol; readonly span: Span }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression; readonly span: Span }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly span: Span;
    };

export type SymbolDefinition =
  | { readonly kind: 'label'; readonly place: Place }
  | { readonly kind: 'value'; readonly value: Expression }
  /** Memory that the linker allots: `.comm`. */
  | { readonly kind: 'common'; readonly bytes: number; readonly boundary: number };

export type Binding = 'local' | 'global' | 'weak';

export class AsmSymbol {
  readonly name: string;
  /** A numeric label: not in the symbol table. */
  readonly hidden: boolean;
  binding: Binding = 'local';
  definition: SymbolDefinition | undefined;
  definedAt: Span | undefined;
  type: 'none' | 'function' | 'object' = 'none';
  size: Expression | undefined;
  /** `.set` may give the name another value. */
  changeable = false;
  /** Being evaluated: a value that needs itself has none. */
  visiting = false;

  constructor(name: string, hidden = false) {
    this.name = name;
    this.hidden = hidden;
  }
}

/** Which part of an address an immediate holds. */
export type Modifier = 'whole' | 'relative' | 'hi' | 'lo' | 'pcrel_hi' | 'pcrel_lo';

/** A spot whose bytes wait for addresses: a datum, or the immediate of an instruction. */
export type Fixup = { readonly offset: number; readonly expression: Expression; readonly span: Span } & (
  | { readonly kind: 'data'; readonly bytes: number }
  | {
      readonly kind: 'field';
      readonly name: string;
      readonly pattern: Pattern;
      readonly fields: Readonly<Record<string, number>>;
      readonly field: string;
      readonly modifier: Modifier;
    }
);

export interface Branch {
  readonly kind: 'branch';
  readonly instruction: Instruction;
  readonly fields: Readonly<Record<string, number>>;
  /** The 16-bit form, where the extension is on and the registers fit. */
  readonly compressed: CompressedForm | undefined;
  readonly target: Expression;
  readonly span: Span;
}

export interface CompressedForm {
  readonly instruction: CompressedInstruction;
  readonly fields: Readonly<Record<string, number>>;
}

export type Tail =
  | { readonly kind: 'none' }
  /** A repeated pattern of known size. */
  | { readonly kind: 'fill'; readonly count: number; readonly pattern: Uint8Array }
  | {
      readonly kind: 'align';
      readonly boundary: number;
      readonly fill: Uint8Array | 'nops';
      /** No padding at all where more bytes than this would be needed. */
      readonly most: number;
      readonly span: Span | undefined;
    }
  | { readonly kind: 'org'; readonly target: Expression; readonly fill: number; readonly span: Span }
  | { readonly kind: 'space'; readonly count: Expression; readonly fill: number; readonly span: Span }
  | Branch;

export class Fragment {
  readonly section: Section;
  readonly bytes = new ByteBuffer();
  readonly fixups: Fixup[] = [];
  tail: Tail = { kind: 'none' };
  /** Fragments whose distance is known from the start share a run, and lie in it at `runOffset`. */
  readonly run: object;
  readonly runOffset: number;
  /** Offset in the section, and size of the tail, as layout finds them. */
  address = 0;
  tailBytes = 0;

  constructor(section: Section, run: object, runOffset: number) {
    this.section = section;
    this.run = run;
    this.runOffset = runOffset;
  }

  get size(): number {
    return this.bytes.length + this.tailBytes;
  }
}

const MEBIBYTE = 2 ** 20;
/** Of a section in the file, and of room in memory. */
const MOST_BYTES = 256 * MEBIBYTE;
const MOST_EMPTY_BYTES = 2048 * MEBIBYTE;

export interface SectionFlags {
  readonly allocated: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Occupies memory and no space in the file. */
  readonly empty: boolean;
}

export class Section {
  readonly name: string;
  readonly flags: SectionFlags;
  readonly fragments: Fragment[] = [];
  alignment: number;
  /** Bytes so far, what layout adds left out: for the limit on what a source may ask for. */
  written = 0;

  constructor(name: string, flags: SectionFlags, alignment: number) {
    this.name = name;
    this.flags = flags;
    this.alignment = alignment;
    this.fragments.push(new Fragment(this, {}, 0));
  }

  get last(): Fragment {
    return this.fragments[this.fragments.length - 1] as Fragment;
  }

  /** The place that the next byte gets. */
  get here(): Place {
    return { fragment: this.last, offset: this.last.bytes.length };
  }

  /** Bytes that it may have at most. */
  get limit(): number {
    return this.flags.empty ? MOST_EMPTY_BYTES : MOST_BYTES;
  }

  align(boundary: number): void {
    this.alignment = Math.max(this.alignment, boundary);
  }

  append(bytes: Uint8Array | readonly number[]): void {
    this.last.bytes.append(bytes);
    this.written += bytes.length;
  }

  /** Ends the fragment with a tail; what follows goes to a new one. */
  close(tail: Tail): void {
    const { last } = this;
    last.tail = tail;
    if (tail.kind === 'fill') {
      last.tailBytes = tail.count * tail.pattern.length;
      this.written += last.tailBytes;
      this.fragments.push(new Fragment(this, last.run, last.runOffset + last.size));
    } else this.fragments.push(new Fragment(this, {}, 0));
  }

  /** Bytes in all, once laid out. */
  get size(): number {
    return this.last.address + this.last.size;
  }
}
