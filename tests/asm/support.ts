// What the tests of the assembler share: a text to bytes, or to the messages about it.

import { type AssembledImage, type AssembleOptions, assemble } from '../../src/asm/assemble.ts';
import type { Diagnostic } from '../../src/asm/diagnostic.ts';

type Files = Readonly<Record<string, string>>;

export function readerOf(files: Files): AssembleOptions['readFile'] {
  return (path) => (Object.hasOwn(files, path) ? new TextEncoder().encode(files[path]) : undefined);
}

/** The image of one text, which must be without mistake. */
export function imageOf(
  text: string,
  options: Partial<AssembleOptions> & { name?: string; files?: Files } = {},
): AssembledImage {
  const { name = 'text.s', files = {}, ...others } = options;
  const { image, diagnostics } = assemble([{ name, text }], { readFile: readerOf(files), ...others });
  if (image === undefined) throw new Error(diagnostics.map(({ message, line }) => `${line}: ${message}`).join('\n'));
  return image;
}

/** The bytes of one text in hexadecimal, in a section that is not padded at its end as .text is. */
export function bytesOf(text: string, options: Parameters<typeof imageOf>[1] = {}): string {
  return Buffer.from(imageOf(`.section .text.body, "ax"\n_start:\n${text}\n`, options).raw).toString('hex');
}

export const WITHOUT_C = { arch: 'rv64ima_zicsr_zifencei' };

/** What is said about a text. */
export function mistakesIn(
  text: string,
  options: Partial<AssembleOptions> & { name?: string; files?: Files } = {},
): readonly Diagnostic[] {
  const { name = 'text.s', files = {}, ...others } = options;
  return assemble([{ name, text }], { readFile: readerOf(files), ...others }).diagnostics;
}
