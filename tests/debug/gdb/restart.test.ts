// A guest that has itself started again, by the test finisher or the SBI, under a debugger: it is stopped where it starts,
// goes back over its start to where it was, and comes again to the same; and `monitor reset` begins it all anew.

import { describe, expect, test } from 'vitest';
import { bareSystem, virtualSystem } from '../../../src/session/system.ts';
import { assembleGuest } from '../../support/assembly.ts';
import { WAYS, type Way } from '../../support/engines.ts';
import { specOf } from '../../support/guests.ts';
import { Client } from './client.ts';

const BASE = 0x8000_0000n;
const WORD = 0x8006_0000n;
const MEMORY = 0x10_0000;
const hex = (value: bigint) => value.toString(16);
/** How each mode asks to start again, and to end. */
const ASK = {
  m: ['li t0, FINISHER\n li t1, 0x7777\n sw t1, 0(t0)', 'pass'],
  s: ['li a7, 0x53525354\n li a6, 0\n li a0, 1\n li a1, 0\n ecall', 'pass'],
} as const;
/** Keeps the letter that it reads, and starts again until that is an `e`. */
const bytesOf = (mode: 'm' | 's') =>
  assembleGuest(
    `
test:   li      t0, UART
1:      lbu     t1, 5(t0)
        andi    t1, t1, 1
        beqz    t1, 1b
        nop
        lbu     s0, 0(t0)
        sb      s0, 0(t0)
        li      t0, RAM + 0x60000
store:  sd      s0, 0(t0)
        li      t1, 'e'
        beq     s0, t1, 2f
        ${ASK[mode][0]}
        j       .
2:      ${ASK[mode][1]}
`,
    mode,
  );

function clientOf(mode: 'm' | 's', { kind, engine }: Omit<Way, 'name'>) {
  const written: number[] = [];
  const spec = specOf({ bytes: bytesOf(mode), mode, input: 'abe' }, (byte) => written.push(byte));
  const system = kind === 'bare' ? bareSystem(spec, { engine }) : virtualSystem([spec], { engine, shadow: 'trace' });
  return { client: new Client(system), written: () => String.fromCharCode(...written) };
}
const word = (client: Client) => Buffer.from(client.ask(`m${hex(WORD)},1`) ?? '', 'hex').toString();
const stateOf = ({ debuggee }: Client) => {
  const [guest] = debuggee.guests;
  return [
    guest?.states.map(({ words }) => [...words]),
    Buffer.from(guest?.board.ram.copyOut(BASE, MEMORY) ?? []).toString('latin1'), // arrays are compared too slowly
    guest?.board.clock.now,
    guest?.board.events.pending(),
    guest?.board.restarts,
  ];
};

describe.each(WAYS)('$name', (way) => {
  describe.each(['m', 's'] as const)('in %s-mode', (mode) => {
    test('its starts are reached forward and back, and what comes is the same', () => {
      const { client, written } = clientOf(mode, way);
      client.ask(`Z0,${hex(BASE)},4`);
      const starts = [];
      for (const letters of ['a', 'ab']) {
        expect(client.ask('c')).toBe('T05thread:1;');
        expect(client.pc).toBe(BASE);
        expect(word(client)).toBe('\0');
        expect(written()).toBe(letters);
        starts.push(stateOf(client));
      }
      client.ask('bs');
      expect(word(client)).toBe('b');
      expect(client.pc).not.toBe(BASE);
      client.ask('s');
      expect(stateOf(client)).toEqual(starts[1]);
      expect(client.ask('bc')).toBe('T05thread:1;');
      expect(stateOf(client)).toEqual(starts[0]);
      expect(client.ask('bc')).toBe('T05thread:1;');
      expect(client.debuggee.timelines[0]?.position).toBe(0);
      expect(client.ask('c')).toBe('T05thread:1;');
      expect(stateOf(client)).toEqual(starts[0]);
      client.ask(`z0,${hex(BASE)},4`);
      expect(client.ask('c')).toBe('W00');
      expect(written()).toBe('abe');
    });
  });
});

const FAST = { engine: 'auto', kind: 'virtual' } as const;

test('a watchpoint sees that a start empties memory, and goes back over it', () => {
  const { client } = clientOf('m', FAST);
  const point = `2,${hex(WORD)},8`;
  client.ask(`Z${point}`);
  const seen: string[] = [];
  while (client.ask('c') !== 'W00') {
    client.ask(`z${point}`);
    client.ask('s');
    client.ask(`Z${point}`);
    seen.push(word(client));
  }
  expect(seen).toEqual(['a', '\0', 'b', '\0', 'e']);
  for (const letter of ['\0', 'b', '\0', 'a', '\0']) {
    expect(client.ask('bc')).toBe(`T05thread:1;watch:${hex(WORD)};`);
    client.ask(`z${point}`);
    client.ask('bs');
    client.ask(`Z${point}`);
    expect(word(client)).toBe(letter);
  }
  expect(client.ask('bc')).toBe('T05thread:1;replaylog:begin;');
});

test.each(['monitor', 'packet', 'vRun'])(
  'a reset by %s begins it anew, with what is typed, and it has no past',
  (how) => {
    const { client, written } = clientOf('m', FAST);
    client.ask(`Z0,${hex(BASE)},4`);
    client.ask('c');
    client.ask('c');
    if (how === 'monitor') expect(client.monitor('reset')).toContain('first instruction');
    else expect(client.ask(how === 'packet' ? 'R00' : 'vRun;')).toBe(how === 'packet' ? undefined : 'T05thread:1;');
    expect(client.pc).toBe(BASE);
    expect(client.debuggee.timelines[0]?.position).toBe(0);
    expect(client.debuggee.guests[0]?.board.restarts).toBe(0);
    expect(client.ask('bs')).toBe('T05thread:1;replaylog:begin;');
    client.ask(`z0,${hex(BASE)},4`);
    expect(client.ask('c')).toBe('W00');
    expect(written()).toMatch(/abe$/);
  },
);
