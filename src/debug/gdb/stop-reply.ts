// What GDB is told when guests stop ("Debugging with GDB", appendix E.3): the signal, the thread, and why. A debugger
// that did not say what it understands gets signal and thread alone.

import { causeName } from '../../../isa/causes.ts';
import type { Stop } from './debuggee.ts';
import type { Thread } from './guest.ts';
import type { Threads } from './threads.ts';

const SIGNAL = { trap: '05', interrupt: '02' } as const;
const WATCHED = { write: 'watch', read: 'rwatch', access: 'awatch' } as const;

export interface Told {
  readonly threads: Threads;
  /** What the debugger said that it understands. */
  readonly understood: readonly string[];
  /** The thread that is looked at where the stop is of none. */
  readonly thread: Thread;
  readonly exitCode: (guest: number) => number;
}

export function stopReply(stop: Stop, { threads, understood, thread, exitCode }: Told): string {
  if (stop.kind === 'ended') {
    const process = threads.multiprocess ? `;process:${threads.processOf(stop)}` : '';
    return `W${(exitCode(stop.guest) & 0xff).toString(16).padStart(2, '0')}${process}`;
  }
  const of = `thread:${threads.idOf('thread' in stop ? stop.thread : thread)};`;
  switch (stop.kind) {
    case 'idle':
    case 'interrupt':
      return `T${SIGNAL.interrupt}${of}`;
    case 'breakpoint':
      return `T${SIGNAL.trap}${of}${understood.includes('swbreak+') ? 'swbreak:;' : ''}`;
    case 'history':
      return `T${SIGNAL.trap}${of}replaylog:begin;`;
    case 'watchpoint':
      return `T${SIGNAL.trap}${of}${WATCHED[stop.watchpoint.kind]}:${stop.watchpoint.address.toString(16)};`;
    default:
      return `T${SIGNAL.trap}${of}`;
  }
}

/** What is said of a stop that the protocol has no word for. */
export function noteOf(stop: Stop): string | undefined {
  switch (stop.kind) {
    case 'trap':
      return `trap: ${causeName(stop.cause)}`;
    case 'exit':
      return `exit to the monitor: ${stop.reason}`;
    case 'idle':
      return 'every hart waits, for what can never come';
    default:
      return undefined;
  }
}
