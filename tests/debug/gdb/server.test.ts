// The debugger's server as a client in memory sees it: stepping into traps, stop points that leave memory alone, memory
// as the hart sees it, several guests and harts, clients that know nothing but `c` and `Z1`, and clients that send rubbish.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, LONGEST_PACKET, PacketReader } from '../../../src/debug/gdb/packets.ts';
import { bareSystem, virtualSystem } from '../../../src/session/system.ts';
import { assembleGuest } from '../../support/assembly.ts';
import { KINDS, systemOf } from '../../support/engines.ts';
import { specOf, type TestGuest } from '../../support/guests.ts';
import { Client } from './client.ts';

const BASE = 0x8000_0000n;
const text = (strings: TemplateStringsArray) => ({ bytes: assembleGuest(strings.join('')) });

/** From M to U, whose call comes back to the handler, which goes on behind it; then it passes. */
const calls = text`
test:   la      t0, handler
        csrw    mtvec, t0
        csrwi   pmpcfg0, 0x1f
        li      t0, -1
        csrw    pmpaddr0, t0
        la      t0, user
        csrw    mepc, t0
        li      t0, MSTATUS_MPP
        csrc    mstatus, t0
        la      s2, word
        mret
user:   li      a0, 5
        ecall
        sd      a0, 0(s2)
        ld      a1, 0(s2)
        ecall
        .balign 4
handler:
        csrr    t3, mepc
        addi    t3, t3, 4
        csrw    mepc, t3
        addi    a0, a0, 1
        li      t4, 7
        beq     a0, t4, over
        mret
over:   pass
        .balign 8
word:   .dword  0
`;
const clientOf = (guest: TestGuest, kind: 'bare' | 'virtual' = 'bare') =>
  new Client(systemOf(specOf(guest), { engine: 'auto', kind }));
const ECALL = 8;
const MCAUSE = 65 + 0x342;
const A0 = 10;

describe.each(KINDS)('%s', (kind) => {
  test('stepi enters a trap: over ecall it stops in the handler, and over mret behind the call', () => {
    const client = clientOf(calls, kind);
    client.monitor(`break trap ${ECALL}`);
    expect(client.ask('c')).toBe('T05thread:1;');
    const handler = client.pc;
    expect(client.register(MCAUSE)).toBe(BigInt(ECALL));
    expect(client.ask('bs')).toBe('T05thread:1;');
    const call = client.pc;
    expect(client.ask('s')).toBe('T05thread:1;');
    expect(client.pc).toBe(handler);
    client.monitor('delete');
    for (let steps = 0; client.pc !== call + 4n && steps < 20; steps++) client.ask('s');
    expect(client.pc).toBe(call + 4n);
    expect(client.register(A0)).toBe(6n);
  });

  test('a watchpoint stops before the store, and going back behind it; memory has no trace of any', () => {
    const client = clientOf(calls, kind);
    const before = client.debuggee.guests[0]?.board.ram.copyOut(BASE, 4096);
    client.monitor(`break trap ${ECALL}`);
    client.ask('c');
    client.monitor('delete');
    const word = client.register(18);
    const address = word.toString(16);
    expect(client.ask(`Z2,${address},8`)).toBe('OK');
    expect(client.ask(`Z0,${(client.pc + 4n).toString(16)},4`)).toBe('OK');
    expect(client.debuggee.guests[0]?.board.ram.copyOut(BASE, 4096)).toEqual(before);
    expect(client.ask('c')).toBe('T05thread:1;');
    expect(client.ask('c')).toBe(`T05thread:1;watch:${address};`);
    expect(client.ask(`m${address},8`)).toBe('0000000000000000');
    expect(client.ask('s')).toBe('T05thread:1;');
    expect(client.ask(`m${address},8`)).toBe('0600000000000000');
    const { pc } = client;
    expect(client.ask('bc')).toBe(`T05thread:1;watch:${address};`);
    expect(client.pc).toBe(pc);
    expect(client.ask('bs')).toBe('T05thread:1;');
    expect(client.ask(`m${address},8`)).toBe('0000000000000000');
    // Who steps onto an access is told of it too, and steps over it then.
    expect(client.ask('s')).toBe(`T05thread:1;watch:${address};`);
    expect(client.ask(`m${address},8`)).toBe('0000000000000000');
    expect(client.ask('s')).toBe('T05thread:1;');
    expect(client.pc).toBe(pc);
    client.ask('bc');
    expect(client.ask('bc')).toBe('T05thread:1;');
    expect(client.ask('bc')).toBe('T05thread:1;replaylog:begin;');
    expect(client.pc).toBe(BASE);
    expect(client.ask(`z2,${address},8`)).toBe('OK');
    expect(client.ask(`Z3,${address},8`)).toBe('OK');
    client.ask('c');
    expect(client.ask('c')).toBe(`T05thread:1;rwatch:${address};`);
  });

  test('what the debugger changes is changed in the past too, and makes a new future', () => {
    const client = clientOf(calls, kind);
    client.monitor(`break trap ${ECALL}`);
    client.ask('c');
    client.ask('Pa=2a00000000000000');
    client.monitor('delete');
    client.ask('s');
    client.ask('bs');
    client.ask('s');
    expect(client.register(A0)).toBe(42n);
    client.ask('bc');
    client.monitor(`break trap ${ECALL}`);
    client.ask('c');
    expect(client.register(A0)).toBe(42n);
  });
});

test('a grader that only knows Z1 and c, and acknowledges nothing, hears T05', () => {
  const client = clientOf(calls);
  const place = (BASE + 8n).toString(16);
  client.send(`Z1,${place},1`);
  client.send('c');
  client.run();
  expect(client.received).toEqual(['OK', 'T05thread:1;']);
  expect(client.acknowledgements).toBe('++');
  expect(client.pc).toBe(BASE + 8n);
});

test('an exit to the monitor stops, by its reason', () => {
  const client = clientOf(calls, 'virtual');
  expect(client.monitor('break exit xret')).toContain('stop');
  client.ask('c');
  expect(client.monitor('info exits')).toMatch(/xret +1$/m);
  expect(clientOf(calls).monitor('break exit xret')).toContain('bare');
});

test('of several virtual machines each is a process; one that is not resumed stays where it is', () => {
  const specs = ['one', 'two'].map((name) => specOf({ ...text`test: addi a0, a0, 1\n j test`, name }));
  const client = new Client(virtualSystem(specs));
  client.ask('qSupported:multiprocess+');
  expect(client.ask('qfThreadInfo')).toBe('mp1.1');
  expect(client.ask('vAttach;2')).toContain('thread:p2.1');
  expect(client.ask('qXfer:threads:read::0,1000')).toContain('<thread id="p2.1" core="0" name="two"/>');
  client.ask('Hgp2.1');
  const { pc } = client;
  expect(client.ask('vCont;s:p1.1')).toBe('T05thread:p1.1;');
  client.ask('Hgp2.1');
  expect(client.pc).toBe(pc);
  client.send('vCont;c:p1.-1');
  client.server.receive(Uint8Array.of(3));
  client.run();
  expect(client.received.at(-1)).toContain('T02');
});

test('a step is of the hart that is asked for, whoever takes his turn before', () => {
  const guest = { ...text`test: csrr s0, mhartid\n1: addi s1, s1, 1\n j 1b`, harts: 3, turnSteps: 10 };
  const client = clientOf(guest);
  client.ask('qSupported:multiprocess+');
  for (let steps = 0; steps < 8; steps++) {
    expect(client.ask('vCont;s:p1.3')).toBe('T05thread:p1.3;');
    expect(client.debuggee.guests[0]?.states[2]?.steps).toBe(BigInt(steps + 1));
  }
  client.ask('bs');
  expect(client.debuggee.guests[0]?.states[2]?.steps).toBe(7n);
});

test('memory that is nowhere is an error; physical addresses are asked for', () => {
  const client = clientOf(calls);
  expect(client.ask('m0,8')).toBe('E0e');
  expect(client.ask('M80000100,2:abcd')).toBe('OK');
  expect(client.ask('m80000100,2')).toBe('abcd');
  expect(client.ask('M0,1:00')).toBe('E0e');
  expect(client.ask('Qqemu.PhyMemMode:1')).toBe('OK');
  expect(client.ask('m80000100,2')).toBe('abcd');
});

test('each document comes in parts, and the description names the hart, its CSRs and what is virtual', () => {
  const client = clientOf(calls);
  let whole = '';
  for (;;) {
    const part = client.ask(`qXfer:features:read:target.xml:${whole.length.toString(16)},100`) ?? 'l';
    whole += part.slice(1);
    if (part[0] === 'l') break;
  }
  for (const name of ['riscv.cpu', 'riscv.csr', 'riscv.virtual', 'mstatus', 'shadow_root', 'exit_reason'])
    expect(whole).toContain(name);
});

describe('rubbish is answered and survived', () => {
  const random = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ maxLength: 60 }).map((data) => frame(data)),
    fc
      .tuple(
        fc.constantFrom(
          ...[
            'm',
            'M',
            'X',
            'p',
            'P',
            'G',
            'H',
            'Hg',
            'T',
            'Z0,',
            'Z2,',
            'z1,',
            'vCont;',
            'vCont;s:',
            'vAttach;',
            'D;',
          ],
          ...[
            'qXfer:features:read:target.xml:',
            'qXfer:threads:read::',
            'qRcmd,',
            'b',
            's',
            'QStartNoAckMode',
            'R',
            'vKill;',
          ],
        ),
        fc.string({ unit: fc.constantFrom(...'0123456789abcdefp.-,:;='), maxLength: 40 }),
      )
      .map(([start, rest]) => frame(start + rest)),
  );
  test('whole sessions of it', () => {
    fc.assert(
      fc.property(fc.array(random, { maxLength: 30 }), (chunks) => {
        const client = clientOf({ ...calls, ramBytes: 64 * 1024 });
        for (const chunk of chunks) {
          client.server.receive(chunk);
          client.run();
        }
        client.server.receive(frame('?'));
        client.run();
        expect(client.received.at(-1)).toMatch(/^[TWO]|^E|^OK$|^$/);
        expect(client.received.every((data) => data.length <= LONGEST_PACKET)).toBe(true);
      }),
      { numRuns: Number(process.env['TRAPEZE_RUNS'] ?? 40) },
    );
  });
  test('packets come out as they went in, whatever they hold and however they are cut', () => {
    const bytes = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (packets, size) => {
        const reader = new PacketReader();
        const all = Uint8Array.from(packets.flatMap((data) => [...frame(data)]));
        const found: string[] = [];
        for (let at = 0; at < all.length; at += size)
          for (const received of reader.push(all.subarray(at, at + size)))
            if (received.kind === 'packet') found.push(received.data);
        expect(found).toEqual(packets);
      }),
      { numRuns: Number(process.env['TRAPEZE_RUNS'] ?? 60) },
    );
  });
  test('a packet that is too long is refused, and the next is read', () => {
    const reader = new PacketReader();
    expect(reader.push(frame('x'.repeat(LONGEST_PACKET + 1))).map(({ kind }) => kind)).toContain('damaged');
    expect(reader.push(frame('g'))).toEqual([{ kind: 'packet', data: 'g' }]);
  });
});

test('a bare machine and a virtual one describe themselves alike', () => {
  const [bare, virtual] = [bareSystem(specOf(calls)), virtualSystem([specOf(calls)])].map((system) =>
    new Client(system).ask('qXfer:features:read:target.xml:0,4000'),
  );
  expect(bare).toBe(virtual);
});
