// OpenSBI as Debian ships it is a guest's own firmware, in virtual M: it boots ticks, and crew on four
// harts, bare and virtual alike.

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { trapeze } from '../support/cli.ts';

const FIRMWARE = '/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.elf';
const found = existsSync(FIRMWARE);
if (!found) console.warn('OpenSBI: not run, for want of the package opensbi');

describe.skipIf(!found)('OpenSBI, unmodified', () => {
  test('boots ticks, bare and virtual, and both are the same at every step', () => {
    const { stdout } = trapeze(['run', 'ticks', '--firmware', FIRMWARE]);
    expect(stdout).toMatch(/Boot HART Base ISA +: rv64imafdcb/);
    expect(stdout).toContain('ticks: all done');
    expect(trapeze(['verify', 'ticks', '--firmware', FIRMWARE]).stdout).toMatch(/no divergence .*, to the end/);
  });

  test.each(['bare', 'virtual'])(
    'brings up four harts, which crew starts, stops and interrupts by its calls: %s',
    (kind) => {
      const { code, stdout } = trapeze([
        'run',
        'crew',
        '--smp',
        '4',
        '--firmware',
        FIRMWARE,
        ...(kind === 'bare' ? ['--bare'] : []),
      ]);
      expect(stdout).toMatch(/Platform HART Count +: 4\b/);
      expect(stdout).toMatch(/inside a lock: +20000 of 20000/);
      expect(stdout).toContain('each wakes the next: 0 1 2 3 0 1 2 3 0 1 2 3');
      expect([code, stdout]).toEqual([0, expect.stringContaining('crew: all others have stopped')]);
    },
  );

  test('is the same bare and virtual while it brings up four harts', () => {
    const options = ['--smp', '4', '--firmware', FIRMWARE, '--limit', '6e6'];
    expect(trapeze(['verify', 'crew', ...options]).stdout).toMatch(/no divergence .* up to the limit/);
  });
});
