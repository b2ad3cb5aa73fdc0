// `--config FILE`: what a file of machines means, how it goes together with the command line, and what is said of each
// kind of mistake in it. The reader of JSON is held against JavaScript's own.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/cli/config.ts';
import { Failure } from '../../src/cli/failure.ts';
import { type JsonValue, parseJson } from '../../src/cli/json-places.ts';
import { file, scratchFolder, trapeze } from '../support/cli.ts';

const RUNS = 300 * Number(process.env['TRAPEZE_RUNS'] ?? 1);
const folder = scratchFolder();
let files = 0;
const config = (text: string) => file(folder, `config-${files++}.json`, text);
const MEBIBYTE = 1024 * 1024;

/** Shows what is typed until Ctrl-D. */
file(
  folder,
  'guest.s',
  `.globl _start
_start: bnez a0, 3f
        li s0, 0x10000000
1:      lbu t0, 5(s0)
        andi t0, t0, 1
        beqz t0, 1b
        lbu t1, 0(s0)
        li t2, 4
        beq t1, t2, 2f
        sb t1, 0(s0)
        j 1b
2:      li t0, 0x100000
        li t1, 0x5555
        sw t1, 0(t0)
3:      wfi
        j 3b
`,
);

describe('what a file says', () => {
  test('each machine has its options, and files are beside the configuration', () => {
    const path = config(`{ "machines": [
      { "image": "hello", "memory": "32M", "smp": 2, "seed": "0x10", "console": "virtio", "append": "a b" },
      { "image": "./hello", "name": "b", "memory": 1048576, "mode": "s", "disk": ["x.img,snapshot", "/y.img"], "input": "in" }
    ] }`);
    expect(readConfig(path)).toEqual([
      { image: 'hello', memory: 32 * MEBIBYTE, smp: 2, seed: 16n, console: 'virtio', append: 'a b' },
      {
        image: join(folder, 'hello'),
        name: 'b',
        memory: MEBIBYTE,
        mode: 's',
        typed: join(folder, 'in'),
        disks: [
          { file: join(folder, 'x.img'), way: 'snapshot' },
          { file: '/y.img', way: 'write' },
        ],
      },
    ]);
  });
  test('a list of machines alone will do', () => {
    expect(readConfig(config('[{ "image": "hello" }]'))).toEqual([{ image: 'hello' }]);
  });
});

test('machines of a file run together; the command line says what they do not', () => {
  file(folder, 'typed.txt', 'beside');
  const path = config(`{ "machines": [ { "image": "guest.s", "smp": 2, "input": "typed.txt" },
                                       { "name": "other", "image": "guest.s" } ] }`);
  const typed = file(folder, 'elsewhere.txt', 'elsewhere');
  const { code, stdout, stderr } = trapeze([
    'run',
    '--config',
    path,
    '--smp',
    '3',
    '--input',
    `other=${typed}`,
    '--json',
  ]);
  expect([code, stderr]).toEqual([0, '']);
  const { machines } = JSON.parse(stdout);
  const told = machines.map(({ name, console, harts }: { name: string; console: string; harts: unknown[] }) => {
    return [name, console, harts.length];
  });
  expect(told).toEqual([
    ['guest', 'beside', 2],
    ['other', 'elsewhere', 3],
  ]);
});
test('verify takes a file of one machine, and of no more', () => {
  file(folder, 'typed.txt', 'beside');
  const one = config('[{ "image": "guest.s", "input": "typed.txt" }]');
  expect(trapeze(['verify', '--config', one]).stdout).toMatch(/guest: no divergence .* to the end/);
  const two = config('[{ "image": "guest.s" }, { "image": "guest.s" }]');
  expect(trapeze(['verify', '--config', two])).toMatchObject({ code: 2, stdout: '' });
  expect(trapeze(['run', '--bare', '--config', two])).toMatchObject({ code: 2, stdout: '' });
  expect(trapeze(['run', 'hello', '--config', one])).toMatchObject({ code: 2, stdout: '' });
});

describe('what is wrong is said with its place', () => {
  const said = (text: string): string => {
    try {
      readConfig(config(text));
    } catch (error) {
      if (error instanceof Failure && error.exitCode === 65) return error.message;
      throw error;
    }
    return '';
  };

  test.each([
    ['no JSON', 'machines: hello', /:1:1: error: a value is wanted\n {2}machines: hello\n {2}\^{8}\n {2}hint: /],
    ['a missing comma', '[{ "image": "hello"\n  "smp": 2 }]', /:2:3: error: a comma or \} is wanted/],
    ['an end too early', '[{ "image": "hello"', /:1:20: error: the file ends where a comma or \} is wanted/],
    ['an empty file', '', /:1:1: error: the file ends where a value is wanted/],
    ['something behind the end', '[{ "image": "hello" }]]', /:1:23: error: something follows the end/],
    ['a comma too many', '[{ "image": "hello" },]', /:1:23: error: a value is wanted/],
    ['a string without its end', '[{ "image": "hello }]', /:1:13: error: a value is wanted/],
    ['brackets without end', '['.repeat(100_000), /:1:52: error: brackets are too deep/],
    ['no machine', '[]', /:1:1: error: a list of machines is wanted/],
    ['another thing', '"hello"', /:1:1: error: a list of machines is wanted/],
    ['an unknown key beside machines', '{ "machine": [] }', /:1:3: error: "machine" means nothing here/],
    [
      'an unknown option',
      '[{ "image": "hello",\n "ram": 5 }]',
      /:2:2: error: a machine has no ram\n[\s\S]*hint: it has image,/,
    ],
    [
      "a name of JavaScript's",
      '[{ "image": "hello", "constructor": "x" }]',
      /:1:22: error: a machine has no constructor/,
    ],
    ['an option twice', '[{ "image": "hello", "smp": 1, "smp": 2 }]', /:1:32: error: smp is given twice/],
    ['no image', '[{ "smp": 2 }]', /:1:2: error: the machine has no image/],
    ['a size that is none', '[{ "image": "hello", "memory": "lots" }]', /:1:32: error: memory: a size is a number/],
    ['too many harts', '[{ "image": "hello", "smp": 65 }]', /:1:29: error: smp: a machine has 1 to 64 harts/],
    ['a value of another kind', '[{ "image": "hello", "append": ["x"] }]', /:1:32: error: append is text/],
    ['a mode that is none', '[{ "image": "hello", "mode": "u" }]', /:1:30: error: mode: it is one of m, s/],
    [
      'one name twice',
      '[{"image":"hello","name":"a"},{"image":"hello","name":"a"}]',
      /:1:55: error: name: another machine/,
    ],
  ])('%s', (_name, text, says) => {
    expect(said(text)).toMatch(says);
  });
  test('all of it at once, and by the command too', () => {
    const path = config('[{ "image": "hello", "smp": 0 },\n { "mode": "x" }]');
    const { code, stdout, stderr } = trapeze(['run', '--config', path]);
    expect([code, stdout]).toEqual([65, '']);
    expect(stderr.match(/:\d+:\d+: error/g)).toEqual([':1:29: error', ':2:12: error', ':2:2: error']);
    expect(trapeze(['run', '--config', join(folder, 'nowhere.json')])).toMatchObject({ code: 65 });
    mkdirSync(join(folder, 'sub'), { recursive: true });
    expect(trapeze(['run', '--config', join(folder, 'sub')])).toMatchObject({ code: 65 });
  });
});

function plain(json: JsonValue): unknown {
  if (json.kind === 'scalar') return json.value;
  if (json.kind === 'array') return json.items.map(plain);
  return Object.fromEntries(json.members.map(({ key, value }) => [key.value, plain(value)]));
}

test('JSON is read as JavaScript reads it, however it is spaced', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const json = parseJson(text);
      expect(json.kind === 'mistake' ? json : plain(json)).toEqual(JSON.parse(text));
    }),
    { numRuns: RUNS },
  );
});
test('what is no JSON to JavaScript is none here', () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '1', '-', '.', 'e', 't', '\\', ' ', '\n', '0'),
    }),
    fc.tuple(fc.json({ maxDepth: 2 }), fc.nat(), fc.string({ maxLength: 2 })).map(([json, at, piece]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + piece + json.slice(cut + 1);
    }),
  );
  const isJson = (candidate: string) => {
    try {
      JSON.parse(candidate);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(text, (candidate) => {
      expect(parseJson(candidate).kind !== 'mistake').toBe(isJson(candidate));
    }),
    { numRuns: 5 * RUNS },
  );
});
