// QEMU's virt board for suites that compare consoles: what a machine with these options prints, and guests made for it.
// Left out: what is compared, and with which lawful differences.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import { file } from '../support/cli.ts';

const TIMEOUT = 60_000;

/** What a guest prints on QEMU until it ends itself, without carriage returns. */
export function qemuConsole(options: readonly string[]): string {
  const fixed = ['-M', 'virt', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'];
  const { stdout, error, stderr } = spawnSync('qemu-system-riscv64', [...fixed, ...options], {
    encoding: 'latin1',
    timeout: TIMEOUT,
    input: '',
  });
  if (error !== undefined) throw new Error(`${error.message}\n${stderr}${stdout}`);
  return stdout.replaceAll('\r', '');
}

/** An image of raw bytes at the start of RAM. @returns its path. */
export function assembleFile(folder: string, name: string, text: string): string {
  const { image, diagnostics } = assemble([{ name, text }], {});
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  file(folder, name, image.raw);
  return join(folder, name);
}
