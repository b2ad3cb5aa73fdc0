// A step of the build: makes the core of the translator and writes it where the command line looks for it.

import { writeFileSync } from 'node:fs';
import { coreBytes } from '../machine/translator/core-bytes.ts';
import { CORE_FILE } from './kept-core.ts';

writeFileSync(CORE_FILE, coreBytes());
