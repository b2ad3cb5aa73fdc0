// `.if` and its family: which statements count. A block that is skipped is read for nested blocks and for nothing else.

import type { Span } from './source.ts';

interface Block {
  readonly opened: Span;
  /** Statements in the current arm count. */
  active: boolean;
  /** An arm was taken, or the whole block is skipped: no later arm counts. */
  done: boolean;
  otherwise: boolean;
}

const MOST_BLOCKS = 1000;

export class Conditionals {
  readonly #blocks: Block[] = [];

  get depth(): number {
    return this.#blocks.length;
  }

  get skipping(): boolean {
    return this.#blocks.some((block) => !block.active);
  }

  /** Whether there was room. `holds` is not asked for inside a skipped block. */
  open(opened: Span, holds: () => boolean): boolean {
    if (this.#blocks.length >= MOST_BLOCKS) return false;
    const skipped = this.skipping;
    const active = !skipped && holds();
    this.#blocks.push({ opened, active, done: active || skipped, otherwise: false });
    return true;
  }

  /** `.elseif`, or `.else` where `holds` is missing. What is wrong, if anything. */
  next(holds?: () => boolean): string | undefined {
    const block = this.#blocks[this.#blocks.length - 1];
    if (block === undefined) return 'without an .if before it';
    if (block.otherwise) return 'after the .else of the same .if';
    block.otherwise = holds === undefined;
    block.active = false;
    if (!block.done) block.active = holds === undefined || holds();
    block.done ||= block.active;
    return undefined;
  }

  /** `.endif`. What is wrong, if anything. */
  close(): string | undefined {
    return this.#blocks.pop() === undefined ? 'without an .if before it' : undefined;
  }

  /** Closes what was opened beyond a depth; the places where. */
  unwind(depth: number): Span[] {
    return this.#blocks.splice(depth).map((block) => block.opened);
  }
}
