// What a comparison of whole processes comes to. Each workload runs at two lengths, so that the difference of the two
// times is passes alone: process start, boot, translation and set-up fall out. Ratios are taken round by round, between
// runs that were neighbours in time, and then the median of them.
// Left out: how processes are started and timed, which is Node's and lives in bench/peers/.

import { geometricMean, type Spread, spreadOf } from './statistics.ts';

export interface Contender {
  readonly name: string;
  /** The command line, with {elf} where the ELF goes. */
  readonly command: string;
  readonly version: string;
}

/** What QEMU is called, whose times the others are divided into. */
export const YARDSTICK = 'qemu';

export const GROUPS = [
  'kernels, paging',
  'kernels, bare M',
  'C, paging',
  'C, bare M',
  'operating system',
  'operations',
  'ELF',
] as const;
export type Group = (typeof GROUPS)[number];

/** Nanoseconds of whole processes, a value a round; `small` is missing where there is one length only. */
export interface Times {
  readonly small?: readonly number[];
  readonly large: readonly number[];
  /** A length of its own for who is so fast that the passes of the others' drown in the noise of its start. */
  readonly far?: { readonly passes: number; readonly nanoseconds: readonly number[] };
}

export interface Row {
  readonly name: string;
  readonly group: Group;
  readonly title: string;
  /** Passes of the two lengths; missing where the guest has none, as any ELF. */
  readonly passes?: { readonly small: number; readonly large: number };
  /** Steps that a pass takes, where they are the same on every machine. */
  readonly stepsPerPass?: number;
  /** What else a pass is counted in: calls, faults. */
  readonly operationsPerPass?: number;
  /** By contender. A failure says what went wrong, and there are no times then. */
  readonly results: Readonly<Record<string, { readonly times: Times } | { readonly failure: string }>>;
}

export interface PeersReport {
  readonly schema: 'trapeze/peers/1';
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
  readonly rows: readonly Row[];
}

/** What a contender's times in a row mean. */
export interface Result {
  readonly whole: Spread;
  /** Nanoseconds a pass, or an operation of one, start-up left out; of the whole run where it has one length. */
  readonly net: Spread;
  /** How many times as fast as the yardstick: net, and the longer process as a whole. */
  readonly speed?: { readonly net: Spread; readonly whole: Spread };
}

export function timesOf(row: Row, contender: string): Times | undefined {
  const result = row.results[contender];
  return result && 'times' in result ? result.times : undefined;
}

export function resultOf(row: Row, contender: string): Result | undefined {
  const times = timesOf(row, contender);
  if (times === undefined) return undefined;
  const net = netOf(row, times);
  const result = { whole: spreadOf(times.large), net: spreadOf(net) };
  const yardstick = timesOf(row, YARDSTICK);
  if (yardstick === undefined) return result;
  const speed = {
    net: spreadOf(ratios(netOf(row, yardstick), net)),
    whole: spreadOf(ratios(yardstick.large, times.large)),
  };
  return { ...result, speed };
}

/** Nanoseconds a pass, or an operation of one, round by round. */
function netOf({ passes, operationsPerPass = 1 }: Row, { small, large, far }: Times): readonly number[] {
  if (small === undefined) return large;
  const longer = far?.nanoseconds ?? large;
  const difference = passes === undefined ? 1 : (far?.passes ?? passes.large) - passes.small;
  return longer.map((time, round) => (time - (small[round] ?? Number.NaN)) / (difference * operationsPerPass));
}

const ratios = (times: readonly number[], others: readonly number[]) =>
  times.flatMap((time, round) => (others[round] === undefined ? [] : [time / others[round]]));

/** The geometric mean of a contender's speeds in a group, over the rows in which it and the yardstick both ended well. */
export function meanSpeed(rows: readonly Row[], contender: string, which: 'net' | 'whole'): number {
  const speeds = rows.flatMap((row) => resultOf(row, contender)?.speed?.[which].median ?? []);
  return speeds.length === 0 ? Number.NaN : geometricMean(speeds);
}
