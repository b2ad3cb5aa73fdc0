// The debugger's socket, by clients that know little: a grader that sends breakpoints and `c` and waits for T05, one that
// interrupts, one that goes away, and a second one that waits for that.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { file, scratchFolder, trapeze } from '../support/cli.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const LOADER = import.meta.resolve('tsx');
const folder = scratchFolder();
const loop = file(folder, 'loop.s', '.globl _start\n_start: addi a0, a0, 1\n nop\n j _start\n');
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill();
});

async function serve(...args: string[]) {
  const child = spawn(process.execPath, ['--import', LOADER, MAIN, 'run', '--gdb', '0', ...args]);
  children.push(child);
  child.stdin.end();
  const [told] = (await once(child.stderr, 'data')) as [Buffer];
  expect(String(told)).toMatch(/^trapeze: GDB attaches by: target remote 127\.0\.0\.1:\d+\n$/);
  const port = Number(/(\d+)\n$/.exec(String(told))?.[1]);
  const ended = once(child, 'close') as Promise<[number]>;
  return { port, ended };
}

const packet = (data: string) => {
  const sum = [...data].reduce((total, character) => total + character.charCodeAt(0), 0) & 0xff;
  return `$${data}#${sum.toString(16).padStart(2, '0')}`;
};
/** A socket whose data is kept until it is asked for. */
async function dial(port: number) {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let arrived = () => {};
  socket.on('data', (data) => {
    text += String(data);
    arrived();
  });
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  /** Resolves when something has come that matches, and forgets all before its end. */
  const until = async (pattern: RegExp) => {
    for (;;) {
      const match = pattern.exec(text);
      if (match !== null) {
        text = text.slice(match.index + match[0].length);
        return;
      }
      await new Promise<void>((resolve) => {
        arrived = resolve;
      });
    }
  };
  return { socket, until };
}

test('a grader breaks, goes on, interrupts and goes away; the next one, which has waited, goes on', async () => {
  const { port, ended } = await serve('-S', loop);
  const grader = await dial(port);
  grader.socket.write(packet('Z1,80000002,1') + packet('c'));
  await grader.until(/\$T05thread:1;#/);
  const next = await dial(port);
  next.socket.write(packet('?'));
  grader.socket.write(packet('z1,80000002,1') + packet('c'));
  await grader.until(/OK/);
  grader.socket.write(Uint8Array.of(3));
  await grader.until(/\$T02thread:1;#/);
  grader.socket.destroy();
  await next.until(/\$T\d\d/);
  next.socket.write(packet('k'));
  expect((await ended)[0]).toBe(130);
});

test('nobody on another address of the machine is heard, unless it is named', async () => {
  const { port, ended } = await serve('-S', loop);
  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  for (const { address, internal, family } of others.filter(({ family }) => family === 'IPv4')) {
    const socket = connect(port, address);
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connect']),
      new Promise<[string]>((resolve) => socket.once('error', () => resolve(['error']))),
    ]);
    expect(event, `${address}, ${family}`).toBe(internal ? 'connect' : 'error');
    socket.destroy();
  }
  const last = await dial(port);
  last.socket.write(packet('k'));
  expect((await ended)[0]).toBe(130);
});

test('without -S the guest runs at once, and its end is the end', async () => {
  const { ended } = await serve('hello');
  expect((await ended)[0]).toBe(0);
});

test('-S without --gdb, and what is no port, is bad usage', () => {
  expect(trapeze(['run', '-S', 'hello'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--gdb') });
  expect(trapeze(['run', '--gdb', 'here', 'hello'])).toMatchObject({ code: 2 });
  expect(trapeze(['run', '--gdb', '70000', 'hello'])).toMatchObject({ code: 2 });
});

test('a shadow that may be stale is refused, since no checkpoint holds what it remembers; a coherent one is not', async () => {
  for (const shadow of ['sync', 'drop']) {
    const refused = trapeze(['run', '--gdb', '0', '--shadow', shadow, 'hello']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--shadow trace') });
  }
  const { ended } = await serve('--shadow', 'trace', 'hello');
  expect((await ended)[0]).toBe(0);
});
