// Progress of long work on a terminal: one line on standard error that is overwritten, never in a pipe.

const CLEAR = '\r\x1b[K';
/** Milliseconds between two lines. */
const PERIOD = 200;

export class Progress {
  private readonly limit: number | undefined;
  private shown = 0;

  constructor(limit: number | undefined) {
    this.limit = limit;
  }

  show(steps: number): void {
    const now = performance.now();
    if (!process.stderr.isTTY || now - this.shown < PERIOD) return;
    this.shown = now;
    const of = this.limit === undefined ? '' : ` of at most ${(this.limit / 1e6).toFixed(0)} million`;
    process.stderr.write(`${CLEAR}${(steps / 1e6).toFixed(1)} million steps${of}`);
  }
  clear(): void {
    if (this.shown > 0) process.stderr.write(CLEAR);
    this.shown = 0;
  }
}
