// The real GDB, which drives whole sessions through the command line's socket, by scripts: into traps and out of them,
// backwards across interrupts, several virtual machines, and the ways in which a session ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file, scratchFolder, trapeze } from '../support/cli.ts';
import { goldenFolder } from '../support/golden.ts';
import { missingTools } from '../support/tools.ts';
import { VIRTIO_MACROS } from '../support/virtio-guest.ts';
import { CHAPTERS, PREFACE } from './gdb/transcript.ts';

const GDB = 'gdb-multiarch';
const missing = missingTools('debugging', [GDB]);
const folder = scratchFolder();
const elf = `${folder}/guest.elf`;
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = import.meta.resolve('tsx');
const LONGEST = 30_000;
const golden = goldenFolder(new URL('../../docs/', import.meta.url));

const running = new Set<ChildProcess>();
beforeAll(() => {
  const source = fileURLToPath(new URL('gdb/guest.s', import.meta.url));
  expect(trapeze(['asm', source, '-o', elf])).toMatchObject({ code: 0 });
});
afterAll(() => {
  for (const child of running) child.kill();
  rmSync(folder, { recursive: true });
});

/** Runs a program to its end. */
async function finished(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (text += data));
  const timer = setTimeout(() => child.kill(), LONGEST);
  await once(child, 'close');
  clearTimeout(timer);
  running.delete(child);
  return { code: child.exitCode, text };
}

/** Starts a machine that waits, and lets GDB run a script on it. */
async function session(args: readonly string[], script: string, way = 'target remote', symbols = elf) {
  const child = spawn(process.execPath, ['--import', LOADER, MAIN, 'run', '--gdb', '0', '-S', ...args]);
  child.stdin.end();
  const machine = finished(child);
  const port = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      const found = /127\.0\.0\.1:(\d+)/.exec(String(data))?.[1];
      if (found !== undefined) resolve(found);
    });
    child.on('close', () => reject(new Error('the machine did not start')));
  });
  const start = `set pagination off\nset confirm off\nset remotetimeout 10\nset width 0\nfile ${symbols}\n${way} 127.0.0.1:${port}\n`;
  const commands = file(folder, `${port}.gdb`, start + script.replaceAll('PORT', `127.0.0.1:${port}`));
  const debugger_ = await finished(spawn('sh', ['-c', `exec ${GDB} -nx -q -batch -x ${commands} 2>&1`]));
  return { told: debugger_.text, machine: () => machine };
}

describe.skipIf(missing.length > 0)('GDB', () => {
  test.each([
    ['bare', ['--bare']],
    ['virtual', []],
  ])('%s: into a system call and back out, into a fault, and to the end', async (_kind, how) => {
    const { told, machine } = await session(
      [...how, elf],
      `set $user = 1 << 30
break *((char *)&call + $user)
continue
stepi
printf "in the handler: %d, from %d\\n", $pc == &supervisor_handler, $sepc == (long)&call + $user
p $priv
p/x $scause
break return
continue
stepi
printf "out again: %d, with %d\\n", (long)$pc == (long)&back + $user, $a0
p $priv
reverse-stepi
printf "back in: %d\\n", $pc == &return
stepi
delete
monitor break trap 13
continue
printf "fault: %d at %#lx\\n", $sepc == (long)&fault + $user, $stval
x/2i &user
p/x *(unsigned long *)&root
monitor info harts
monitor delete
continue
`,
    );
    expect(told).toContain('in the handler: 1, from 1');
    expect(told).toContain('out again: 1, with 6');
    expect(told).toContain('back in: 1');
    expect(told).toContain('trap: load page fault');
    expect(told).toContain('fault: 1 at 0x40000000');
    expect(told).toContain('hart 0: S at');
    expect(told).toContain('exited normally');
    expect((await machine()).code).toBe(0);
  });

  test('backwards to a watchpoint and a breakpoint, across timer interrupts', async () => {
    const { told } = await session(
      [elf],
      `watch *(long *)&counter
continue
p *(long *)&counter
tbreak return
continue
reverse-continue
printf "before the store: %d, %ld\\n", $pc == &write, *(long *)&counter
delete
monitor break trap interrupt 7
reverse-continue
printf "at the interrupt: %d\\n", $pc == &machine_handler
p/x $mcause
reverse-stepi
printf "before it: %d\\n", $pc != &machine_handler
stepi
printf "and again: %d\\n", $pc == &machine_handler
monitor delete
reverse-continue
monitor info time
kill
`,
    );
    expect(told).toMatch(/Old value = 0\nNew value = 41/);
    expect(told).toMatch(/Old value = 41\nNew value = 0/);
    expect(told).toContain('before the store: 1, 0');
    expect(told).toContain('at the interrupt: 1');
    expect(told).toContain('= 0x8000000000000007');
    expect(told).toContain('before it: 1');
    expect(told).toContain('and again: 1');
    expect(told).toContain('No more reverse-execution history');
    expect(told).toContain('step 0,');
  });

  test('what the monitor does: a hidden fault, an exit by its reason, its shadow page tables, and its account', async () => {
    const { told, machine } = await session(
      [elf],
      `stepi
p $exit_reason
monitor break exit xret
continue
p $exit_reason
monitor delete
tbreak *((char *)&call + (1 << 30))
continue
monitor info shadow c0000000
p $shadow_root != 0
monitor info exits
monitor info ledger
monitor info devices
maintenance packet Qqemu.PhyMemMode:1
x/1wx 0x80000000
detach
`,
    );
    expect(told).toContain('= shadow_fill');
    expect(told).toContain('exit to the monitor: xret');
    expect(told).toContain('= xret');
    expect(told).toMatch(/shadow: real 0x[0-9a-f]+ rwx/);
    expect(told).toMatch(/native steps \d+/);
    expect(told).toContain('clint');
    expect((await machine()).code).toBe(0);
  });

  test('watchpoints of each kind stop at an access, where a breakpoint is too, and every monitor command answers', async () => {
    const { told, machine } = await session(
      [elf],
      `info mem
info registers virtual
p $fcsr
p $fa0
p/x $misa
rwatch *(long *)&counter
awatch *(long *)&counter
watch *(long *)&counter
hbreak *&write
continue
continue
printf "behind the store: %d\\n", $pc == &written
tbreak return
continue
reverse-continue
printf "at the breakpoint: %d\\n", $pc == &write
delete
monitor help
monitor info harts
monitor info time
monitor info exits
monitor info ledger
monitor info devices
monitor info shadow 80000000
monitor physical on
set var *(int *)0x80000800 = 7
x/1wx 0x80000800
monitor physical off
monitor break exit csr
monitor break trap interrupt 7
monitor info breaks
monitor delete
monitor info breaks
monitor at 1 info time
monitor at 2 info time
monitor nonsense
reverse-stepi
reverse-step
reverse-next
stepi 3
monitor reset
maintenance flush register-cache
printf "at the start: %d\\n", $pc == &_start
detach
`,
    );
    expect(told).toMatch(/0x0+ 0xf+ rw nocache/);
    expect(told).toMatch(/exit_reason +0x[0-9a-f]+\s+none/);
    expect(told).toContain('{float = 0, double = 0}');
    expect(told).toMatch(
      /access \(read\/write\) watchpoint 2.*\n\nOld value = 0\nNew value = 41\n\nHardware watchpoint 3/,
    );
    expect(told).toContain('behind the store: 1');
    expect(told).toMatch(/watchpoint 3.*Old value = 41\nNew value = 0.*at the breakpoint: 1/s);
    for (const said of [
      'how the shadow page tables map an address',
      'hart 0: M at 0x80000062, running',
      'step 2057, clock 2057 ns',
      'native steps',
      '0x10000000..0x10000007 uart',
      'guest: guest-physical 0x80000000',
      'addresses are guest-physical',
      '0x80000800:\t0x00000007',
      'addresses are as the hart sees them',
      'exit csr\ntrap machine timer interrupt\n',
      'no exit or trap stops this guest\nnone\n',
      'with a process from 1 to 1',
      "unknown command 'nonsense'",
      'all guests are at their first instruction',
      'at the start: 1',
    ])
      expect(told).toContain(said);
    expect((await machine()).code).toBe(0);
  });

  test('two virtual machines are two inferiors, and each goes its way', async () => {
    const { told } = await session(
      [elf, elf],
      `set $user = 1 << 30
add-inferior
inferior 2
file ${elf}
attach 2
stepi
inferior 1
break *((char *)&call + $user)
continue
info threads
printf "one called: %d\\n", (long)$pc == (long)&call + $user
monitor at 2 info time
kill inferiors 1 2
`,
      'target extended-remote',
    );
    expect(told).toContain('Thread 1.1 "guest"');
    expect(told).toContain('Thread 2.1 "guest-2"');
    expect(told).toContain('one called: 1');
    expect(told).toContain('step 1,');
  });

  test('one who disconnects and comes back finds it further on; reset, it is at its first instruction; killed, it is over', async () => {
    const loop = `${folder}/loop.elf`;
    const source = file(folder, 'loop.s', '.globl _start\n_start: addi a0, a0, 1\n nop\n j _start\n');
    expect(trapeze(['asm', source, '-o', loop])).toMatchObject({ code: 0 });
    const { told, machine } = await session(
      [loop],
      `hbreak *($pc + 4)
continue
p $a0
disconnect
shell sleep 0.5
target remote PORT
printf "further: %d\\n", $a0 > 1
info breakpoints
delete
monitor reset
maintenance flush register-cache
printf "at the start: %d, with %d\\n", $pc == &_start, $a0
stepi
p $a0
kill
`,
      'target remote',
      loop,
    );
    expect(told).toContain('$1 = 1');
    expect(told).toContain('further: 1');
    expect(told).toContain('at the start: 1, with 0');
    expect(told).toContain('$2 = 1');
    expect((await machine()).code).toBe(130);
  });

  test('what a disk writes stops at a watchpoint, forward and back', async () => {
    const reads = `${folder}/disk.elf`;
    const prelude = readFileSync(new URL('../support/prelude.s', import.meta.url), 'utf8');
    const source = file(
      folder,
      'disk.s',
      `${prelude}\n.balign 4\n${VIRTIO_MACROS}
test:   li      s0, DISK
        drive
        disk_request 0, 0, DATA + 512, WRITE
        settle  0
read:   pass
`,
    );
    expect(trapeze(['asm', source, '-D', 'START_IN_M=1', '-o', reads])).toMatchObject({ code: 0 });
    const disk = file(folder, 'disk.img', new Uint8Array(512).fill(0x5a));
    const { told } = await session(
      ['--disk', `${disk},readonly`, reads],
      `watch *(int *)0x80060200
continue
tbreak read
continue
reverse-continue
p/x *(int *)0x80060200
kill
`,
      'target remote',
      reads,
    );
    expect(told).toMatch(/Old value = 0\nNew value = 1515870810/);
    expect(told).toMatch(/Old value = 1515870810\nNew value = 0/);
    expect(told).toContain('$1 = 0x0');
  });

  test('threads are harts, and each of them has registers', async () => {
    const { told } = await session(
      ['--bare', '--smp', '3', elf],
      `info threads
thread 3
p $mhartid
p $fa0
kill
`,
    );
    expect(told.match(/Thread 1\.\d "guest, hart \d"/g)).toHaveLength(3);
    expect(told).toContain('$1 = 2');
  });

  test('the transcript of docs/gdb-transcript.md is what is said', async () => {
    const chapters: string[] = [];
    for (const { title, text, guests, script, way } of CHAPTERS) {
      const { told } = await session(
        guests.map(() => elf),
        `${script.setup ?? ''}set trace-commands on\n${script.shown}`,
        way,
      );
      const shown = told
        .slice(told.indexOf('+'))
        .replaceAll(/^(\+reverse-\S+\n)\+\S+ \n/gm, '$1') // which GDB makes of two commands
        .replaceAll(/^\+/gm, '(gdb) ')
        .replaceAll(/127\.0\.0\.1:\d+/g, ':1234')
        .replaceAll(elf, 'guest.elf')
        .trimEnd();
      chapters.push(`## ${title}\n\n${text}\n\n\`\`\`\n${shown}\n\`\`\`\n`);
    }
    golden('gdb-transcript.md', [PREFACE, ...chapters].join('\n'));
  }, 120_000);
});
