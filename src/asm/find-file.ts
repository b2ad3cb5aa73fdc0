// Where a named file is: beside the file that names it, then as named, then in each folder of -I.

import type { Surroundings } from './unit.ts';

export interface FoundFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function findFile(
  { includePaths, readFile }: Pick<Surroundings, 'includePaths' | 'readFile'>,
  name: string,
  from: string,
): FoundFile | undefined {
  if (name === '' || name.includes('\0')) return undefined;
  const absolute = /^(?:[/\\]|[A-Za-z]:)/.test(name);
  const beside = /^(.*[/\\])[^/\\]*$/.exec(from)?.[1] ?? '';
  const paths = absolute
    ? [name]
    : [...new Set([beside + name, name, ...includePaths.map((folder) => `${folder}/${name}`)])];
  for (const path of paths) {
    const bytes = readFile(path);
    if (bytes !== undefined) return { path, bytes };
  }
  return undefined;
}
