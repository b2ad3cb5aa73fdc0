// GDB's remote protocol over a stopped or running set of guests: a process is a guest, a thread one of its harts
// ("Debugging with GDB", appendix E). One debugger at a time; bytes come in by `receive` and go out by `send`, so a
// socket and a test are alike. What is not understood is answered with an empty packet, as the protocol wants it.

import { monitorCommand, type Settings } from './commands.ts';
import type { Debuggee, Motion, Stop } from './debuggee.ts';
import { transfer } from './documents.ts';
import type { Thread } from './guest.ts';
import { bytesHex, bytesOf, number, registerHex, registerValue, textHex } from './hexadecimal.ts';
import { frame, LONGEST_PACKET, PacketReader } from './packets.ts';
import { GENERAL, registerOf } from './registers.ts';
import type { Watch } from './stop-points.ts';
import { noteOf, stopReply } from './stop-reply.ts';
import { Threads } from './threads.ts';
import { MOST_COMPARED } from './watched-memory.ts';

const ERROR = { argument: 'E16', memory: 'E0e', missing: 'E02' } as const;
/** Bytes of memory in a packet, at two digits each. */
const MOST_MEMORY = LONGEST_PACKET / 2 - 8;
/** The most points of a kind that a debugger sets; each is looked for at every step. */
const MOST_POINTS = 1024;
const WATCHES: Readonly<Record<string, Watch>> = { 2: 'write', 3: 'read', 4: 'access' };
const ACKNOWLEDGED = Uint8Array.of('+'.charCodeAt(0));
const DAMAGED = Uint8Array.of('-'.charCodeAt(0));

const FEATURES = [
  `PacketSize=${LONGEST_PACKET.toString(16)}`,
  'multiprocess+',
  'swbreak+',
  'hwbreak+',
  'vContSupported+',
  'QStartNoAckMode+',
  'qXfer:features:read+',
  'qXfer:memory-map:read+',
  'qXfer:threads:read+',
  'ReverseStep+',
  'ReverseContinue+',
];

export interface ServerOptions {
  readonly debuggee: Debuggee;
  readonly send: (bytes: Uint8Array) => void;
  /** The exit code of a guest that has ended. */
  readonly exitCode: (guest: number) => number;
}

/** What the debugger wants of whoever runs the guests. `stay`: nothing moves. */
export type Wish = Motion | 'stay' | 'detach' | 'kill';

export class GdbServer {
  wish: Wish = 'stay';
  /** The debugger wants running guests to stop. */
  interrupted = false;
  private readonly debuggee: Debuggee;
  private readonly options: ServerOptions;
  private readonly reader = new PacketReader();
  private readonly threads: Threads;
  private readonly settings: Settings = { physical: false };
  private acknowledges = true;
  /** What the debugger said that it understands. */
  private understood: readonly string[] = [];
  /** What `g`, `m` and the like are about. */
  private thread: Thread = { guest: 0, hart: 0 };
  private stopped: Stop = { kind: 'interrupt', thread: this.thread };
  private isRunning = false;

  constructor(options: ServerOptions) {
    this.options = options;
    this.debuggee = options.debuggee;
    this.threads = new Threads(options.debuggee.guests);
    this.thread = this.threads.alive()[0] ?? this.thread;
    this.threads.attached.add(this.thread.guest);
    this.stopped = { kind: 'step', thread: this.thread };
  }

  receive(bytes: Uint8Array): void {
    for (const received of this.reader.push(bytes)) {
      if (received.kind === 'interrupt') this.interrupted = this.isRunning;
      else if (received.kind === 'damaged') this.options.send(DAMAGED);
      else {
        if (this.acknowledges) this.options.send(ACKNOWLEDGED);
        const answer = this.answer(received.data);
        if (answer !== undefined) this.options.send(frame(answer));
      }
    }
  }

  /** The guests have stopped, as the debugger wished or on their own. @returns whether it is told. */
  report(stop: Stop): boolean {
    if (stop.kind === 'ended' && !this.threads.isShown(stop.guest)) return false;
    this.stopped = stop;
    this.isRunning = false;
    this.interrupted = false;
    this.wish = 'stay';
    if ('thread' in stop) this.thread = stop.thread;
    const note = noteOf(stop);
    if (note !== undefined && this.understood.length > 0) this.options.send(frame(`O${textHex(`${note}\n`)}`));
    this.options.send(frame(this.stopReply()));
    return true;
  }
  private stopReply(): string {
    const { threads, understood, thread } = this;
    return stopReply(this.stopped, { threads, understood, thread, exitCode: this.options.exitCode });
  }

  // Packets.

  /** Undefined where the answer comes later, when the guests stop. */
  private answer(data: string): string | undefined {
    if (this.isRunning) return undefined; // all-stop: only an interrupt is heard
    const rest = data.slice(1);
    switch (data[0]) {
      case '?':
        return this.stopReply();
      case '!':
        return 'OK';
      case 'g':
        return GENERAL.map(({ number }) => this.register(number)).join('');
      case 'G':
        return this.writeGeneral(rest);
      case 'p':
        return this.register(Number(number(rest) ?? -1n));
      case 'P':
        return this.writeRegister(rest);
      case 'm':
        return this.readMemory(rest);
      case 'M':
        return this.writeMemory(rest, bytesOf);
      case 'X':
        return this.writeMemory(rest, (text) => Uint8Array.from(text, (character) => character.charCodeAt(0)));
      case 'H':
        return this.choose(rest);
      case 'T':
        return this.threads.threadOf(rest, this.thread) === undefined ? ERROR.missing : 'OK';
      case 'Z':
      case 'z':
        return this.stopPoint(data[0] === 'Z', rest);
      case 'c':
      case 'C':
        return this.go('continue', this.thread);
      case 's':
      case 'S':
        return this.go('step', this.thread);
      case 'b':
        if (data === 'bs') return this.go('step-back', this.thread);
        return data === 'bc' ? this.go('continue-back', this.thread) : '';
      case 'D':
        return this.leave('detach', data.slice('D;'.length));
      case 'k':
        this.end('kill');
        return undefined;
      case 'R':
        this.debuggee.reset();
        return undefined;
      case 'q':
      case 'Q':
        return this.query(data);
      case 'v':
        return this.long(data);
      default:
        return '';
    }
  }

  private query(data: string): string {
    const [name = '', ...rest] = data.split(/[:,;]/);
    switch (name) {
      case 'qSupported':
        this.understood = rest;
        this.threads.multiprocess = rest.includes('multiprocess+');
        return FEATURES.join(';');
      case 'QStartNoAckMode':
        this.acknowledges = false;
        return 'OK';
      case 'qXfer':
        return transfer(this.threads, data.slice('qXfer:'.length));
      case 'qC':
        return `QC${this.threads.idOf(this.thread)}`;
      case 'qfThreadInfo':
        return `m${this.threads
          .alive()
          .map((thread) => this.threads.idOf(thread))
          .join(',')}`;
      case 'qsThreadInfo':
        return 'l';
      case 'qThreadExtraInfo': {
        const thread = this.threads.threadOf(rest.join(','), this.thread);
        return thread === undefined ? ERROR.missing : textHex(this.threads.describe(thread));
      }
      case 'qAttached':
        return '1';
      case 'qSymbol':
        return 'OK';
      case 'qRcmd':
        return this.command(rest[0] ?? '');
      case 'qqemu.PhyMemMode':
        return this.settings.physical ? '1' : '0';
      case 'Qqemu.PhyMemMode':
        this.settings.physical = rest[0] === '1';
        return 'OK';
      default:
        return '';
    }
  }

  private long(data: string): string | undefined {
    if (data === 'vCont?') return 'vCont;c;C;s;S';
    if (data.startsWith('vCont;')) return this.resume(data.slice('vCont;'.length));
    if (data.startsWith('vKill;')) return this.leave('kill', data.slice('vKill;'.length));
    if (data.startsWith('vRun')) {
      this.debuggee.reset();
      this.stopped = { kind: 'step', thread: { guest: 0, hart: 0 } };
      return this.stopReply();
    }
    if (data.startsWith('vAttach;')) {
      const thread = this.threads.threadOf(`p${data.slice('vAttach;'.length)}`, this.thread);
      if (thread === undefined) return ERROR.missing;
      this.thread = thread;
      this.threads.attached.add(thread.guest);
      this.stopped = { kind: 'step', thread };
      return this.stopReply();
    }
    return '';
  }

  /** `action[:thread]` and so on. Where one steps, the harts of its guest take their turns, as they must. */
  private resume(text: string): string | undefined {
    const actions = text.split(';').map((part) => part.split(':'));
    if (actions.some(([action = '']) => !/^(?:[cs]|[CS][0-9a-f]{2})$/.test(action))) return ERROR.argument;
    const [action, id] = actions.find(([each]) => each?.[0] === 's' || each?.[0] === 'S') ?? actions[0] ?? [];
    const thread = id === undefined ? this.thread : this.threads.threadOf(id, this.thread);
    if (thread === undefined) return ERROR.missing;
    return this.go(
      /^s/i.test(action ?? '') ? 'step' : 'continue',
      thread,
      this.haltedBy(actions.map((each) => each[1])),
    );
  }
  /** Guests that it is attached to and does not resume; the others, which it knows nothing of, run on. */
  private haltedBy(ids: readonly (string | undefined)[]): ReadonlySet<number> {
    if (!this.threads.multiprocess || ids.some((id) => id === undefined || /^(p?-1|p-1\..*)$/.test(id)))
      return new Set();
    const resumed = new Set(ids.map((id) => this.threads.threadOf(id ?? '', this.thread)?.guest));
    return new Set([...this.threads.attached].filter((guest) => !resumed.has(guest)));
  }

  private go(way: Motion['way'], thread: Thread, halted: ReadonlySet<number> = new Set()): undefined {
    this.wish = { way, thread, halted };
    this.isRunning = true;
    return undefined;
  }
  /** Of one process, or, where none is named, of all. */
  private leave(wish: 'detach' | 'kill', process: string): string {
    const { attached } = this.threads;
    const guest = process === '' ? undefined : this.threads.threadOf(`p${process}`, this.thread)?.guest;
    if (guest === undefined || !attached.has(guest) || attached.size === 1) return this.end(wish);
    attached.delete(guest);
    this.debuggee.stopPoints[guest]?.clear();
    const { board } = this.debuggee.guests[guest] ?? {};
    if (wish === 'kill' && board !== undefined) board.outcome ??= { kind: 'interrupted' };
    if (this.thread.guest === guest) this.thread = this.threads.alive()[0] ?? this.thread;
    return 'OK';
  }
  private end(wish: 'detach' | 'kill'): string {
    this.debuggee.clear();
    this.wish = wish;
    return 'OK';
  }

  // Registers and memory.

  private register(which: number): string {
    const register = registerOf(which);
    if (register === undefined) return ERROR.argument;
    const value = this.debuggee.look(this.thread).readRegister(register, this.debuggee.exits[this.thread.guest]);
    return registerHex(value, register.bits / 8);
  }
  private writeRegister(text: string): string {
    const [name, digits = ''] = text.split('=');
    const register = registerOf(Number(number(name) ?? -1n));
    const value = registerValue(digits);
    if (register === undefined || value === undefined) return ERROR.argument;
    return this.change(
      this.debuggee.look(this.thread).registerWrite(register, BigInt.asUintN(64, value)),
      ERROR.argument,
    );
  }
  private writeGeneral(text: string): string {
    const digits = 16;
    const values = GENERAL.map((_, index) => registerValue(text.slice(index * digits, (index + 1) * digits)));
    if (values.includes(undefined)) return ERROR.argument;
    const look = this.debuggee.look(this.thread);
    const writes = GENERAL.map((register, index) => look.registerWrite(register, values[index] ?? 0n));
    return this.change(() => {
      for (const write of writes) write?.();
    }, ERROR.argument);
  }
  /** Changes the guest now, and whenever its run comes here again. */
  private change(apply: (() => void) | undefined, otherwise: string): string {
    if (apply === undefined) return otherwise;
    this.debuggee.timelines[this.thread.guest]?.change(apply);
    return 'OK';
  }

  private readMemory(text: string): string {
    const [address, length] = text.split(',').map(number);
    if (address === undefined || length === undefined) return ERROR.argument;
    const bytes = length < MOST_MEMORY ? Number(length) : MOST_MEMORY;
    const found = this.debuggee.look(this.thread, this.settings.physical).read(address, bytes);
    return found === undefined ? ERROR.memory : bytesHex(found);
  }
  private writeMemory(text: string, decode: (text: string) => Uint8Array | undefined): string {
    const colon = text.indexOf(':');
    const [address, length] = text.slice(0, Math.max(colon, 0)).split(',').map(number);
    const bytes = decode(text.slice(colon + 1));
    if (address === undefined || bytes === undefined || Number(length) !== bytes.length) return ERROR.argument;
    if (bytes.length === 0) return 'OK'; // asked to learn whether X is understood
    return this.change(
      this.debuggee.look(this.thread, this.settings.physical).memoryWrite(address, bytes),
      ERROR.memory,
    );
  }

  private stopPoint(adds: boolean, text: string): string {
    const [type = '', place, size] = text.split(/[,;]/);
    const [address, bytes] = [number(place), number(size)];
    const points = this.debuggee.stopPoints[this.thread.guest];
    if (address === undefined || bytes === undefined || points === undefined) return ERROR.argument;
    const kind = WATCHES[type];
    if (kind === undefined && type !== '0' && type !== '1') return '';
    const { breakpoints, watchpoints } = points;
    if (adds && Math.max(breakpoints.size, watchpoints.length) >= MOST_POINTS) return ERROR.argument;
    if (kind !== undefined && adds) {
      if (bytes === 0n) return ERROR.argument;
      const { physical: isPhysical } = this.settings;
      const compared = bytes < MOST_COMPARED ? Number(bytes) : MOST_COMPARED;
      const places = this.debuggee.look(this.thread, isPhysical).places(address, compared);
      points.addWatchpoint({ kind, address, bytes, isPhysical, places });
    } else if (kind !== undefined) points.removeWatchpoint({ kind, address, bytes });
    else if (adds) breakpoints.add(address);
    else breakpoints.delete(address);
    return 'OK';
  }

  private choose(text: string): string {
    if (text[0] === 'c') return 'OK'; // vCont tells; `c` and `s` are about the thread of the last stop
    const thread = this.threads.threadOf(text.slice(1), this.thread);
    if (text[0] !== 'g' || thread === undefined) return ERROR.missing;
    this.thread = thread;
    return 'OK';
  }

  private command(digits: string): string {
    const bytes = bytesOf(digits);
    if (bytes === undefined) return ERROR.argument;
    const said = new TextDecoder().decode(bytes).trim();
    const told = monitorCommand(this.debuggee, this.thread, this.settings, said);
    return textHex(`${told.slice(0, MOST_MEMORY / 2)}\n`);
  }
}
