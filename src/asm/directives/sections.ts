// Directives that choose the section: the usual three, any by name with flags as letters, and the ways back.
// Left out: subsections and groups, and merging, whose flags (M, S, G) are read and mean nothing here.

import type { Cursor } from '../cursor.ts';
import type { SectionFlags } from '../model.ts';
import { spanOf } from '../source.ts';
import type { Unit } from '../unit.ts';
import type { Directive, Directives } from './directive.ts';

const CODE: SectionFlags = { allocated: true, writable: false, executable: true, empty: false };
const DATA: SectionFlags = { allocated: true, writable: true, executable: false, empty: false };
const CONSTANTS: SectionFlags = { ...DATA, writable: false };
const EMPTY: SectionFlags = { ...DATA, empty: true };
const NOTES: SectionFlags = { allocated: false, writable: false, executable: false, empty: false };

/** What a section's name says about it where no flags are given. */
const BY_NAME: readonly (readonly [RegExp, SectionFlags])[] = [
  [/^\.(text|init|fini)(\.|$)/, CODE],
  [/^\.s?bss(\.|$)/, EMPTY],
  [/^\.(s?data|tdata|init_array|fini_array)(\.|\d*$)/, DATA],
  [/^\.(s?rodata)(\.|\d*$)/, CONSTANTS],
];
const LETTERS = /^[awxMSGTo?eR0-9]*$/;

function flagsOf(name: string): SectionFlags {
  return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] ?? NOTES;
}

const named =
  (name: string): Directive =>
  (unit, cursor) => {
    // A number here would be a subsection.
    if (!cursor.atEnd && unit.constant(cursor, 'the subsection') !== 0n) {
      cursor.error(cursor.peek(), 'subsections are not supported', 'use a section of another name: .text.name');
    }
    if (!cursor.failed && cursor.expectEnd()) unit.enter(unit.openSection(name, flagsOf(name), 1));
  };

/** `.section name, "flags", @type`. */
const section: Directive = (unit, cursor) => {
  const chosen = parseSection(unit, cursor);
  if (chosen !== undefined) unit.enter(chosen);
};

function parseSection(unit: Unit, cursor: Cursor) {
  const name = parseName(cursor);
  if (name === undefined) return undefined;
  let flags = unit.sections.get(name)?.flags ?? flagsOf(name);
  if (!flags.allocated && !cursor.is(',') && !unit.sections.has(name) && !name.startsWith('.')) {
    cursor.warn(spanOf(cursor.statement), `section '${name}' will not be in memory`, `for code write: ${name}, "ax"`);
  }
  if (cursor.accept(',')) {
    const letters = cursor.next();
    if (letters.kind !== 'string') {
      cursor.error(letters, 'expected the flags in double quotes', 'as in .section .text.boot, "ax"');
      return undefined;
    }
    const text = new TextDecoder().decode(letters.bytes);
    if (!LETTERS.test(text)) {
      cursor.error(letters, `there are no such section flags: "${text}"`, 'a: in memory, w: writable, x: executable');
      return undefined;
    }
    const has = (letter: string) => text.includes(letter);
    flags = { allocated: has('a'), writable: has('w'), executable: has('x'), empty: flags.empty };
    const type = cursor.accept(',') ? parseType(cursor) : undefined;
    if (type !== undefined) flags = { ...flags, empty: type === 'nobits' };
    // What else may follow (entry size, group) has no meaning here.
    while (!cursor.failed && cursor.accept(',')) cursor.next();
  }
  if (cursor.failed || !cursor.expectEnd()) return undefined;
  return unit.openSection(name, flags, 1);
}

function parseName(cursor: Cursor): string | undefined {
  const token = cursor.peek();
  if (token.kind === 'string') {
    cursor.next();
    return new TextDecoder().decode(token.bytes);
  }
  // Names may hold characters that are operators elsewhere: .note.GNU-stack.
  const text = /^[^\s,]+/.exec(cursor.rest)?.[0];
  if (text === undefined) {
    cursor.unexpected('the name of a section');
    return undefined;
  }
  const end = token.at + text.length;
  while (!cursor.atEnd && cursor.peek().at < end) cursor.next();
  return text;
}

function parseType(cursor: Cursor): string | undefined {
  if (!cursor.accept('@')) cursor.accept('%');
  const token = cursor.next();
  const type = token.kind === 'string' ? new TextDecoder().decode(token.bytes) : token.text;
  if (/^(progbits|nobits|note|init_array|fini_array)$/.test(type)) return type;
  cursor.error(token, `there is no section type '${type}'`, 'there are @progbits and @nobits');
  return undefined;
}

const pushSection: Directive = (unit, cursor) => {
  const before = { section: unit.section, previous: unit.previous };
  const chosen = parseSection(unit, cursor);
  if (chosen === undefined) return;
  if (unit.sectionStack.length >= MOST_PUSHED)
    return cursor.error(spanOf(cursor.statement), 'too many sections are pushed');
  unit.sectionStack.push(before);
  unit.enter(chosen);
};
const MOST_PUSHED = 1000;

const popSection: Directive = (unit, cursor, token) => {
  const before = unit.sectionStack.pop();
  if (before === undefined) return cursor.error(token, '.popsection without .pushsection before it');
  unit.section = before.section;
  unit.previous = before.previous;
};

const previous: Directive = (unit, cursor, token) => {
  if (unit.previous === undefined) cursor.error(token, 'there is no section before this one');
  else unit.enter(unit.previous);
};

export const sectionDirectives: Directives = {
  text: named('.text'),
  data: named('.data'),
  bss: named('.bss'),
  rodata: named('.rodata'),
  section,
  pushsection: pushSection,
  popsection: popSection,
  previous,
};
