// ISA strings, as compilers, device trees and `--isa` have them: rv64imac_zba_svadu. Reading one says what is wrong with
// it and what is known; writing one gives the canonical order. What every hart has need not be said.
// Left out: the meaning of version numbers, which are read over.

import {
  COLLECTIONS,
  EXTENSIONS,
  type ExtensionName,
  extensionBits,
  hasExtension,
  IMPLIED,
  REQUIRED,
} from './extensions.ts';

/** Bits of the `extensions` word, or what is wrong. */
export type ParsedIsa =
  | { readonly ok: true; readonly extensions: bigint }
  | { readonly ok: false; readonly message: string };

const BASE = 'rv64';
/** A single letter that is not the first of a longer name, and its version. */
const SINGLE = /^([a-rt-wy])(?:\d+(?:p\d+)?)?/;
const byName = new Map(EXTENSIONS.map((name) => [name.toLowerCase(), name]));
const isSingle = (name: string) => name.length === 1;

const KNOWN = `known are ${EXTENSIONS.filter(isSingle).join(', ').toLowerCase()}, ${Object.entries(COLLECTIONS)
  .filter(([, names]) => names.every((name) => EXTENSIONS.includes(name)))
  .map(([name, names]) => `${name} (${names.join(', ').toLowerCase()})`)
  .join(', ')}, and ${EXTENSIONS.filter((name) => !isSingle(name))
  .join(', ')
  .toLowerCase()}`;

export function parseIsa(text: string): ParsedIsa {
  const lower = text.toLowerCase();
  const wrong = (message: string): ParsedIsa => ({ ok: false, message });
  if (!lower.startsWith(BASE)) return wrong(`an ISA string begins with ${BASE}, as in rv64imac_zba`);
  const [first = '', ...others] = lower.slice(BASE.length).split('_');
  const names = [...split(first), ...others.map(withoutVersion)];
  const found = new Set<ExtensionName>(REQUIRED);
  for (const name of names) {
    if (name === '') return wrong('an ISA string has a name on both sides of each _');
    const known = byName.get(name);
    const together = COLLECTIONS[name] ?? (known === undefined ? undefined : [known]);
    if (together === undefined) return wrong(`there is no extension '${name}'; ${KNOWN}`);
    for (const each of together) {
      if (!EXTENSIONS.includes(each)) return wrong(`'${name}' needs ${each}, which the machine lacks; ${KNOWN}`);
      include(found, each);
    }
  }
  if (!names.some((name) => name === 'i' || name === 'g')) return wrong(`${BASE} is followed by i or g, the base`);
  if (!names.includes('c')) return wrong('C cannot be left out: jumps here go to any even address');
  return { ok: true, extensions: extensionBits([...found]) };
}

/** Single letters, and the longer name that may follow them without a mark between. */
function split(first: string): string[] {
  const [match, letter] = SINGLE.exec(first) ?? [];
  if (match !== undefined && letter !== undefined) return [letter, ...split(first.slice(match.length))];
  return first === '' ? [] : [withoutVersion(first)];
}

function include(found: Set<ExtensionName>, name: ExtensionName): void {
  found.add(name);
  for (const needed of IMPLIED[name] ?? []) include(found, needed);
}

/** A name without its version: svadu1p0 is svadu, but sv39 and sv48 are names. */
function withoutVersion(name: string): string {
  return byName.has(name) ? name : name.replace(/\d+(p\d+)?$/, '');
}

/** Names of the extensions in these bits, small, in canonical order. */
export function isaNames(extensions: bigint): readonly string[] {
  return EXTENSIONS.filter((name) => hasExtension(extensions, name)).map((name) => name.toLowerCase());
}

/** The canonical ISA string of what a hart with these bits has. */
export function isaString(extensions: bigint): string {
  const names = isaNames(extensions);
  return [`${BASE}${names.filter(isSingle).join('')}`, ...names.filter((name) => !isSingle(name))].join('_');
}
