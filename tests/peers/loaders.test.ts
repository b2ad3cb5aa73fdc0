// OpenSBI and U-Boot as Debian ships them for QEMU's virt board come up here as there, to U-Boot's prompt and through
// its commands, a file read from a virtio disk among them: the console is QEMU's, but for the differences that
// loader-differences.ts allows. In a VM, OpenSBI plays virtual M and U-Boot virtual S, or U-Boot virtual M alone.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file, scratchFolder, trapeze } from '../support/cli.ts';
import { missingTools } from '../support/tools.ts';
import { comparable } from './loader-differences.ts';
import { qemuDialogue, type Turn } from './virt.ts';

const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic';
const U_BOOT = '/usr/lib/u-boot';
const FW_JUMP = `${OPENSBI}/fw_jump.elf`;
const FW_DYNAMIC = `${OPENSBI}/fw_dynamic.elf`;
const IN_M = `${U_BOOT}/qemu-riscv64/u-boot.bin`;
const IN_S = `${U_BOOT}/qemu-riscv64_smode/u-boot.bin`;
const absent = [FW_JUMP, FW_DYNAMIC, IN_M, IN_S].filter((path) => !existsSync(path));
if (absent.length > 0) console.warn(`loaders: not compared, for want of ${absent.join(', ')}`);
// mke2fs tells its version by -V alone.
const MKE2FS = ['/usr/sbin/mke2fs', '/sbin/mke2fs'].find((path) => existsSync(path));
if (MKE2FS === undefined) console.warn('loaders: not compared, for want of mke2fs');
const skipped = missingTools('loaders', ['qemu-system-riscv64']).length + absent.length > 0 || MKE2FS === undefined;

const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const disk = join(folder, 'disk.img');
const NUMBERS = 20_000;

const COMMANDS = [
  'version',
  'bdinfo',
  'virtio scan',
  'virtio info',
  'ls virtio 0',
  'ls virtio 0 sub',
  'load virtio 0 0x84000000 hello.txt',
  'md.b 0x84000000 18',
  'load virtio 0 0x84000000 sub/numbers.txt',
  'crc32 0x84000000 $filesize',
  'cpu list',
  'poweroff',
];
/** U-Boot drops a key or two while it lists memory: these go first. */
const lineOf = (command: string) => `    ${command}\n`;
/** The first may fall victim to the driver that resets the UART. */
const TYPED = `\n\n${COMMANDS.map(lineOf).join('')}`;
const TURNS: readonly Turn[] = [
  { after: 'Hit any key', type: '\n' },
  ...COMMANDS.map((command) => ({ after: '=> ', type: lineOf(command) })),
];

const LOADERS = {
  'U-Boot in M': { ours: [IN_M], qemu: ['-bios', IN_M] },
  'fw_jump, U-Boot in S': { ours: ['--firmware', FW_JUMP, IN_S], qemu: ['-bios', FW_JUMP, '-kernel', IN_S] },
  'fw_dynamic, U-Boot in S': { ours: ['--firmware', FW_DYNAMIC, IN_S], qemu: ['-bios', FW_DYNAMIC, '-kernel', IN_S] },
} as const;
type Loader = keyof typeof LOADERS;

const options = () => ['--disk', `${disk},readonly`, '--input', join(folder, 'typed.txt')];
const QEMU_DEVICES = [
  '-m',
  '128M',
  '-global',
  'virtio-mmio.force-legacy=false',
  '-drive',
  `if=none,id=disk,file=${disk},format=raw,readonly=on`,
  '-device',
  'virtio-blk-device,drive=disk,bus=virtio-mmio-bus.0',
  '-device',
  'virtio-rng-device,bus=virtio-mmio-bus.7',
];

/** What the guest can tell of a run. */
function runOf(args: readonly string[]) {
  const { stdout, stderr } = trapeze(['run', ...args, '--json', ...options()]);
  expect(stderr).toBe('');
  const { console, steps, harts, switches, outcome } = JSON.parse(stdout).machines[0];
  return { console, steps, harts, switches, outcome };
}

describe.skipIf(skipped)('loaders for the virt board', () => {
  beforeAll(() => {
    const contents = join(folder, 'contents');
    mkdirSync(join(contents, 'sub'), { recursive: true });
    file(contents, 'hello.txt', 'hello from a file\n');
    file(contents, 'sub/numbers.txt', Array.from({ length: NUMBERS }, (_, at) => `${at}\n`).join(''));
    execFileSync(MKE2FS as string, ['-q', '-t', 'ext4', '-d', contents, disk, '8M'], { stdio: 'pipe' });
    file(folder, 'typed.txt', TYPED);
  });

  test.each<[Loader, string]>([
    ['U-Boot in M', '1'],
    ['U-Boot in M', '4'],
    ['fw_jump, U-Boot in S', '4'],
    ['fw_dynamic, U-Boot in S', '1'],
  ])("%s prints QEMU's text, on %s hart(s), bare and in a VM", async (loader, harts) => {
    const { ours, qemu } = LOADERS[loader];
    const theirs = comparable(await qemuDialogue([...qemu, ...QEMU_DEVICES, '-smp', harts], TURNS));
    expect(theirs).toContain('hello from a fil');
    for (const kind of [['--bare'], []]) {
      const run = runOf([...ours, '--smp', harts, ...kind]);
      expect(run.outcome).toEqual({ kind: 'exit', code: 0 });
      expect(run.console).not.toMatch(/warn|error|fail/i);
      expect(comparable(run.console)).toBe(theirs);
    }
  });

  test('the same run twice is the same to the last step', () => {
    const args = [...LOADERS['fw_jump, U-Boot in S'].ours, '--smp', '4'];
    expect(runOf(args)).toEqual(runOf(args));
  });

  // OpenSBI takes the first ten million.
  test('OpenSBI and U-Boot are the same at every step on the reference, bare and virtual', () => {
    const { ours } = LOADERS['fw_jump, U-Boot in S'];
    const { stdout } = trapeze(['verify', ...ours, ...options(), '--limit', '12e6']);
    expect(stdout).toMatch(/no divergence .* up to the limit/);
  });
});
