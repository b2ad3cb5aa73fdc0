// Assembles the same sources with ours and with GNU's tools, and says where the images first differ.

import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Extension } from '../../../isa/extensions.ts';
import { assemble } from '../../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../../src/asm/diagnostic.ts';
import { assembleWithGnu, type Text } from './run.ts';

const BASE = 0x80000000n;
const MORE = '_zicsr_zifencei_zihintpause_zicbom_zicboz_zba_zbb_zbs_svinval';
export const ARCHITECTURES = [`rv64imafd${MORE}`, `rv64imafdc${MORE}`];
/** Extensions that binutils 2.40 does not know. */
export const UNKNOWN_TO_BINUTILS: ReadonlySet<Extension> = new Set(['Zicond']);

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

interface Setting {
  readonly base?: bigint;
  readonly includes?: readonly Text[];
  /** Where other included files are. */
  readonly folder?: string;
}

/** Both make the same image. @returns its size. */
export function same(
  sources: readonly Text[],
  arch: string,
  { base = BASE, includes = [], folder }: Setting = {},
): number {
  const theirs = assembleWithGnu(sources, { arch, base, includes, ...(folder === undefined ? {} : { folder }) });
  if ('errors' in theirs) throw new Error(`GNU refuses it:\n${theirs.errors.slice(0, 2000)}`);
  const files = new Map(includes.map(({ name, text }) => [name, new TextEncoder().encode(text)]));
  const onDisk = (path: string) => (folder !== undefined && existsSync(path) ? readFileSync(path) : undefined);
  const readFile = (path: string) => files.get(path) ?? onDisk(path);
  const { image, diagnostics } = assemble(sources, { base, arch, readFile, includePaths: folder ? [folder] : [] });
  if (image === undefined) throw new Error(`ours refuses it:\n${renderDiagnostics(diagnostics).slice(0, 2000)}`);
  if (hex(image.raw) !== hex(theirs.raw)) throw new Error(firstDifference(image, theirs.raw, base));
  expect(image.entry).toBe(theirs.entry);
  return image.raw.length;
}

function firstDifference(
  image: NonNullable<ReturnType<typeof assemble>['image']>,
  theirs: Uint8Array,
  base: bigint,
): string {
  const at = image.raw.findIndex((byte, index) => byte !== theirs[index]);
  const offset = at < 0 ? image.raw.length : at;
  const address = base + BigInt(offset);
  const lines = image.listing().split('\n');
  const line = lines.findLastIndex((row) => /^[0-9a-f]{16}/.test(row) && BigInt(`0x${row.slice(0, 16)}`) <= address);
  const around = (bytes: Uint8Array) => hex(bytes.subarray(Math.max(0, offset - 4), offset + 12));
  return [
    `differ at 0x${address.toString(16)}, ${image.raw.length} and ${theirs.length} bytes`,
    `ours   ${around(image.raw)}`,
    `theirs ${around(theirs)}`,
    ...lines.slice(Math.max(0, line - 3), line + 3),
  ].join('\n');
}
