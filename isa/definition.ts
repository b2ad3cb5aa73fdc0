// How definitions are made: `insn` for an instruction, `compressed` for a 16-bit one in terms of another, `value`,
// `question` and `effect` for a piece of the privileged architecture. Types read the fields out of the pattern, so
// naming a field that it lacks, or returning nothing where there is an rd or an fd, does not compile.

import { assert } from './assert.ts';
import { type Extension, extensionBit } from './extensions.ts';
import { type FieldNames, type Pattern, parsePattern } from './pattern.ts';
import { registerNumber } from './registers.ts';
import type { Definition, Machine, Raised, Value } from './vocabulary.ts';

/** The operands of a body: register values and immediates. */
type Operands<P extends string, V> = { readonly [F in Exclude<FieldNames<P>, 'rd' | 'fd'>]: V };
/** The same fields as encoded, for what depends on a register's number (csrrs with x0) or a CSR's. */
type Encoded<P extends string> = { readonly [F in FieldNames<P>]: number };
type Outcome<P extends string, V> =
  Extract<FieldNames<P>, 'rd' | 'fd'> extends never ? Raised | undefined | void : V | Raised;
type Body<P extends string> = <V extends Value>(
  m: Machine<V>,
  operands: Operands<P, V>,
  encoded: Encoded<P>,
) => Outcome<P, V>;
/** A body with its fields' names forgotten. */
type AnyBody = <V extends Value>(
  m: Machine<V>,
  operands: Readonly<Record<string, V>>,
  encoded: Readonly<Record<string, number>>,
) => V | Raised | undefined | void;

export interface Instruction {
  readonly name: string;
  /** As the manual writes it: 'lw rd, imm(rs1)'. */
  readonly syntax: string;
  /** The parts between the commas of the syntax. */
  readonly operands: readonly string[];
  readonly pattern: Pattern;
  readonly extension: Extension;
  /** The same as a bit of a hart's `extensions` word. */
  readonly requires: number;
  /** The operand `imm` is an offset from pc. */
  readonly pcRelative: boolean;
  readonly body: AnyBody;
}

/** Where an operand of the expansion comes from. */
export type Origin = { readonly field: string } | { readonly value: number };

export interface CompressedInstruction {
  readonly name: string;
  readonly syntax: string;
  readonly operands: readonly string[];
  readonly pattern: Pattern;
  readonly extension: Extension;
  readonly requires: number;
  readonly expansion: { readonly instruction: Instruction; readonly operands: Readonly<Record<string, Origin>> };
  /** Encodings that execute but that an assembler never chooses: field and value. */
  readonly hints: readonly { readonly field: string; readonly value: number }[];
}

function split(syntax: string): { name: string; operands: string[] } {
  const [name = '', rest] = splitOnce(syntax, ' ');
  return { name, operands: rest === undefined ? [] : rest.split(', ') };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** Definitions of one extension: `const insn = instructionsOf('M')`. */
export function instructionsOf(extension: Extension) {
  return <const P extends string>(syntax: string, pattern: P, body: Body<P>, pcRelative = false): Instruction => {
    // A pattern's names are erased here: what runs a body makes its operands from that same pattern.
    const requires = extensionBit(extension);
    const parsed = parsePattern(pattern);
    return { ...split(syntax), syntax, pattern: parsed, extension, requires, pcRelative, body: body as AnyBody };
  };
}

/**
 * A compressed instruction as its expansion: 'addi rd, rd, nzimm' names fields of the pattern, registers and numbers.
 * @param hints encodings that execute as written but that no assembler chooses, as 'rd=0'.
 */
export function compressedOf(extension: Extension, instructions: ReadonlyMap<string, Instruction>) {
  return (syntax: string, pattern: string, expansion: string, hints: readonly string[] = []): CompressedInstruction => {
    const parsed = parsePattern(pattern);
    const { name, operands } = split(expansion);
    const instruction = instructions.get(name);
    assert(instruction !== undefined, `${syntax}: no instruction '${name}'`);
    const origins: Record<string, Origin> = {};
    for (const [index, operand] of instruction.operands.entries()) {
      const names = operand.match(/[a-z]+[0-9]?/g) ?? [];
      const given = (operands[index] ?? '').match(/[a-z]+[0-9]*|[0-9]+/g) ?? [];
      for (const [i, field] of names.entries()) origins[field] = origin(given[i] ?? '', parsed, syntax);
    }
    return {
      ...split(syntax),
      syntax,
      pattern: parsed,
      extension,
      requires: extensionBit(extension),
      expansion: { instruction, operands: origins },
      hints: hints.map((hint) => {
        const [field, value] = splitOnce(hint, '=');
        return { field, value: Number(value) };
      }),
    };
  };
}

function origin(text: string, pattern: Pattern, syntax: string): Origin {
  if (pattern.fields.some((field) => field.name === text)) return { field: text };
  const value = registerNumber(text) ?? (/^[0-9]+$/.test(text) ? Number(text) : undefined);
  assert(value !== undefined, `${syntax}: what is '${text}' in its expansion?`);
  return { value };
}

type Piece<P extends string, R extends 'value' | 'question' | 'effect'> = Definition<P, R>['body'];

/** A piece of the architecture that yields a value, or raises. */
export function value<const P extends string>(
  name: string,
  parameters: readonly P[],
  body: Piece<P, 'value'>,
): Definition<P, 'value'> {
  return { name, parameters, result: 'value', body };
}
/** A piece that answers yes or no. */
export function question<const P extends string>(
  name: string,
  parameters: readonly P[],
  body: Piece<P, 'question'>,
): Definition<P, 'question'> {
  return { name, parameters, result: 'question', body };
}
/** A piece that only changes state. */
export function effect<const P extends string>(
  name: string,
  parameters: readonly P[],
  body: Piece<P, 'effect'>,
): Definition<P, 'effect'> {
  return { name, parameters, result: 'effect', body };
}
