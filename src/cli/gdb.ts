// Serves a debugger while guests run (--gdb): a socket, and the loop in which guests move as the debugger wishes. Without
// -S they run until one attaches; when it has detached they run on. Left out: more than one debugger at a time (a second
// waits), and waiting for idle time to pass, which is skipped.

import { createServer, type Server, type Socket } from 'node:net';
import { Debuggee } from '../debug/gdb/debuggee.ts';
import { GdbServer, type Wish } from '../debug/gdb/server.ts';
import { exitCode, type Outcome } from '../platform/outcome.ts';
import type { Host } from '../session/drive.ts';
import type { System } from '../session/system.ts';
import { badUsage } from './failure.ts';
import type { GdbOption } from './options.ts';

export interface DebugOptions {
  readonly gdb: GdbOption;
  /** Nothing runs before a debugger says so. */
  readonly waits: boolean;
  /** Host seconds, and guest steps in all. */
  readonly timeout: number;
  readonly limit: number;
  readonly signal: { readonly aborted: boolean };
  /** Ends a sleep of the host. */
  readonly wake: () => void;
}

const SECOND = 1000;
/** The longest that the host is kept from the socket, in milliseconds. */
const HOLD = 10;
const MOST_CONNECTIONS = 4;

export async function debug(system: System, host: Host, options: DebugOptions): Promise<void> {
  const session = new Session(system, options);
  const server = await session.listen();
  const start = host.milliseconds();
  const left = () => options.timeout * SECOND - (host.milliseconds() - start);
  try {
    for (let breath = start; ; ) {
      const outcome: Outcome | undefined =
        options.signal.aborted || session.wish === 'kill'
          ? { kind: 'interrupted' }
          : left() <= 0
            ? { kind: 'timeout' }
            : session.steps >= options.limit
              ? { kind: 'limit' }
              : undefined;
      if (outcome !== undefined) session.end(outcome);
      if (session.isOver && (outcome !== undefined || !session.isAttached)) return;
      const rests = session.move();
      if (rests) await host.sleep(left());
      if (rests || host.milliseconds() - breath >= HOLD) {
        await host.breathe();
        breath = host.milliseconds();
      }
    }
  } finally {
    session.close();
    server.close();
  }
}

interface Attached {
  readonly socket: Socket;
  readonly server: GdbServer;
}

class Session {
  private readonly system: System;
  private readonly options: DebugOptions;
  private readonly debuggee: Debuggee;
  private attached: Attached | undefined;
  /** Debuggers whose turn comes when the one before has gone. */
  private readonly waiting: Socket[] = [];
  private hasStarted: boolean;
  /** The wish that the guests are moving for. */
  private begun: Wish | undefined;

  constructor(system: System, options: DebugOptions) {
    this.system = system;
    this.options = options;
    this.debuggee = new Debuggee(system.guests);
    this.hasStarted = !options.waits;
  }

  get isAttached(): boolean {
    return this.attached !== undefined;
  }
  get wish(): Wish | undefined {
    return this.attached?.server.wish;
  }
  get isOver(): boolean {
    return this.system.guests.every(({ board }) => board.outcome !== undefined);
  }
  get steps(): number {
    return this.debuggee.timelines.reduce((sum, { position }) => sum + position, 0);
  }
  end(outcome: Outcome): void {
    for (const { board } of this.system.guests) board.outcome ??= outcome;
  }

  /** Moves the guests for a while, as is wished. @returns whether there is nothing to do until something comes. */
  move(): boolean {
    const { debuggee, attached } = this;
    const wish: Wish = attached?.server.wish ?? (this.hasStarted ? 'detach' : 'stay');
    if (wish === 'stay') return true;
    if (wish === 'detach' || wish === 'kill') {
      if (attached !== undefined) {
        this.detach();
        return false;
      }
      if (this.begun !== 'detach') debuggee.begin({ way: 'continue', thread: { guest: 0, hart: 0 } });
    } else if (this.begun !== wish) debuggee.begin(wish);
    this.begun = wish;
    const stop = attached?.server.interrupted ? debuggee.interrupt() : debuggee.advance();
    if (stop === undefined) return false;
    if (stop.kind === 'idle' && this.isListening) return true;
    if (this.attached === undefined) {
      if (stop.kind === 'idle') this.end({ kind: 'idle' });
    } else if (this.attached.server.report(stop)) this.begun = undefined;
    return false;
  }

  /** Whether something may still be typed that a guest hears. */
  private get isListening(): boolean {
    return this.system.guests.some(
      ({ board }) => board.outcome === undefined && board.console.input.open && !board.isStopped(),
    );
  }

  // The socket.

  async listen(): Promise<Server> {
    const { host, port } = this.options.gdb;
    const server = createServer({ noDelay: true }, (socket) => this.attach(socket));
    server.maxConnections = MOST_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        reject(
          badUsage(`--gdb ${host}:${port}: ${error.code === 'EADDRINUSE' ? 'the port is in use' : error.message}`),
        ),
      );
      server.listen(port, host, resolve);
    });
    const address = server.address();
    const chosen = typeof address === 'object' && address !== null ? address.port : port;
    const shown = host.includes(':') ? `[${host}]` : host;
    process.stderr.write(`trapeze: GDB attaches by: target remote ${shown}:${chosen}\n`);
    return server;
  }

  /** A debugger finds all guests stopped. */
  private attach(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    if (this.attached !== undefined) {
      this.waiting.push(socket);
      return;
    }
    this.debuggee.interrupt();
    this.begun = undefined;
    const { system } = this;
    const server = new GdbServer({
      debuggee: this.debuggee,
      send: (bytes) => {
        if (!socket.destroyed) socket.write(bytes);
      },
      exitCode: (guest) => {
        const outcome = system.guests[guest]?.board.outcome;
        return outcome === undefined ? 0 : exitCode(outcome);
      },
    });
    this.attached = { socket, server };
    socket.on('data', (bytes) => {
      server.receive(bytes);
      this.options.wake();
    });
    socket.on('close', () => {
      if (this.attached?.socket !== socket) return;
      this.debuggee.clear();
      this.debuggee.interrupt();
      this.begun = undefined;
      this.attached = undefined;
      this.hasStarted = true;
      this.attachNext();
      this.options.wake();
    });
    this.options.wake();
  }
  private attachNext(): void {
    const next = this.waiting.shift();
    if (next?.destroyed) this.attachNext();
    else if (next !== undefined) this.attach(next);
  }
  private detach(): void {
    this.hasStarted = true;
    this.begun = undefined;
    this.attached?.socket.end();
    this.attached = undefined;
    this.attachNext();
  }
  close(): void {
    for (const socket of [this.attached?.socket, ...this.waiting]) socket?.destroy();
  }
}
