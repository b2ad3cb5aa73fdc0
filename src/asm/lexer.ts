// A statement to tokens: names, numbers, local label references (1f), strings as bytes, and operators.
// What a token means (register, CSR, symbol, modifier) is left to the operand that it stands in.

import { stringLength } from './statements.ts';

export type Token = { readonly at: number; readonly length: number; readonly text: string } & (
  | { readonly kind: 'name' }
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'local'; readonly number: number; readonly forward: boolean }
  | { readonly kind: 'string'; readonly bytes: Uint8Array; readonly closed: boolean }
  | { readonly kind: 'operator' }
  | { readonly kind: 'end' }
);

// The suffixes of C mean nothing, but headers that C shares have them.
// '0b1' is binary and '0b' the label 0 before; '1f' is a label unless more of a word follows.
const PATTERNS =
  /\s+|(?<hex>0[xX][0-9a-fA-F]+)[uU]?[lL]{0,2}|(?<binary>0[bB][01]+)[uU]?[lL]{0,2}|(?<local>[0-9]+[bf])(?![\w.$])|(?<number>[0-9]+)[uU]?[lL]{0,2}|(?<name>[A-Za-z_.$\u0080-\uffff][\w.$\u0080-\uffff]*)|(?<operator><<|>>|==|!=|<>|<=|>=|&&|\|\||.)/suy;

const ESCAPES: Readonly<Record<string, number>> = { b: 8, f: 12, n: 10, r: 13, t: 9, '"': 34, "'": 39, '\\': 92 };
const BYTE = 0xff;
const OCTAL = 8;
const HEXADECIMAL = 16;

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const token = character === '"' ? string(text, at) : characterConstant(text, at);
      tokens.push(token);
      at += token.length;
      continue;
    }
    PATTERNS.lastIndex = at;
    const match = PATTERNS.exec(text);
    const groups = match?.groups;
    const whole = match?.[0] ?? (character as string);
    const digits = groups?.['hex'] ?? groups?.['binary'];
    const common = { at, length: whole.length, text: whole };
    at += whole.length;
    if (groups?.['name'] !== undefined) tokens.push({ ...common, kind: 'name' });
    else if (digits !== undefined) {
      tokens.push({ ...common, kind: 'number', value: BigInt(digits.toLowerCase()) });
    } else if (groups?.['number'] !== undefined) {
      tokens.push({ ...common, kind: 'number', value: decimalOrOctal(groups['number']) });
    } else if (groups?.['local'] !== undefined) {
      tokens.push({ ...common, kind: 'local', number: Number(whole.slice(0, -1)), forward: whole.endsWith('f') });
    } else if (groups === undefined || groups['operator'] !== undefined) tokens.push({ ...common, kind: 'operator' });
  }
  tokens.push({ kind: 'end', at: text.length, length: 1, text: '' });
  return tokens;
}

function decimalOrOctal(digits: string): bigint {
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
}

function string(text: string, at: number): Token {
  const length = stringLength(text, at);
  const whole = text.slice(at, at + length);
  const closed = whole.length > 1 && whole.endsWith('"');
  const bytes = contentBytes(whole.slice(1, closed ? -1 : undefined));
  return { kind: 'string', at, length, text: whole, bytes, closed };
}

function characterConstant(text: string, at: number): Token {
  const match = /^'(\\[0-7]{1,3}|\\.|[^\\])'?/su.exec(text.slice(at));
  const whole = match?.[0] ?? "'";
  if (match === null) return { kind: 'operator', at, length: 1, text: whole };
  const [value = 0] = contentBytes(match[1] as string);
  return { kind: 'number', at, length: whole.length, text: whole, value: BigInt(value) };
}

const encoder = new TextEncoder();

/** The bytes of a string's content: escapes as GNU as has them (octal, \x with any number of digits), UTF-8 else. */
function contentBytes(content: string): Uint8Array {
  if (!content.includes('\\')) return encoder.encode(content);
  const bytes: number[] = [];
  for (const [piece] of content.matchAll(/\\[0-7]{1,3}|\\[xX][0-9a-fA-F]*|\\.|[^\\]+|\\/gsu)) {
    if (!piece.startsWith('\\')) bytes.push(...encoder.encode(piece));
    else if (/^\\[0-7]/.test(piece)) bytes.push(Number.parseInt(piece.slice(1), OCTAL) & BYTE);
    else if (/^\\[xX]/.test(piece))
      bytes.push(Number.parseInt(piece.slice(-2).replace(/[xX\\]/g, ''), HEXADECIMAL) & BYTE);
    else
      bytes.push(
        ...(piece[1] !== undefined && piece[1] in ESCAPES
          ? [ESCAPES[piece[1]] as number]
          : encoder.encode(piece.slice(1))),
      );
  }
  return Uint8Array.from(bytes);
}
