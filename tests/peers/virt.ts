// QEMU's virt board for suites that compare consoles: what a machine with these options prints, and guests made for it.
// Left out: what is compared, and with which lawful differences.

import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { assemble } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import { file } from '../support/cli.ts';

const TIMEOUT = 60_000;
const FIXED = ['-M', 'virt', '-display', 'none', '-monitor', 'none', '-serial', 'stdio'];

/** What a guest prints on QEMU until it ends itself, without carriage returns. */
export function qemuConsole(options: readonly string[]): string {
  const { stdout, error, stderr } = spawnSync('qemu-system-riscv64', [...FIXED, ...options], {
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

/** Waits for a text on the console, then types. */
export interface Turn {
  readonly after: string;
  readonly type: string;
}

/** What a guest prints on QEMU that is typed to when it asks, until it ends itself. */
export function qemuDialogue(options: readonly string[], turns: readonly Turn[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('qemu-system-riscv64', [...FIXED, ...options], { timeout: TIMEOUT });
    let console = '';
    let seen = 0;
    let next = 0;
    child.stdout.on('data', (bytes: Buffer) => {
      console += bytes.toString('latin1');
      for (let turn = turns[next]; turn; turn = turns[next]) {
        const at = console.indexOf(turn.after, seen);
        if (at < 0) break;
        seen = at + turn.after.length;
        next++;
        child.stdin.write(turn.type);
      }
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(console.replaceAll('\r', '')) : reject(new Error(`QEMU ended by ${code}:\n${console}`)),
    );
  });
}
