// The guests' consoles on one terminal or pipe. One guest's bytes pass through as they are. Of several guests each
// line carries its guest's name, and a line that another guest interrupts is ended first, so that none is lost.

/** Where a guest's output goes, and what is remembered of it. */
export interface GuestConsole {
  output(byte: number): void;
  /** All that was written, each byte a character of latin-1. */
  text(): string;
  /** Called when the output, over all its length, has come to contain the text that `--until` names. */
  onMatch: () => void;
}

export interface ConsolesOptions {
  readonly names: readonly string[];
  /** Bytes for the terminal; undefined where nothing is shown (--json). */
  readonly write: ((bytes: Uint8Array) => void) | undefined;
  readonly until: string | undefined;
  /** Whether all output is remembered; without it, only as much as `until` needs, whatever a guest prints. */
  readonly keep: boolean;
}

const NEWLINE = 10;
const RETURN = 13;
/** Bytes gathered before they are written where no line ends. */
const FLUSH_AT = 4096;
/** Bytes kept at most where output is not remembered. */
const FORGET_AT = 65_536;

export class Consoles {
  readonly guests: readonly GuestConsole[];
  private readonly write: ((bytes: Uint8Array) => void) | undefined;
  private readonly prefixes: readonly Uint8Array[];
  private pending: number[] = [];
  /** The guest whose line is unfinished on the screen. */
  private unfinished: number | undefined;

  constructor({ names, write, until, keep }: ConsolesOptions) {
    this.write = write;
    const width = Math.max(...names.map((name) => name.length));
    const encoder = new TextEncoder();
    this.prefixes = names.length > 1 ? names.map((name) => encoder.encode(`${name.padEnd(width)} | `)) : [];
    this.guests = names.map((_, index) => this.guest(index, until, keep));
  }

  private guest(index: number, until: string | undefined, keep: boolean): GuestConsole {
    const bytes: number[] = [];
    const wanted = until === undefined ? undefined : [...new TextEncoder().encode(until)];
    const guest: GuestConsole = {
      onMatch: () => {},
      text: () => latin1(bytes),
      output: (byte) => {
        bytes.push(byte);
        if (!keep && bytes.length > FORGET_AT) bytes.splice(0, bytes.length - (wanted?.length ?? 0));
        if (this.write !== undefined) this.show(index, byte);
        if (wanted !== undefined && endsWith(bytes, wanted)) guest.onMatch();
      },
    };
    return guest;
  }

  private show(index: number, byte: number): void {
    const prefix = this.prefixes[index];
    if (prefix !== undefined) {
      if (this.unfinished !== undefined && this.unfinished !== index) this.pending.push(NEWLINE);
      // A carriage return is the terminal's business: with names before the lines, only their ends matter.
      if (byte === RETURN) return;
      if (this.unfinished !== index) this.pending.push(...prefix);
      this.unfinished = byte === NEWLINE ? undefined : index;
    }
    this.pending.push(byte);
    if (this.pending.length >= FLUSH_AT) this.flush();
  }

  /** Writes what has gathered. */
  flush(): void {
    if (this.pending.length === 0) return;
    this.write?.(Uint8Array.from(this.pending));
    this.pending = [];
  }
  /** Ends the line that is unfinished, where names stand before lines. */
  finish(): void {
    if (this.unfinished !== undefined && this.prefixes.length > 0) this.pending.push(NEWLINE);
    this.unfinished = undefined;
    this.flush();
  }
}

function endsWith(bytes: readonly number[], wanted: readonly number[]): boolean {
  const from = bytes.length - wanted.length;
  return from >= 0 && wanted.every((byte, i) => bytes[from + i] === byte);
}

const CHUNK = 4096;
function latin1(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.slice(at, at + CHUNK));
  return text;
}

/** Names for guests, made different where they are not: hello, hello-2. */
export function distinctNames(names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  });
}
