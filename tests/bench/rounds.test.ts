// How processes are run and judged: in turn, and out of the row at the first wrong result. The contenders are Node's own
// process with a line of code each.

import { expect, test } from 'vitest';
import { type NamedContender, namedPeer } from '../../bench/peers/contenders.ts';
import { runRounds } from '../../bench/peers/rounds.ts';
import { timesOf } from '../../src/bench/peers.ts';

const contender = (name: string, code: string): NamedContender => {
  const words = [process.execPath, '-e', code];
  return { name, command: words.join(' '), version: '', process: { name, words, typesOnStandardInput: true } };
};

test('a time is kept of each run that ends well, and a reason of one that does not', () => {
  const said: string[] = [];
  const results = runRounds(
    'two',
    { small: { elf: 'small.elf' }, large: { elf: 'large.elf' } },
    {
      contenders: [
        contender('good', 'console.log("hello")'),
        contender('wrong', 'console.error("no luck"); process.exit(3)'),
        contender('other', 'console.log("bye")'),
      ],
      rounds: 2,
      prefix: [],
      timeout: 20,
      progress: (text) => said.push(text),
    },
  );
  const row = { name: 'two', group: 'ELF', title: '', results } as const;
  const times = timesOf(row, 'good');
  expect([times?.small?.length, times?.large.length]).toEqual([2, 2]);
  for (const time of times?.large ?? []) expect(time).toBeGreaterThan(0);
  expect(results['wrong']).toEqual({ failure: 'exit code 3: no luck' });
  expect(results['other']).toEqual({ failure: 'the console is not as with the first' });
  expect(said[0]).toBe('two: round 1 of 2, good');
});

test('a peer is a name and a command, which gets the ELF where it says so or at its end', () => {
  expect(namedPeer('spike=/opt/spike --isa=rv64imac {elf} -q')?.process.words).toEqual([
    '/opt/spike',
    '--isa=rv64imac',
    '{elf}',
    '-q',
  ]);
  // What is kept of it says nothing of where on this host things are.
  expect(namedPeer('other=/opt/other')?.command).toBe('other {elf}');
  expect(namedPeer('no name')).toBeUndefined();
});
