// How GDB names guests and harts: processes and threads, numbered from 1. A debugger that knows of processes is attached
// to the first and attaches to others itself, as with QEMU's clusters; one that does not sees all harts of all guests as
// threads, numbered through.

import type { DebuggedGuest, Thread } from './guest.ts';

const FIRST = 1;
const ALL = -1;

export class Threads {
  private readonly guests: readonly DebuggedGuest[];
  /** Whether the debugger knows of processes. */
  multiprocess = false;
  /** Guests that such a debugger is attached to. */
  readonly attached = new Set<number>();

  constructor(guests: readonly DebuggedGuest[]) {
    this.guests = guests;
  }

  all(): Thread[] {
    return this.guests.flatMap(({ states }, guest) => states.map((_, hart) => ({ guest, hart })));
  }
  /** Whether the debugger is told of a guest. */
  isShown(guest: number): boolean {
    return !this.multiprocess || this.attached.has(guest);
  }
  /** Of guests that it is told of and that have not ended. */
  alive(): Thread[] {
    return this.all().filter(({ guest }) => this.isShown(guest) && this.guests[guest]?.board.outcome === undefined);
  }

  idOf({ guest, hart }: Thread): string {
    if (this.multiprocess) return `p${hex(guest + FIRST)}.${hex(hart + FIRST)}`;
    return hex(this.all().findIndex((each) => each.guest === guest && each.hart === hart) + FIRST);
  }
  processOf({ guest }: Pick<Thread, 'guest'>): string {
    return hex(guest + FIRST);
  }

  /** What an identifier means; 0 (any) and -1 (all) stand for `current`, where that fits. */
  threadOf(text: string, current: Thread): Thread | undefined {
    const match = /^(?:p(-1|[0-9a-f]{1,8}))?(?:(^|\.)(-1|[0-9a-f]{1,8}))?$/i.exec(text);
    if (match === null || text === '') return undefined;
    const [process, thread] = [match[1], match[3]].map((digits) =>
      digits === undefined ? 0 : Number.parseInt(digits, 16),
    );
    if (process === undefined || thread === undefined) return undefined;
    if (process === 0 && thread > 0 && !this.multiprocess) return this.all()[thread - FIRST];
    const guest = isAny(process) ? current.guest : process - FIRST;
    const hart = isAny(thread) ? (guest === current.guest ? current.hart : 0) : thread - FIRST;
    return this.guests[guest]?.states[hart] === undefined ? undefined : { guest, hart };
  }

  describe({ guest, hart }: Thread): string {
    const { name, states } = this.guests[guest] ?? { name: '', states: [] };
    return states.length > 1 ? `${name}, hart ${hart}` : name;
  }
}

const hex = (value: number) => value.toString(16);
const isAny = (id: number) => id === 0 || id === ALL;
