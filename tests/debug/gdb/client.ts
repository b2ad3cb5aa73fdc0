// A debugger for tests, without a socket: sends packets, moves the guests until they stop, and reads the answers.

import { Debuggee } from '../../../src/debug/gdb/debuggee.ts';
import { frame, PacketReader } from '../../../src/debug/gdb/packets.ts';
import { GdbServer, type Wish } from '../../../src/debug/gdb/server.ts';
import type { TimelineLimits } from '../../../src/debug/gdb/timeline.ts';
import { exitCode } from '../../../src/platform/outcome.ts';
import type { System } from '../../../src/session/system.ts';

const MOST_SLICES = 2000;
const PC = 32;

export class Client {
  readonly debuggee: Debuggee;
  readonly server: GdbServer;
  /** Packets that came and were not read. */
  readonly received: string[] = [];
  /** Bytes outside of packets. */
  acknowledgements = '';
  private readonly reader = new PacketReader();

  constructor({ guests }: System, limits?: TimelineLimits) {
    this.debuggee = new Debuggee(guests, limits);
    this.server = new GdbServer({
      debuggee: this.debuggee,
      send: (bytes) => {
        if (bytes.length === 1) this.acknowledgements += String.fromCharCode(...bytes);
        for (const received of this.reader.push(bytes))
          if (received.kind === 'packet') this.received.push(received.data);
      },
      exitCode: (guest) => exitCode(guests[guest]?.board.outcome ?? { kind: 'limit' }),
    });
  }

  send(data: string): void {
    this.server.receive(frame(data));
  }
  /** Sends a packet, and runs the guests while it wants them to. @returns the last answer; undefined if none came. */
  ask(data: string): string | undefined {
    this.received.length = 0;
    this.send(data);
    this.run();
    return this.received.at(-1);
  }
  /** Moves the guests until they stop. */
  run(): void {
    const { server, debuggee } = this;
    let begun: Wish | undefined;
    for (let slices = 0; typeof server.wish === 'object' && slices < MOST_SLICES; slices++) {
      if (begun !== server.wish) debuggee.begin(server.wish);
      begun = server.wish;
      const stop = server.interrupted ? debuggee.interrupt() : debuggee.advance();
      if (stop !== undefined) server.report(stop);
    }
  }
  /** What `monitor` says. */
  monitor(command: string): string {
    const digits = Buffer.from(command, 'latin1').toString('hex');
    return Buffer.from(this.ask(`qRcmd,${digits}`) ?? '', 'hex').toString('latin1');
  }
  get pc(): bigint {
    return this.register(PC);
  }
  register(number: number): bigint {
    const digits = this.ask(`p${number.toString(16)}`) ?? '';
    return Buffer.from(digits, 'hex').readBigUInt64LE();
  }
}
