// Golden files: text that the tree's code makes, kept beside the tests, so that a change of it shows in review.
// TRAPEZE_BLESS=1 writes what is made now; without it a difference fails with a readable diff.
// Left out: a check for golden files that no test reads any more.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const BLESS = process.env['TRAPEZE_BLESS'] === '1';

/** What compares a text with the file of that name in a folder. */
export function goldenFolder(folder: URL): (name: string, text: string) => void {
  return (name, text) => {
    const path = fileURLToPath(new URL(name, folder));
    if (BLESS) writeFileSync(path, text);
    const golden = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect(text, `${name}; TRAPEZE_BLESS=1 accepts the new text`).toBe(golden);
  };
}
