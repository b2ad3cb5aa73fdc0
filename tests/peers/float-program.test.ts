// A program built by GCC with picolibc for rv64gc: printf of doubles, the functions of math.h, rounding modes and
// flags. It prints on QEMU what it prints bare and in a VM, and the reference bare, the fast engine bare and
// virtual are the same at every step.

import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { scratchFolder, trapeze } from '../support/cli.ts';
import { missingTools } from '../support/tools.ts';
import { qemuConsole } from './virt.ts';

const GCC = 'riscv64-unknown-elf-gcc';
const SPECS = '/usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs';
if (!existsSync(SPECS)) console.warn('floating-point program: not compared, for want of picolibc');
const skipped = missingTools('floating-point program', [GCC, 'qemu-system-riscv64']).length > 0 || !existsSync(SPECS);
const FEWEST_LINES = 400;

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const source = (name: string) => fileURLToPath(new URL(`float/${name}`, import.meta.url));

function build(optimisation: string): string {
  const output = join(folder, `program${optimisation}.elf`);
  const target = ['-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-frounding-math', optimisation];
  const linked = ['-nostartfiles', '-T', source('link.ld'), '-Wl,--no-warn-rwx-segments', '-lm', '-o', output];
  execFileSync(GCC, [`--specs=${SPECS}`, ...target, source('start.S'), source('program.c'), ...linked]);
  return output;
}

describe.skipIf(skipped)('a program of floating point', () => {
  test.each(['-O0', '-O2'])('with %s prints what it prints on QEMU', (optimisation) => {
    const elf = build(optimisation);
    const theirs = qemuConsole(['-bios', 'none', '-kernel', elf]);
    expect(theirs.split('\n').length).toBeGreaterThan(FEWEST_LINES);
    for (const options of [[], ['--bare']]) {
      const { code, stdout, stderr } = trapeze(['run', ...options, elf]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.replaceAll('\r', '')).toBe(theirs);
    }
  });
  test('is the same bare and virtual at every step', () => {
    expect(trapeze(['verify', build('-O2')]).stdout).toMatch(/no divergence .* to the end/);
  });
});
