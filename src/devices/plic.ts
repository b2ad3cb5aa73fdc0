// The platform-level interrupt controller: gateways that turn levels and edges into requests, and for each context (a
// hart in one mode) enables, a threshold, claim and completion, as in the RISC-V PLIC specification.
// Left out: counting the edges that come while an interrupt is being handled; they make one request.

import type { Device, RegisterView, Width } from './device.ts';

/** Where each array starts, and the bytes of one context in it. */
const AREA = { priority: 0x0, pending: 0x1000, enable: 0x2000, context: 0x20_0000 } as const;
const STRIDE = { enable: 0x80, context: 0x1000 } as const;
/** Registers of a context. */
const CONTEXT = { threshold: 0x0, claim: 0x4 } as const;
/** The window of QEMU's virt board. */
const WINDOW_BYTES = 0x60_0000;
const WORD_BYTES = 4;
const WORD_BITS = 32;
/** Priorities are 0, never, to this; it is also the mask of what a write keeps. */
const MAX_PRIORITY = 7;
const NO_INTERRUPT = 0;

export interface PlicHands {
  /** Sources are numbered from 1 to this. */
  readonly sources: number;
  /** Those that ask anew only where their wire rises: the others do as long as it is high. */
  readonly edges?: readonly number[];
  readonly contexts: number;
  readonly output: (context: number, level: boolean) => void;
}

interface Context {
  readonly enabled: Uint32Array;
  threshold: number;
  /** What its wire was last driven to. */
  level: boolean;
}

/** What the gateway of a source knows. */
interface Source {
  readonly number: number;
  priority: number;
  level: boolean;
  pending: boolean;
  /** Claimed and not yet completed: the gateway holds back the next request. */
  claimed: boolean;
  readonly isEdge: boolean;
}

export class Plic implements Device {
  readonly name = 'plic';
  readonly size = WINDOW_BYTES;
  private readonly output: PlicHands['output'];
  /** By number; number 0 is no interrupt, and stays as it is. */
  private readonly sources: readonly Source[];
  /** Numbers of those that are pending, in ascending order: mostly none, so that many contexts are soon looked at. */
  private pending: readonly number[] = [];
  private readonly contexts: readonly Context[];

  constructor({ sources, edges = [], contexts, output }: PlicHands) {
    this.output = output;
    this.sources = Array.from({ length: sources + 1 }, (_, number) => ({
      number,
      priority: 0,
      level: false,
      pending: false,
      claimed: false,
      isEdge: edges.includes(number),
    }));
    this.contexts = Array.from({ length: contexts }, () => ({
      enabled: new Uint32Array(Math.ceil((sources + 1) / WORD_BITS)),
      threshold: 0,
      level: false,
    }));
  }

  /** Drives the wire from a device. */
  setSource(number: number, level: boolean): void {
    const source = this.source(number);
    if (source === undefined || source.level === level) return;
    source.level = level;
    this.request(source);
    this.drive();
  }

  accepts(_offset: number, width: Width): boolean {
    return width === WORD_BYTES;
  }

  read(offset: number): bigint {
    return BigInt(this.readWord(offset));
  }
  write(offset: number, _width: Width, value: bigint): void {
    this.writeWord(offset, WORD_BYTES, Number(BigInt.asUintN(WORD_BITS, value)));
  }

  readWord(offset: number): number {
    if (offset < AREA.pending) return this.source(offset / WORD_BYTES)?.priority ?? 0;
    if (offset < AREA.enable) return this.pendingWord((offset - AREA.pending) / WORD_BYTES);
    if (offset < AREA.context) {
      const { context, word } = this.enableWord(offset);
      return context?.enabled[word] ?? 0;
    }
    const context = this.contexts[Math.floor((offset - AREA.context) / STRIDE.context)];
    if (context === undefined) return 0;
    switch ((offset - AREA.context) % STRIDE.context) {
      case CONTEXT.threshold:
        return context.threshold;
      case CONTEXT.claim:
        return this.claim(context);
      default:
        return 0;
    }
  }

  /** A claim register shows what a read would claim. */
  registers(): readonly RegisterView[] {
    const view = (name: string, offset: number, value: number): RegisterView => ({
      name,
      offset,
      width: WORD_BYTES,
      value: BigInt(value >>> 0),
    });
    const words = [...(this.contexts[0]?.enabled.keys() ?? [])];
    const priorities = this.sources.filter(({ number }) => number !== NO_INTERRUPT);
    return [
      ...priorities.map(({ number, priority }) => view(`priority[${number}]`, number * WORD_BYTES, priority)),
      ...words.map((word) => view(`pending[${word}]`, AREA.pending + word * WORD_BYTES, this.pendingWord(word))),
      ...this.contexts.flatMap(({ enabled }, number) =>
        words.map((word) => {
          const at = AREA.enable + number * STRIDE.enable + word * WORD_BYTES;
          return view(`enable[${number}][${word}]`, at, enabled[word] ?? 0);
        }),
      ),
      ...this.contexts.flatMap((context, number) => {
        const at = AREA.context + number * STRIDE.context;
        return [
          view(`threshold[${number}]`, at + CONTEXT.threshold, context.threshold),
          view(`claim[${number}]`, at + CONTEXT.claim, this.best(context, 0)),
        ];
      }),
    ];
  }

  writeWord(offset: number, _width: number, word: number): void {
    if (offset < AREA.pending) this.setPriority(offset / WORD_BYTES, word & MAX_PRIORITY);
    else if (offset < AREA.enable)
      return; // pending bits are read-only
    else if (offset < AREA.context) this.setEnabled(offset, word);
    else this.writeContext(offset - AREA.context, word);
    this.drive();
  }

  private source(number: number): Source | undefined {
    return number === NO_INTERRUPT ? undefined : this.sources[number];
  }
  private setPriority(number: number, priority: number): void {
    const source = this.source(number);
    if (source !== undefined) source.priority = priority;
  }
  private enableWord(offset: number): { context: Context | undefined; word: number } {
    const within = offset - AREA.enable;
    const context = this.contexts[Math.floor(within / STRIDE.enable)];
    return { context, word: (within % STRIDE.enable) / WORD_BYTES };
  }
  private setEnabled(offset: number, bits: number): void {
    const { context, word } = this.enableWord(offset);
    // Bits of sources that do not exist stay zero; a word past the last is no element of the array.
    if (context !== undefined) context.enabled[word] = bits & this.bitsOfWord(word, () => true);
  }
  private pendingWord(word: number): number {
    return this.bitsOfWord(word, (source) => source.pending) >>> 0;
  }
  private bitsOfWord(word: number, of: (source: Source) => boolean): number {
    let bits = 0;
    for (let bit = 0; bit < WORD_BITS; bit++) {
      const source = this.source(word * WORD_BITS + bit);
      if (source !== undefined && of(source)) bits |= 1 << bit;
    }
    return bits;
  }
  private writeContext(offset: number, word: number): void {
    const context = this.contexts[Math.floor(offset / STRIDE.context)];
    if (context === undefined) return;
    if (offset % STRIDE.context === CONTEXT.threshold) context.threshold = word & MAX_PRIORITY;
    if (offset % STRIDE.context === CONTEXT.claim) this.complete(context, word);
  }

  /** A gateway forwards one request at a time; withdrawing the level does not withdraw the request. */
  private request(source: Source): void {
    if (source.level && (source.isEdge || !source.claimed)) this.setPending(source, true);
  }
  private setPending(source: Source, isPending: boolean): void {
    if (source.pending === isPending) return;
    source.pending = isPending;
    this.pending = this.sources.filter(({ pending }) => pending).map(({ number }) => number);
  }
  /** The most urgent pending interrupt that a context enables, whatever its threshold; the lowest number of several. */
  private claim(context: Context): number {
    const number = this.best(context, 0);
    const source = this.source(number);
    if (source !== undefined) {
      this.setPending(source, false);
      source.claimed = true;
      this.drive();
    }
    return number;
  }
  /** A completion of what this context does not enable is ignored. */
  private complete(context: Context, number: number): void {
    const source = this.source(number);
    if (source === undefined || !isEnabled(context, number)) return;
    source.claimed = false;
    if (!source.isEdge) this.request(source);
  }
  private best(context: Context, threshold: number): number {
    let best = NO_INTERRUPT;
    let priority = threshold;
    for (const number of this.pending) {
      const source = this.source(number);
      if (source === undefined || source.claimed || source.priority <= priority) continue;
      if (!isEnabled(context, number)) continue;
      best = number;
      priority = source.priority;
    }
    return best;
  }
  private drive(): void {
    for (const [number, context] of this.contexts.entries()) {
      const level = this.best(context, context.threshold) !== NO_INTERRUPT;
      if (level === context.level) continue;
      context.level = level;
      this.output(number, level);
    }
  }
}

function isEnabled({ enabled }: Context, number: number): boolean {
  return (((enabled[Math.floor(number / WORD_BITS)] ?? 0) >>> (number % WORD_BITS)) & 1) === 1;
}
