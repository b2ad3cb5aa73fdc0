#!/usr/bin/env node
// What `trapeze` starts: the command line, which is one file beside this one, with the code that V8 made of
// it when it was built. Compiling it anew would take longer than many a run; V8 refuses what another version
// of it made, and compiles. Left out: the sources, which `tsx src/cli/main.ts` runs without any of this.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const FILE = fileURLToPath(new URL('trapeze.cjs', import.meta.url));
const CODE = fileURLToPath(new URL('trapeze.code', import.meta.url));

const script = new Script(`(function (require, __filename, __dirname) {${readFileSync(FILE, 'utf8')}\n})`, {
  filename: FILE,
  ...(existsSync(CODE) && { cachedData: readFileSync(CODE) }),
});
// A step of the build: keeps what this run has compiled.
if (process.env['TRAPEZE_KEEP_CODE'] !== undefined) {
  process.once('exit', () => writeFileSync(CODE, script.createCachedData()));
}
const trapeze = script.runInThisContext() as (require: NodeJS.Require, file: string, folder: string) => void;
trapeze(createRequire(import.meta.url), FILE, dirname(FILE));
