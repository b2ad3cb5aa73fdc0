// A file that is written while a run goes on, a piece at a time, and has an end: what there is no room for is left out, and
// the last thing in it says so. Room for that, and for what closes a document, is held back from the start.
// Left out: what is in a line or an event; whoever writes them knows.

import type { BoundedText } from '../debug/bounded-text.ts';
import { openOutput } from './output.ts';

const PIECE = 64 * 1024;

export interface BoundedFileOptions {
  /** The option that names the file. */
  readonly option: string;
  readonly file: string;
  /** Bytes of it, at most. */
  readonly most: number;
  /** Bytes of these that are kept for `last`. */
  readonly reserve: number;
}

export class BoundedFile implements BoundedText {
  isFull = false;
  private readonly output: ReturnType<typeof openOutput>;
  private left: number;
  private piece = '';

  constructor({ option, file, most, reserve }: BoundedFileOptions) {
    this.output = openOutput(option, file);
    this.left = most - reserve;
  }

  write(text: string): boolean {
    if (this.isFull) return false;
    this.left -= Buffer.byteLength(text);
    if (this.left < 0) this.isFull = true;
    else this.add(text);
    return !this.isFull;
  }
  last(text: string): void {
    this.add(text);
  }
  close(): void {
    this.flush();
    this.output.close();
  }

  private add(text: string): void {
    this.piece += text;
    if (this.piece.length >= PIECE) this.flush();
  }
  private flush(): void {
    this.output.write(this.piece);
    this.piece = '';
  }
}
