// Where a guest spends its steps, for --profile: who is where after every so many of its own. What runs a hart is asked
// for no more than is left until the next sample, so samples are exact and the run is the same as without them.
// Written as folded stacks, or as speedscope's format (https://www.speedscope.app/file-format-schema.json).
// Left out: chains of callers, since following frame pointers would read the guest's memory.

import type { PrivilegedState } from '../../isa/state.ts';
import type { Runs } from './log.ts';
import type { SymbolTable } from './symbols.ts';

/** Steps from one sample to the next: a prime near 10,000, so that no loop keeps step with it. */
export const SAMPLE_STEPS = 10_007;

/** What a guest is looked at through. */
interface Sampled {
  readonly states: readonly PrivilegedState[];
  readonly board: { readonly clock: { readonly now: number } };
}

const MODES = ['U', 'S', '?', 'M'];
const MACHINE = 3;
const PAGE_SHIFT = 12n;

/** The samples of one guest. */
class Samples {
  readonly name: string;
  private readonly symbols: SymbolTable;
  /** Frames of each distinct stack, outermost first, and its number. */
  readonly stacks: (readonly string[])[] = [];
  private readonly numbers = new Map<string, number>();
  /** In the order of time: a stack's number, and how many samples in a row had it. */
  readonly sequence: number[] = [];
  readonly lengths: number[] = [];

  constructor(name: string, symbols: SymbolTable) {
    this.name = name;
    this.symbols = symbols;
  }

  take(state: PrivilegedState, hart: string): void {
    const number = this.numberOf([this.name, ...(hart === '' ? [] : [hart]), place(state), this.symbol(state.pc)]);
    const last = this.sequence.length - 1;
    if (this.sequence[last] === number) this.lengths[last] = (this.lengths[last] as number) + 1;
    else {
      this.sequence.push(number);
      this.lengths.push(1);
    }
  }
  private numberOf(frames: readonly string[]): number {
    const key = folded(frames);
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.stacks.length);
    return this.stacks.push(frames) - 1;
  }

  /** The symbol that an address belongs to, or its page where none is near. */
  private symbol(address: bigint): string {
    return this.symbols.nearest(address)?.name ?? `page 0x${((address >> PAGE_SHIFT) << PAGE_SHIFT).toString(16)}`;
  }
}

/** The mode that a hart is in, and, where addresses are translated, the page-table root that tells spaces apart. */
function place({ privilege, satp }: PrivilegedState): string {
  const mode = MODES[privilege] as string;
  if (privilege === MACHINE || satp.MODE === 0n) return mode;
  return `${mode} under root 0x${(satp.PPN << PAGE_SHIFT).toString(16)}`;
}

/** A stack as one word of a line: what separates its frames is in none of them. */
const folded = (frames: readonly string[]) => frames.map((frame) => frame.replaceAll(/[;\n]/g, '_')).join(';');

export class Profile {
  private readonly guests: Samples[] = [];

  /** Wraps what runs a guest so that it is sampled. */
  wrap<Report>(
    inner: Runs<Report>,
    sampled: () => Sampled,
    { name, symbols }: { readonly name: string; readonly symbols: SymbolTable },
  ): Runs<Report> {
    const samples = new Samples(name, symbols);
    this.guests.push(samples);
    return new Sampler(inner, sampled, samples);
  }

  /** A line a stack: its frames, and how many samples had it; the most frequent first. */
  folded(): string {
    const lines = this.guests.flatMap(({ stacks, sequence, lengths }) => {
      const counts = stacks.map(() => 0);
      for (const [index, stack] of sequence.entries()) counts[stack] = (counts[stack] ?? 0) + (lengths[index] ?? 0);
      return stacks.map((frames, index) => ({ stack: folded(frames), count: counts[index] as number }));
    });
    lines.sort((a, b) => b.count - a.count || (a.stack < b.stack ? -1 : 1));
    return lines.map(({ stack, count }) => `${stack} ${count}\n`).join('');
  }

  /** A document of speedscope: a profile a guest, its samples in the order of time, weighed in steps. */
  speedscope(): string {
    const frames: { readonly name: string }[] = [];
    const numbers = new Map<string, number>();
    const numberOf = (name: string) => {
      const known = numbers.get(name) ?? frames.push({ name }) - 1;
      numbers.set(name, known);
      return known;
    };
    const profiles = this.guests.map(({ name, stacks, sequence, lengths }) => {
      const numbered = stacks.map((stack) => stack.map(numberOf));
      const weights = lengths.map((length) => length * SAMPLE_STEPS);
      const endValue = weights.reduce((sum, weight) => sum + weight, 0);
      const samples = sequence.map((stack) => numbered[stack]);
      return { type: 'sampled', name, unit: 'none', startValue: 0, endValue, samples, weights };
    });
    const document = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      shared: { frames },
      profiles,
      name: 'guest steps',
      exporter: 'trapeze',
    };
    return `${JSON.stringify(document)}\n`;
  }
}

/**
 * Runs up to each sample, and takes it. What lies behind it is another run: when the next event is due may have changed
 * without having mattered to this one.
 */
class Sampler<Report> implements Runs<Report> {
  private readonly inner: Runs<Report>;
  private readonly sampled: () => Sampled;
  private readonly samples: Samples;
  /** Steps until the next sample. */
  private left = SAMPLE_STEPS;

  constructor(inner: Runs<Report>, sampled: () => Sampled, samples: Samples) {
    this.inner = inner;
    this.sampled = sampled;
    this.samples = samples;
  }

  run(hart: number, maxSteps: number): Report | 'budget' {
    const { states, board } = this.sampled();
    const before = board.clock.now;
    const report = this.inner.run(hart, Math.min(maxSteps, this.left));
    this.left -= board.clock.now - before;
    if (this.left === 0) {
      this.left = SAMPLE_STEPS;
      this.samples.take(states[hart] as PrivilegedState, states.length > 1 ? `hart ${hart}` : '');
    }
    return report;
  }
}
