// What is being measured, on a terminal only: one line that is overwritten.

const CLEAR = '\r\x1b[K';

/** @param text nothing to take the line away. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${CLEAR}${text}`);
}
