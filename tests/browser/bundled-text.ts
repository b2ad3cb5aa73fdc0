// The bundled guests as text, read by Node and sent to the page: what a page of ours would be built with.
// Paths are relative to a guest's folder, as its sources have them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../isa/assert.ts';
import { bundledGuest, guestFolder } from '../../src/cli/bundled.ts';
import type { GuestText } from './run-guests.ts';

export function bundledText(name: string, typed = ''): GuestText {
  const guest = bundledGuest(name);
  assert(guest !== undefined, `no bundled guest is called ${name}`);
  const folder = guestFolder(name);
  const included = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.inc'))
    .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(folder, path), 'utf8')] as const);
  return {
    name,
    base: BigInt(guest.base),
    sources: guest.sources.map((path) => ({ name: path, text: readFileSync(join(folder, path), 'utf8') })),
    included: Object.fromEntries(included),
    typed,
  };
}

/** What a bundled guest's folder has to be typed on it. */
export const demoOf = (name: string) => readFileSync(join(guestFolder(name), 'demo.txt'), 'utf8');
