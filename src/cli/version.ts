// The version of this installation, as its package.json states it.

import { join } from 'node:path';
import { projectFolder } from './bundled.ts';
import { readFile } from './files.ts';

export function version(): string {
  const text = new TextDecoder().decode(readFile(join(projectFolder(), 'package.json')));
  return (JSON.parse(text) as { version: string }).version;
}
