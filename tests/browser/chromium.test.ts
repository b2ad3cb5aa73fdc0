// What a developer reads where Chromium does not start.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { launch } from './chromium.ts';

const folder = mkdtempSync(join(tmpdir(), 'trapeze-launch-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a program that needs a library which is not installed: the library is named, and what installs it', async () => {
  // Any program will do whose one library is renamed to one that nobody has.
  const broken = join(folder, 'broken');
  const program = readFileSync('/bin/true', 'latin1').replace('libc.so.6', 'libq.so.6');
  writeFileSync(broken, program, 'latin1');
  chmodSync(broken, 0o755);
  await expect(launch(broken)).rejects.toThrow(
    /^Chromium does not start: libq\.so\.6 cannot be found; .*apt-get install/,
  );
});

test('a program that ends at once: the error has its words as the cause, and names the way out', async () => {
  await expect(launch('/bin/false')).rejects.toThrow(/^Chromium does not start: .*TRAPEZE_CHROMIUM/);
});
