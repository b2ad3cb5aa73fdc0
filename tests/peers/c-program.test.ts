// A program in C, built by GCC with .data, .bss, a trap handler and a page table of its own: it prints the same on
// QEMU, bare and virtual, with and without compressed instructions and at two levels of optimisation.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadImage } from '../../src/platform/image.ts';
import { scratchFolder, trapeze } from '../support/cli.ts';
import { missingTools } from '../support/tools.ts';

const sources = fileURLToPath(new URL('c/', import.meta.url));
const folder = scratchFolder();
const GCC = 'riscv64-unknown-elf-gcc';
const QEMU = 'qemu-system-riscv64';
const missing = missingTools('C program', [GCC, QEMU]);

function build(march: string, optimisation: string): string {
  const output = join(folder, `${march}${optimisation}.elf`);
  const flags = [
    '-mabi=lp64',
    '-mcmodel=medany',
    '-ffreestanding',
    '-nostdlib',
    '-static',
    '-Wl,--build-id=none,--no-warn-rwx-segments',
  ];
  const files = ['start.S', 'kernel.c'].map((name) => join(sources, name));
  execFileSync(GCC, [
    ...flags,
    `-march=${march}`,
    optimisation,
    '-T',
    join(sources, 'link.ld'),
    ...files,
    '-o',
    output,
  ]);
  return output;
}

describe.skipIf(missing.length > 0)('a C program built by GCC', () => {
  test.each([
    ['rv64ima_zicsr_zifencei', '-O2'],
    ['rv64imac_zicsr_zifencei', '-O2'],
    ['rv64imac_zicsr_zifencei', '-O0'],
  ])('for %s with %s prints on QEMU what it prints bare and virtual', (march, optimisation) => {
    const elf = build(march, optimisation);
    expect(loadImage(new Uint8Array(readFileSync(elf)))).toMatchObject({ ok: true });
    const onQemu = execFileSync(
      QEMU,
      ['-M', 'virt', '-bios', 'none', '-display', 'none', '-serial', 'stdio', '-kernel', elf],
      { timeout: 20_000 },
    );
    expect(onQemu.toString('utf8')).toContain('page faults: 24\n');
    for (const mode of [[], ['--bare']]) {
      const { code, stdout, stderr } = trapeze(['run', ...mode, elf]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toBe(onQemu.toString('utf8'));
    }
    expect(trapeze(['verify', elf]).stdout).toMatch(/no divergence/);
  });
});
