// From what the user names to an image that boots: a bundled guest's name, assembly, or the bytes of a file. Whatever
// is wrong with it is said with file and place, and ends the program with the exit code for a bad image.

import { basename, dirname, extname, resolve } from 'node:path';
import { type AssembleOptions, type Assembly, assemble } from '../asm/assemble.ts';
import { renderDiagnostics } from '../asm/diagnostic.ts';
import { SymbolTable } from '../debug/symbols.ts';
import { type Image, loadImage } from '../platform/image.ts';
import { KERNEL_BASE, RAM_BASE } from '../platform/memory-map.ts';
import { type BundledGuest, bundledGuest, guestFolder, readSource } from './bundled.ts';
import { badImage, ExitCode, Failure } from './failure.ts';
import { readFile, readIfThere } from './files.ts';

export interface NamedImage {
  /** A short name for its console. */
  readonly name: string;
  readonly image: Image;
  readonly symbols: SymbolTable;
}

/** Reads what `text` names. @param behindFirmware raw bytes and assembly then lie where firmware jumps. */
export function readImage(text: string, behindFirmware: boolean): NamedImage {
  const guest = bundledGuest(text);
  const base = behindFirmware ? KERNEL_BASE : RAM_BASE;
  const bytes = guest
    ? assembleBundled(guest)
    : isAssembly(text)
      ? assembleFiles([text], { base }).elf
      : readFile(text, NO_GUEST);
  const loaded = loadImage(bytes, { behindFirmware });
  if (!loaded.ok) throw badImage(text, loaded.message, loaded.hint);
  const name = guest?.name ?? basename(text, extname(text));
  return { name, image: loaded.image, symbols: new SymbolTable(loaded.image.symbols) };
}

/** A word that is no file may be meant as a guest's name. */
const NO_GUEST = '`trapeze guests` lists the bundled guests';

export const isAssembly = (file: string) => /\.s$/i.test(file);

function assembleBundled(guest: BundledGuest): Uint8Array {
  const sources = guest.sources.map((file) => readSource(guest, file));
  const options = { base: BigInt(guest.base), includePaths: [guestFolder(guest.name)] };
  return assembled(sources, options).elf;
}

/** Assembles files that the user names. */
export function assembleFiles(
  files: readonly string[],
  options: Partial<AssembleOptions>,
): NonNullable<Assembly['image']> {
  const sources = files.map((file) => ({ name: file, text: new TextDecoder().decode(readFile(file)) }));
  const includePaths = [...(options.includePaths ?? []), ...files.map((file) => dirname(resolve(file)))];
  return assembled(sources, { ...options, includePaths });
}

function assembled(
  sources: Parameters<typeof assemble>[0],
  options: Partial<AssembleOptions>,
): NonNullable<Assembly['image']> {
  const { image, diagnostics } = assemble(sources, { ...options, readFile: readIfThere });
  const text = renderDiagnostics(diagnostics);
  if (image === undefined) throw new Failure(ExitCode.BadImage, text);
  if (text !== '') process.stderr.write(`${text}\n`);
  return image;
}
