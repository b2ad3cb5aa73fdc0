// `.option`, messages, and the directives of compilers that change nothing in an image.
// The linker here never relaxes, so `.option relax` and `norelax` mean the same.

import { spanOf } from '../source.ts';
import type { Options, Unit } from '../unit.ts';
import { type Directive, type Directives, ignored } from './directive.ts';

const MOST_PUSHED = 1000;

/** What to do for `.option name`; a text is the mistake. */
const OPTIONS: Readonly<Record<string, (unit: Unit) => string | undefined>> = {
  rvc: (unit) => allow(unit, true),
  norvc: (unit) => allow(unit, false),
  push: (unit) => {
    if (unit.optionStack.length >= MOST_PUSHED) return 'too many options are pushed';
    unit.optionStack.push(unit.options);
    return undefined;
  },
  pop: (unit) => {
    const options = unit.optionStack.pop();
    if (options === undefined) return '.option pop without .option push before it';
    unit.options = options;
    return undefined;
  },
  relax: () => undefined,
  norelax: () => undefined,
  nopic: () => undefined,
  csrcheck: () => undefined,
  'no-csr-check': () => undefined,
  pic: () => 'position-independent code is not supported',
};

function allow(unit: Unit, compressed: boolean): undefined {
  turn(unit, 'c', compressed);
  unit.usesCompressed ||= compressed;
}

const option: Directive = (unit, cursor, token) => {
  const text = cursor.rest;
  const name = /^[\w-]+/.exec(text)?.[0] ?? '';
  while (!cursor.atEnd) cursor.next();
  if (name === 'arch') {
    arch(unit, text.slice(name.length));
    return;
  }
  const act = Object.hasOwn(OPTIONS, text.trim()) ? OPTIONS[text.trim()] : undefined;
  const problem = act === undefined ? `there is no option '${text}'` : act(unit);
  const hint = act === undefined ? `there are ${Object.keys(OPTIONS).join(', ')} and arch` : undefined;
  if (problem !== undefined) cursor.error(token, problem, hint);
};

function turn(unit: Unit, extension: string, isOn: boolean): void {
  const extensions = new Set(unit.options.extensions);
  for (const name of COLLECTIONS[extension] ?? [extension]) {
    if (isOn) extensions.add(name);
    else extensions.delete(name);
  }
  unit.options = optionsOf(extensions);
}

/** `.option arch, +c`, `-zbb` or a whole name. */
function arch(unit: Unit, list: string): void {
  for (const part of list.split(',').map((each) => each.trim().toLowerCase())) {
    const change = /^([+-])([a-z]+)/.exec(part);
    if (change !== null) turn(unit, change[2] as string, change[1] === '+');
    else if (part.startsWith('rv64')) unit.options = architecture(part);
    unit.usesCompressed ||= unit.options.compressed;
  }
}

/** Names that stand for several. */
const COLLECTIONS: Readonly<Record<string, readonly string[]>> = { b: ['zba', 'zbb', 'zbs'], zca: ['c'] };

/** What an architecture's name says: rv64imac_zicsr, or with versions, rv64i2p1_c2p0. */
export function architecture(name: string): Options {
  const [first = '', ...others] = name.toLowerCase().split('_');
  const letters = (/^rv64([a-z]*)/.exec(first)?.[1] ?? '').split('');
  const names = [...letters, ...others.map((part) => /^[a-z]+/.exec(part)?.[0] ?? '')];
  return optionsOf(new Set(names.flatMap((each) => COLLECTIONS[each] ?? [each])));
}
const optionsOf = (extensions: ReadonlySet<string>): Options => ({ compressed: extensions.has('c'), extensions });

/** `.attribute arch, "rv64i2p1"`, as compilers write it; other attributes change nothing. */
const attribute: Directive = (unit, cursor, token) => {
  const isArch = cursor.peek().text === 'arch';
  const name = /"([^"]*)"/.exec(cursor.rest)?.[1];
  ignored(unit, cursor, token);
  if (isArch && name !== undefined) arch(unit, name);
};

const message =
  (severity: 'error' | 'warning'): Directive =>
  (unit, cursor, token) => {
    const text = cursor.next();
    const words = text.kind === 'string' ? new TextDecoder().decode(text.bytes) : `${token.text} in the source`;
    unit.report(spanOf(cursor.statement), severity, words);
  };

export const optionDirectives: Directives = {
  option,
  error: message('error'),
  err: message('error'),
  warning: message('warning'),
  print: ignored,
  file: ignored,
  ident: ignored,
  loc: ignored,
  attribute,
  cfi_startproc: ignored,
  cfi_endproc: ignored,
  cfi_offset: ignored,
  cfi_restore: ignored,
  cfi_def_cfa: ignored,
  cfi_def_cfa_offset: ignored,
  cfi_def_cfa_register: ignored,
  cfi_sections: ignored,
  addrsig: ignored,
  title: ignored,
  sbttl: ignored,
  list: ignored,
  nolist: ignored,
  eject: ignored,
  psize: ignored,
};
