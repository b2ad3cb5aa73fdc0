// What guests of several harts find of one another on our machine, they find on QEMU's, where each hart is a thread of
// the host: the same guests pass there. Left out: guests that count steps, ticks or turns, or want LR and SC to be more
// than a comparison of values, which is all that QEMU makes of them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { assembleGuest } from '../support/assembly.ts';
import { trapeze } from '../support/cli.ts';
import { hartText } from '../support/harts/guest.ts';
import { INTERRUPT_GUESTS } from '../support/harts/interrupts.ts';
import { LOCK_GUESTS } from '../support/harts/locks.ts';
import { MEMORY_GUESTS } from '../support/harts/memory.ts';
import { missingTools } from '../support/tools.ts';

const missing = missingTools('several harts', ['qemu-system-riscv64']);
const folder = mkdtempSync(join(tmpdir(), 'trapeze-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TIMEOUT = 60_000;

function qemu(harts: number, ...options: string[]) {
  const args = [
    '-M',
    'virt',
    '-smp',
    `${harts}`,
    '-display',
    'none',
    '-monitor',
    'none',
    '-serial',
    'stdio',
    ...options,
  ];
  const { status, stdout } = spawnSync('qemu-system-riscv64', args, { encoding: 'utf8', timeout: TIMEOUT, input: '' });
  return { status, console: stdout.replaceAll('\r', '') };
}

const guests = [...LOCK_GUESTS, ...INTERRUPT_GUESTS, ...MEMORY_GUESTS].filter(({ isExact }) => isExact !== true);
const cases = guests.flatMap(({ name, harts, text }) => harts.map((count) => ({ name, count, text })));

describe.skipIf(missing.length > 0)('on QEMU', () => {
  test.each(cases)('$name ($count harts)', ({ name, count, text }) => {
    const file = join(folder, `${name.replaceAll(/\W/g, '-')}-${count}.bin`);
    writeFileSync(file, assembleGuest(hartText(count, text)));
    expect(qemu(count, '-bios', file).status, 'the number of the check that failed').toBe(0);
  });

  test('crew prints the same there, under OpenSBI, but for how much is lost without a lock', () => {
    const elf = join(folder, 'crew.elf');
    const sources = ['start.s', 'work.s', 'lock.s', 'sbi.s', 'print.s'].map((source) => `guests/crew/${source}`);
    expect(trapeze(['asm', ...sources, '--base', '0x80200000', '-o', elf])).toMatchObject({ code: 0 });
    const told = (console: string) =>
      console.slice(console.indexOf('crew: harts')).replace(/(load, add, store: +)\d+/, '$1some');
    const ours = trapeze(['run', 'crew', '--smp', '4']).stdout;
    const theirs = qemu(4, '-bios', 'default', '-kernel', elf).console;
    expect(told(theirs)).toBe(told(ours));
    expect(told(ours)).toContain('some of 20000');
  });
});
