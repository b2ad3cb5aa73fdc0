// From what the page sends to an image that boots, in the worker: text is assembled, bytes are read as the command line
// reads them. What is wrong comes back with file, line and column.

import { assemble } from '../../asm/assemble.ts';
import { LineTable } from '../../asm/line-table.ts';
import { type Image, loadImage } from '../../platform/image.ts';
import type { GuestSource, SourceError } from '../protocol.ts';

export interface Made {
  readonly image: Image | undefined;
  /** Empty where the source is not known. */
  readonly lines: LineTable;
  readonly errors: readonly SourceError[];
}

export function imageOf({ base, sources, included, image }: GuestSource): Made {
  if (image !== undefined) return loaded(image, []);
  const readFile = (path: string) => {
    const text = included[path];
    return text === undefined ? undefined : new TextEncoder().encode(text);
  };
  const assembly = assemble(sources, { base: BigInt(base), readFile });
  const errors = assembly.diagnostics.map(
    ({ file = '', line = 1, column = 1, length = 1, severity, message, hint }): SourceError => ({
      file,
      line,
      column,
      length,
      severity,
      message,
      ...(hint !== undefined && { hint }),
    }),
  );
  return assembly.image === undefined
    ? { image: undefined, lines: NO_LINES, errors }
    : loaded(assembly.image.elf, errors, assembly.image.lines());
}

const NO_LINES = new LineTable([]);

function loaded(bytes: Uint8Array, errors: readonly SourceError[], lines = NO_LINES): Made {
  const found = loadImage(bytes);
  if (found.ok) return { image: found.image, lines, errors };
  const { message, hint } = found;
  const refusal: SourceError = {
    file: '',
    line: 1,
    column: 1,
    length: 1,
    severity: 'error',
    message,
    ...(hint !== undefined && { hint }),
  };
  return { image: undefined, lines, errors: [...errors, refusal] };
}
