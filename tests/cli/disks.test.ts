// Disks of the command line are files: what a guest was told is safe is in the file when this process is killed, and
// what the host cannot do is said to the user, once, and to the guest as a failed request.

import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseDisk, planDisks } from '../../src/cli/disks.ts';
import { Failure } from '../../src/cli/failure.ts';
import { command, file, scratchFolder, trapeze } from '../support/cli.ts';
import { VIRTIO_MACROS } from '../support/virtio-guest.ts';

const SECTOR = 512;
const folder = scratchFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * A guest that is told what to do: `w3a` fills sector 3 with `a`, `r3` shows the first and the last byte of it, `f`
 * flushes. Each answers with the status as a digit. Ctrl-D ends it.
 */
const GUEST = file(
  folder,
  'disk.s',
  `
        .equ    RAM, 0x80000000
        .equ    UART, 0x10000000
        .option norvc
${VIRTIO_MACROS}
        .globl  _start
_start: li      s0, DISK
        drive   1, 1 << 9
next:   jal     get
        li      t0, 4
        beq     a0, t0, done
        li      t0, 'f'
        beq     a0, t0, flush
        mv      s1, a0
        jal     get
        addi    s2, a0, -'0'
        li      t0, 'w'
        beq     s1, t0, write
        describe_request 0, 0, DATA + 512, WRITE
        jal     ask
        li      t1, DATA + 512
        lbu     a0, 0(t1)
        jal     show
        li      t1, DATA + 512
        lbu     a0, 511(t1)
        jal     show
        j       next
write:  jal     get
        li      t1, DATA + 512
        addi    t2, t1, 512
1:      sb      a0, 0(t1)
        addi    t1, t1, 1
        bne     t1, t2, 1b
        describe_request 1, 0, DATA + 512, 0
        jal     ask
        j       next
flush:  describe_request 4, 0, DATA + 512, 0
        li      s2, 0
        jal     ask
        j       next
done:   li      t0, 0x100000
        li      t1, 0x5555
        sw      t1, 0(t0)
        j       .

        # Sets the sector of the request that was described, tells of it, and shows its status.
ask:    mv      s3, ra
        li      t1, DATA
        sd      s2, 8(t1)
        submit  0, 0
        settle  0
        li      t1, DATA
        lbu     a0, 16(t1)
        addi    a0, a0, '0'
        mv      ra, s3
show:   li      t0, UART
        sb      a0, 0(t0)
        ret
get:    li      t0, UART
1:      lbu     a0, 5(t0)
        andi    a0, a0, 1
        beqz    a0, 1b
        lbu     a0, 0(t0)
        ret
`,
);

let count = 0;
function disk(contents: string | Uint8Array): string {
  return file(folder, `disk${count++}.img`, contents);
}
const sectors = (letters: string) => [...letters].map((letter) => letter.repeat(SECTOR)).join('');
const run = (path: string, typed: string, ...more: string[]) =>
  trapeze(['run', '--bare', GUEST, '--disk', path, ...more], typed);

test('a guest reads and writes the file in place, and no more of it than it asks', () => {
  const path = disk(sectors('abcd'));
  expect(run(path, 'r0w2xr2f')).toMatchObject({ code: 0, stdout: '0aa00xx0', stderr: '' });
  expect(readFileSync(path, 'latin1')).toBe(sectors('abxd'));
});

test('what was flushed when the process is killed is in the file', async () => {
  const path = disk(sectors('abcd'));
  const [node, args] = command(['run', GUEST, '--disk', path]);
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      if (shown.length >= 3) resolve();
    });
    child.stdin.write('w1yw3zf'); // and no end: it waits for more
  });
  child.kill('SIGKILL');
  await new Promise((resolve) => child.on('exit', resolve));
  expect([shown, child.signalCode]).toEqual(['000', 'SIGKILL']);
  expect(readFileSync(path, 'latin1')).toBe(sectors('aycz'));
});

test('a disk that is read only refuses, a snapshot forgets, verify too: the file stays', () => {
  const path = disk(sectors('ab'));
  chmodSync(path, 0o444);
  expect(run(`${path},readonly`, 'w0xr0')).toMatchObject({ code: 0, stdout: '10aa' });
  expect(run(`${path},snapshot`, 'w0xr0r1')).toMatchObject({ code: 0, stdout: '00xx0bb' });
  expect(
    trapeze(['verify', GUEST, '--disk', path, '--input', file(folder, 'typed', 'w0xr0'), '--engine', 'baseline']),
  ).toMatchObject({ code: 0 });
  expect(readFileSync(path, 'latin1')).toBe(sectors('ab'));
});

test('the last sector of a file is filled up with zeros, and is whole once it is written', () => {
  const path = disk(`${sectors('a')}bbb`);
  expect(run(path, 'r1')).toMatchObject({ code: 0, stdout: '0b\0' });
  expect(readFileSync(path).length).toBe(SECTOR + 3);
  expect(run(path, 'w1cr1r2')).toMatchObject({ code: 0, stdout: '00cc1cc' });
  expect(readFileSync(path, 'latin1')).toBe(sectors('ac'));
});

test('a file that shrinks while it is in use is a failing disk, and the user hears why, once', async () => {
  const path = disk(sectors('abcd'));
  const [node, args] = command(['run', GUEST, '--disk', path]);
  const child = spawn(node, args, { stdio: 'pipe' });
  let shown = '';
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.stdin.write('r3');
  child.stdout.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (shown.length !== 3) return;
    truncateSync(path, SECTOR);
    child.stdin.end('r3r2r0');
  });
  await ended;
  expect([shown.slice(0, 3), shown[3], shown.slice(-3)]).toEqual(['0dd', '1', '0aa']);
  expect(said).toBe(
    `trapeze: ${path}: has shrunk from 2048 bytes to no more than 1536 while it was in use; the guest sees a failing disk\n`,
  );
});

test.skipIf(process.platform === 'win32')(
  'where the host has no room the request fails, and the user hears of it',
  () => {
    const path = disk(sectors('abcdefghijklmnop'));
    const [node, args] = command(['run', '--bare', GUEST, '--disk', path]);
    // The limit stands for a full file system: writes behind 2 or 4 KiB fail.
    const limited = ['-c', 'ulimit -f 4; exec "$0" "$@"', node, ...args];
    const { status, stdout, stderr } = spawnSync('sh', limited, { input: 'w0xw9yw9zf', encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, '0110']);
    expect(stderr).toBe(`trapeze: ${path}: it may not be written that far; the guest sees a failing disk\n`);
    expect(readFileSync(path, 'latin1')).toBe(sectors('xbcdefghijklmnop'));
  },
);

/** Why these disks of machines of these names are refused, as exit code and text; undefined where they are not. */
function refusal(names: readonly string[], ...disks: readonly string[]): [number, string] | undefined {
  try {
    const options = disks.reduce<ReturnType<typeof parseDisk>>((before, text) => parseDisk(text, before), []);
    planDisks(names, options, 'kept');
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [error.exitCode, error.message];
  }
}

const REFUSED: readonly (readonly [what: string, path: () => string, says: RegExp])[] = [
  ['is not there', () => join(folder, 'none.img'), /no such file\n {2}hint: `truncate/],
  ['is a folder', () => folder, /directory/],
  ['is empty', () => disk(''), /is empty\n {2}hint: /],
  ['is a device', () => '/dev/null', /is no regular file/],
];
test.each(REFUSED)('a disk that %s is refused before anything runs', (_what, pathOf, says) => {
  const path = pathOf();
  const [code, text] = refusal(['a'], path) ?? [];
  expect([code, text?.startsWith(`trapeze: ${path}: `)]).toEqual([65, true]);
  expect(text).toMatch(says);
});

test('a file that this user may not write is refused, with what to do', (context) => {
  if (process.getuid?.() === 0) context.skip('root may write all files');
  const path = disk(sectors('a'));
  chmodSync(path, 0o444);
  expect(refusal(['a'], path)).toEqual([65, expect.stringContaining(',readonly')]);
});

test('a file that one machine writes is no other disk, whatever it is called', () => {
  const path = disk(sectors('a'));
  const other = join(folder, 'link.img');
  linkSync(path, other);
  mkdirSync(join(folder, 'in'));
  const around = `${folder}/in/../link.img`;
  expect(refusal(['a'], path, around)).toEqual([2, expect.stringContaining('given twice')]);
  expect(refusal(['a', 'b'], `a=${path}`, `b=${around},readonly`)).toEqual([2, expect.stringContaining('given twice')]);
  expect(refusal(['a', 'b'], path)).toEqual([2, expect.stringContaining('cannot write to one disk')]);
  expect(refusal(['a'], `nobody=${path}`)).toEqual([2, expect.stringContaining('no machine is called nobody')]);
  expect(refusal(['a'], ...Array(7).fill(`${path},readonly`))).toEqual([2, expect.stringContaining('at most 6')]);
  expect(refusal(['a', 'b'], `${path},readonly`, `${other},snapshot`)).toBe(undefined);
});
