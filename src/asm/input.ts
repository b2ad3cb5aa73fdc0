// What is read next: a stack of files, macro expansions and repetitions, of which the innermost gives statements until
// it is used up. Depth and the sum of all statements are bounded, so that every source comes to an end.

import type { Statement } from './source.ts';

export interface Frame {
  readonly kind: 'file' | 'macro' | 'repetition';
  /** The statements of the frame, or of each repetition in turn. */
  readonly bodies: Iterator<readonly Statement[]>;
  /** What was open when it began, to come back to with `.exitm`. */
  readonly conditionals: number;
}

interface OpenFrame extends Frame {
  statements: readonly Statement[];
  at: number;
}

const MOST_FRAMES = 100;
const MOST_STATEMENTS = 1_000_000;
/** A longer statement counts as several. */
const LONG = 256;

export class Input {
  readonly #frames: OpenFrame[] = [];
  #read = 0;
  /** Called at the end of a file, with what was open when it began. */
  readonly #onFileEnd: (conditionals: number) => void;

  constructor(onFileEnd: (conditionals: number) => void) {
    this.#onFileEnd = onFileEnd;
  }

  /** Whether there was room: nesting beyond the limit is without end, so nothing more is read. */
  push(frame: Frame): boolean {
    if (this.#frames.length >= MOST_FRAMES) {
      this.leaveAll();
      return false;
    }
    this.#frames.push({ ...frame, statements: [], at: 0 });
    return true;
  }

  /** The next statement; nothing at the end, or beyond the limit (see `exhausted`). */
  next(): Statement | undefined {
    for (;;) {
      const frame = this.#frames[this.#frames.length - 1];
      if (frame === undefined || this.exhausted) return undefined;
      const statement = frame.statements[frame.at];
      if (statement !== undefined) {
        frame.at += 1;
        this.#read += 1 + Math.floor(statement.text.length / LONG);
        return statement;
      }
      const body = frame.bodies.next();
      if (body.done) {
        this.#frames.pop();
        if (frame.kind === 'file') this.#onFileEnd(frame.conditionals);
      } else {
        frame.statements = body.value;
        frame.at = 0;
        this.#read += 1;
      }
    }
  }

  get exhausted(): boolean {
    return this.#read >= MOST_STATEMENTS;
  }

  /**
   * The statements up to the one that closes a block, which is read too. Undefined where the file ends before; the
   * rest of it is then read as if no block had begun, or left where `skip` is set.
   * @param nesting +1 for a statement that opens a block of this kind, -1 for one that closes it, else 0.
   */
  takeBlock(nesting: (statement: Statement) => number, skip: boolean): Statement[] | undefined {
    const frame = this.#frames[this.#frames.length - 1];
    if (frame === undefined) return undefined;
    let depth = 1;
    const start = frame.at;
    for (let at = start; at < frame.statements.length; at++) {
      depth += nesting(frame.statements[at] as Statement);
      if (depth > 0) continue;
      frame.at = at + 1;
      return frame.statements.slice(start, at);
    }
    if (skip) frame.at = frame.statements.length;
    return undefined;
  }

  /** Leaves the innermost macro, and the repetitions in it; undefined outside of any. */
  leaveMacro(): { conditionals: number } | undefined {
    if (!this.#frames.some((frame) => frame.kind === 'macro')) return undefined;
    for (;;) {
      const frame = this.#frames.pop();
      if (frame === undefined || frame.kind === 'macro') return frame;
    }
  }

  /** Nothing more is read: `.end`. */
  leaveAll(): void {
    this.#frames.length = 0;
  }
}

/** A frame with one body. */
export function once(kind: Frame['kind'], statements: readonly Statement[], conditionals: number): Frame {
  return { kind, bodies: [statements][Symbol.iterator](), conditionals };
}

export const TOO_DEEP = `more than ${MOST_FRAMES} files, macros and repetitions inside each other`;
export const TOO_LONG = `more than ${MOST_STATEMENTS} statements`;
