// A client of GDB's remote serial protocol, as much of it as QEMU's port needs: packets with checksums and
// acknowledgements, one request at a time, each with a deadline. The GDB manual, appendix "Remote Protocol", says so.
// Left out: run-length encoding and notifications, which QEMU never sends.

import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const ESCAPE = 0x7d;
const ESCAPE_XOR = 0x20;
/** A reply longer than this is a mistake. */
const MAX_REPLY = 1 << 20;
const INTERRUPT = '\x03';
const CONNECT_PAUSE = 20;

export class Remote {
  private readonly socket: Socket;
  private received = Buffer.alloc(0);
  private closed = false;
  private waiting: { resolve(reply: string): void; reject(error: Error): void } | undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => this.take(data));
    socket.on('close', () => {
      this.closed = true;
      this.waiting?.reject(new Error('QEMU closed its GDB port'));
    });
    socket.on('error', (error) => this.waiting?.reject(error));
  }

  /** Connects to a Unix socket that may not be there yet, until it is hopeless. */
  static async open(path: string, milliseconds: number, hopeless: () => boolean): Promise<Remote> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      try {
        return new Remote(await dial(path));
      } catch (error) {
        if (Date.now() > deadline || hopeless()) throw error;
        await sleep(CONNECT_PAUSE);
      }
    }
  }

  /** Sends a packet and waits for the reply. */
  request(payload: string, milliseconds: number): Promise<string> {
    return this.exchange(packet(payload), payload, milliseconds);
  }

  /** Stops a running target; the reply is its stop packet. */
  interrupt(milliseconds: number): Promise<string> {
    return this.exchange(INTERRUPT, 'interrupt', milliseconds);
  }

  private async exchange(bytes: string, what: string, milliseconds: number): Promise<string> {
    if (this.waiting) throw new Error('one request at a time');
    if (this.closed) throw new Error('QEMU has closed its GDB port');
    let timer: NodeJS.Timeout | undefined;
    const reply = new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
      timer = setTimeout(() => reject(new Timeout(what)), milliseconds);
    });
    this.socket.write(bytes);
    try {
      return await reply;
    } finally {
      clearTimeout(timer);
      this.waiting = undefined;
    }
  }

  close(): void {
    this.waiting = undefined;
    this.socket.destroy();
  }

  private take(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const start = this.received.indexOf('$');
      const end = this.received.indexOf('#', start);
      if (start < 0 || end < 0 || this.received.length < end + 3) break;
      const body = this.received.subarray(start + 1, end);
      this.received = this.received.subarray(end + 3);
      this.socket.write('+');
      this.waiting?.resolve(unescaped(body));
    }
    if (this.received.length > MAX_REPLY) this.socket.destroy(new Error('a reply without end'));
  }
}

/** No reply came in time: the target still runs. */
export class Timeout extends Error {
  constructor(payload: string) {
    super(`no reply to '${payload.slice(0, 40)}'`);
  }
}

function dial(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

export function packet(payload: string): string {
  let sum = 0;
  for (const byte of Buffer.from(payload, 'latin1')) sum = (sum + byte) & 0xff;
  return `$${payload}#${sum.toString(16).padStart(2, '0')}`;
}

function unescaped(body: Buffer): string {
  const bytes: number[] = [];
  for (let i = 0; i < body.length; i++) {
    bytes.push(body[i] === ESCAPE ? (body[++i] as number) ^ ESCAPE_XOR : (body[i] as number));
  }
  return Buffer.from(bytes).toString('latin1');
}
