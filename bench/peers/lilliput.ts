// The teaching OS as a workload: its boot until it powers itself off, and sessions typed at its shell. Its console must
// be the same, byte for byte, whoever runs it; nothing that is typed shows time.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../src/asm/assemble.ts';
import { bundledGuest, guestFolder, readSource } from '../../src/cli/bundled.ts';
import { readIfThere } from '../../src/cli/files.ts';
import { lengthsOf, type Prepared, passesOf } from './jobs.ts';

const COMMANDS = ['echo hello', 'ps', 'fork', 'cow', 'fault', 'mem'];
/** Sessions that take a translator of the year 2025 about a second. */
const SESSIONS = 60;

/** What can be asked for with --only. */
export const GUEST_NAMES = ['boot', 'lilliput'];

export function prepareLilliput(name: string, scale: number, folder: string): Prepared {
  const elf = join(folder, 'lilliput.elf');
  writeFileSync(elf, lilliput());
  const job = (sessions: number) => {
    const input = join(folder, `lilliput-${sessions}.txt`);
    const typed = [...Array.from({ length: sessions }, () => COMMANDS).flat(), 'exit', ''];
    writeFileSync(input, typed.join('\n'));
    return { elf, input };
  };
  const group = 'operating system';
  if (name === 'boot') {
    const title = 'lilliput from process start to power-off';
    return { row: { name, group, title }, lengths: { large: job(0) } };
  }
  const passes = passesOf(SESSIONS, scale);
  const title = `lilliput: ${COMMANDS.join(', ')}`;
  return {
    row: { name, group, title, passes },
    lengths: lengthsOf(passes, job),
  };
}

function lilliput(): Uint8Array {
  const guest = bundledGuest('lilliput');
  if (guest === undefined) throw new Error('lilliput is missing from this installation');
  const sources = guest.sources.map((file) => readSource(guest, file));
  const includePaths = [guestFolder(guest.name)];
  const { image } = assemble(sources, { base: BigInt(guest.base), includePaths, readFile: readIfThere });
  if (image === undefined) throw new Error('lilliput does not assemble');
  return image.elf;
}
