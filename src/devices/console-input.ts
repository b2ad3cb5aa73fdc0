// What is typed on a console: bytes in order, given whole (a script) or pushed by the host while a guest runs.
// At the end of the input Ctrl-D is typed once. When a byte is offered to the guest is the UART's business; when a
// live byte arrived is logged by the board, so that a replay can type it at the same step.

/** Ctrl-D, which terminals and shells take for the end of input. */
export const END_OF_INPUT = 4;

export class ConsoleInput {
  /** Called after a byte arrived from the host; the end of input arrives as Ctrl-D. */
  onArrival: (byte: number) => void = () => {};
  private readonly queue: number[] = [];
  private next = 0;
  private ended = false;

  /** A console on which these bytes are typed, then Ctrl-D. */
  static script(bytes: Iterable<number>): ConsoleInput {
    const input = new ConsoleInput();
    for (const byte of bytes) input.queue.push(byte & 0xff);
    input.queue.push(END_OF_INPUT);
    input.ended = true;
    return input;
  }

  /** The next byte to type, which the caller now has; undefined while there is none. */
  take(): number | undefined {
    if (this.next === this.queue.length) return undefined;
    const byte = this.queue[this.next++];
    if (this.next === this.queue.length) {
      this.queue.length = 0;
      this.next = 0;
    }
    return byte;
  }
  /** Gives back the byte just taken: it will be typed again. */
  putBack(byte: number): void {
    if (this.next > 0) this.queue[--this.next] = byte;
    else this.queue.unshift(byte);
  }

  /** Whether a byte may still arrive from the host: a guest that waits for it is not idle for ever. */
  get open(): boolean {
    return !this.ended;
  }
  /** Types a byte now; ignored after the end. */
  push(byte: number): void {
    if (this.ended) return;
    this.queue.push(byte & 0xff);
    this.onArrival(byte & 0xff);
  }
  /** The host has no more to type. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.queue.push(END_OF_INPUT);
    this.onArrival(END_OF_INPUT);
  }
}
