// OpenSBI as Debian ships it is a guest's own firmware, in virtual M: it boots ticks, bare and virtual alike.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trapeze } from '../support/cli.ts';

const FIRMWARE = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf';
const found = existsSync(FIRMWARE);
if (!found) console.warn('OpenSBI: not run, for want of the package opensbi');

describe.skipIf(!found)('OpenSBI, unmodified', () => {
  test('boots ticks, bare and virtual, and both are the same at every step', () => {
    const { stdout } = trapeze(['run', 'ticks', '--firmware', FIRMWARE]);
    expect(stdout).toMatch(/Boot HART Base ISA +: rv64imac/);
    expect(stdout).toContain('ticks: all done');
    expect(trapeze(['verify', 'ticks', '--firmware', FIRMWARE]).stdout).toMatch(/no divergence .*, to the end/);
  });
});
