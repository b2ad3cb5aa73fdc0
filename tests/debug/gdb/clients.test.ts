// The clients that there are, by what each says first: GDB under VS Code and CLion, LLDB's variant of the protocol, graders of
// courses; each gets what lets it go on, an empty answer where it asks for what is not there. And what comes damaged, in
// pieces or without an end.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, LONGEST_PACKET } from '../../../src/debug/gdb/packets.ts';
import { bareSystem } from '../../../src/session/system.ts';
import { specOf } from '../../support/guests.ts';
import { Client } from './client.ts';

/** `1: addi a0, a0, 1; j 1b`, where it starts. */
const bytes = Uint8Array.of(0x13, 0x05, 0x15, 0x00, 0x6f, 0xf0, 0xdf, 0xff);
const start = () => new Client(bareSystem(specOf({ bytes, ramBytes: 64 * 1024 })));
const RUNS = Number(process.env['TRAPEZE_RUNS'] ?? 40);
const INTERRUPT = Uint8Array.of(3);

const HANDSHAKES: readonly (readonly [string, readonly (readonly [string, string | RegExp])[]])[] = [
  [
    'GDB, as VS Code and CLion start it',
    [
      [
        'qSupported:multiprocess+;swbreak+;hwbreak+;qRelocInsn+;fork-events+;vfork-events+;exec-events+;vContSupported+;QThreadEvents+;no-resumed+;memory-tagging+;xmlRegisters=i386',
        /PacketSize=4000;.*multiprocess\+.*QStartNoAckMode\+.*qXfer:features:read\+/,
      ],
      ['vCont?', 'vCont;c;C;s;S'],
      ['vMustReplyEmpty', ''],
      ['QStartNoAckMode', 'OK'],
      ['QProgramSignals:0;1;3;4;6;7;8;9;a;b', ''],
      ['Hgp0.0', 'OK'],
      ['qXfer:features:read:target.xml:0,ffb', /^m<\?xml/],
      ['qXfer:features:read:other.xml:0,ffb', 'E00'],
      ['qXfer:auxv:read::0,1000', ''],
      ['QNonStop:0', ''],
      ['qTStatus', ''],
      ['?', /^T05thread:p1\.1;$/],
      ['qXfer:threads:read::0,1000', /^l<\?xml.*id="p1\.1"/s],
      ['qAttached:1', '1'],
      ['Hc-1', 'OK'],
      ['qOffsets', ''],
      ['qL1160000000000000000', ''],
      ['qSymbol::', 'OK'],
      ['qXfer:memory-map:read::0,1000', /^l<\?xml.*type="ram"/s],
      ['vFile:setfs:0', ''],
      ['Tp1.1', 'OK'],
      ['Tp9.1', 'E02'],
      ['X80000100,0:', 'OK'],
      ['vCont;s:p1.1;c:p1.-1', /^T05thread:p1\.1;$/],
      ['Z0,80000000,2', 'OK'],
      ['vCont;c:p1.-1', /^T05thread:p1\.1;swbreak:;$/],
      ['vKill;1', 'OK'],
    ],
  ],
  [
    "LLDB's variant",
    [
      ['QStartNoAckMode', 'OK'],
      ['qSupported:xmlRegisters=i386,arm,mips,arc;multiprocess+;fork-events+;vfork-events+', /PacketSize/],
      ['QThreadSuffixSupported', ''],
      ['QListThreadsInStopReply', ''],
      ['QEnableErrorStrings', ''],
      ['qHostInfo', ''],
      ['vCont?', 'vCont;c;C;s;S'],
      ['qVAttachOrWaitSupported', ''],
      ['qProcessInfo', ''],
      ['qC', 'QCp1.1'],
      ['qfThreadInfo', 'mp1.1'],
      ['qsThreadInfo', 'l'],
      ['qRegisterInfo0', ''],
      ['qMemoryRegionInfo:80000000', ''],
      ['jThreadsInfo', ''],
      ['qStructuredDataPlugins', ''],
      ['x80000000,0', ''],
      ['p20', /^[0-9a-f]{16}$/],
      ['c', /^T02thread:p1\.1;$/],
      ['D', 'OK'],
    ],
  ],
  [
    'one of the oldest, which knows neither threads nor what there is',
    [
      ['qSupported', /PacketSize/],
      ['Hg0', 'OK'],
      ['Hc-1', 'OK'],
      ['?', 'T05thread:1;'],
      ['g', /^[0-9a-f]{528}$/],
      ['m80000000,4', /^[0-9a-f]{8}$/],
      ['s', 'T05thread:1;'],
      ['s80000000', 'T05thread:1;'],
      ['C05', 'T02thread:1;'],
      ['vKill;a410', 'OK'],
    ],
  ],
];

test.each(HANDSHAKES)('%s', (_name, packets) => {
  const client = start();
  for (const [packet, answer] of packets) {
    client.received.length = 0;
    client.send(packet);
    // Nothing stops who goes on freely but an interrupt.
    if (answer instanceof RegExp && answer.source.startsWith('^T02')) client.server.receive(INTERRUPT);
    if (packet === 'C05') client.server.receive(INTERRUPT);
    client.run();
    const got = client.received.at(-1);
    if (answer instanceof RegExp) expect(got, packet).toMatch(answer);
    else expect(got, packet).toBe(answer);
  }
});

describe('what comes damaged', () => {
  test('a packet whose sum is wrong is refused, does nothing, and is taken when it is sent again', () => {
    const client = start();
    const right = frame('Z0,80000000,2');
    for (const wrong of ['$Z0,80000000,2#00', '$Z0,80000000,2#zz', '$Z0,80000000,3#6d']) {
      client.server.receive(Buffer.from(wrong, 'latin1'));
      expect(client.acknowledgements).toBe('-');
      expect(client.debuggee.stopPoints[0]?.any).toBe(false);
      client.acknowledgements = '';
    }
    client.server.receive(right);
    expect(client.acknowledgements).toBe('+');
    expect(client.debuggee.stopPoints[0]?.breakpoints.size).toBe(1);
  });
  test('any damage to any byte of a session, in pieces of any size, leaves a server that answers', () => {
    const session = [
      'qSupported:multiprocess+',
      'g',
      'm80000000,10',
      'Z2,80000100,8',
      'vCont;s:p1.1',
      'bs',
      'qRcmd,68656c70',
    ];
    const all = session.flatMap((data) => [...frame(data)]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(all.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        (damage, size) => {
          const client = start();
          const sent = Uint8Array.from(all);
          for (const [at, byte] of damage) sent[at] = byte;
          for (let at = 0; at < sent.length; at += size) {
            client.server.receive(sent.subarray(at, at + size));
            client.run();
          }
          client.server.receive(frame('?'));
          client.server.receive(frame('?'));
          client.run();
          expect(client.received.at(-1)).toMatch(/^[TW]/);
        },
      ),
      { numRuns: RUNS },
    );
  });
  test('a megabyte without an end is refused as soon as it is too long, and kept by nobody', () => {
    const client = start();
    client.server.receive(Buffer.from(`$${'x'.repeat(LONGEST_PACKET + 1)}`, 'latin1'));
    expect(client.acknowledgements).toBe('-');
    for (let pieces = 0; pieces < 64; pieces++) client.server.receive(Buffer.alloc(16 * 1024, 'x'));
    expect(client.acknowledgements).toBe('-');
    expect(client.ask('?')).toBe('T05thread:1;');
  });
  test('lengths that no packet has room for get what fits, or an error', () => {
    const client = start();
    expect(client.ask('m80000000,ffffffffffffffff')?.length).toBeLessThanOrEqual(LONGEST_PACKET);
    expect(client.ask('mffffffffffffffff,ffffffffffffffff')).toBe('E0e');
    expect(client.ask('m80000000,10000000000000000')).toBe('E16');
    expect(client.ask('M80000000,ffffffff:00')).toBe('E16');
    expect(client.ask('qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff')).toBe('l');
    expect(client.ask('qXfer:features:read:target.xml:0,ffffffffffffffff')?.length).toBeLessThanOrEqual(LONGEST_PACKET);
    for (let points = 0; points < 1024; points++) client.ask(`Z0,${(0x9000_0000 + points).toString(16)},2`);
    expect(client.ask('Z0,a0000000,2')).toBe('E16');
  });
});
