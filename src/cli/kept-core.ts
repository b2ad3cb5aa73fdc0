// The core of the translator as a file beside the built command line, so that a run does not begin by making it. Where
// it is missing, as it is beside the sources, the core is made when it is wanted.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { provideCore } from '../machine/translator/core-bytes.ts';

/** build.ts writes it. */
const CORE_FILE = fileURLToPath(new URL('core.wasm', import.meta.url));

export function useKeptCore(): void {
  if (existsSync(CORE_FILE)) provideCore(readFileSync(CORE_FILE));
}
