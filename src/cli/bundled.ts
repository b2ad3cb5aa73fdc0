// The guests that come with Trapeze: a folder each under guests/, described by its guest.json.

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../../isa/assert.ts';
import { readFile, readIfThere } from './files.ts';

export interface BundledGuest {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Privilege at entry. */
  readonly mode: 'm' | 's';
  /** Assembly files in link order, relative to the guest's folder. */
  readonly sources: readonly string[];
  readonly base: string;
}

/** The project's folder: the nearest above this file with guests/ in it, from src/cli and from dist/src/cli alike. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (readIfThere(join(folder, 'guests', 'hello', 'guest.json')) === undefined) {
    assert(dirname(folder) !== folder, 'the bundled guests are missing from this installation');
    folder = dirname(folder);
  }
  return folder;
}

export function guestFolder(name: string): string {
  return join(projectFolder(), 'guests', name);
}

/** The bundled guest of this name, if there is one. */
export function bundledGuest(name: string): BundledGuest | undefined {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) return undefined;
  const description = readIfThere(join(guestFolder(name), 'guest.json'));
  // The file is ours and checked by a test, so its shape is as stated.
  return description && (JSON.parse(new TextDecoder().decode(description)) as BundledGuest);
}

export function bundledGuests(): BundledGuest[] {
  const names = readdirSync(join(projectFolder(), 'guests')).toSorted();
  return names.flatMap((name) => bundledGuest(name) ?? []);
}

export function readSource(guest: BundledGuest, file: string): { name: string; text: string } {
  const path = join(guestFolder(guest.name), file);
  return { name: path, text: new TextDecoder().decode(readFile(path)) };
}
