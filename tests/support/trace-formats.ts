// Readers of what traces are written in, strict as a viewer's: Chrome's trace events, whose slices must nest on each thread
// in the order of time, and value change dumps, whose changes are of declared variables, in the order of time.

import { expect } from 'vitest';

export interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}
/** A slice of a thread: what it is in, and when, in microseconds. */
export interface Slice {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly start: number;
  readonly depth: number;
  end: number;
}

const PHASES = ['M', 'B', 'E', 'X', 'C', 'i'];
/** Times are multiples of a nanosecond, not quite in floating point. */
const close = (one: number, other: number) => Math.abs(one - other) < 1e-6;

/** Reads a document of trace events. @returns its slices in the order in which they began, per thread. */
export function readTraceEvents(text: string): { readonly events: readonly TraceEvent[]; readonly slices: Slice[] } {
  const events = JSON.parse(text) as TraceEvent[];
  const slices: Slice[] = [];
  const open = new Map<string, Slice[]>();
  const last = new Map<string, number>();
  for (const event of events) {
    expect(PHASES).toContain(event.ph);
    expect(event.pid).toEqual(expect.any(Number));
    if (event.ph === 'M') continue;
    expect(event.ts, JSON.stringify(event)).toBeGreaterThanOrEqual(0);
    if (event.ph === 'C') for (const value of Object.values(event.args)) expect(value).toEqual(expect.any(Number));
    if (!'BEX'.includes(event.ph)) continue;
    const track = `${event.pid}.${event.tid}`;
    expect(event.ts, JSON.stringify(event)).toBeGreaterThanOrEqual((last.get(track) ?? 0) - 1e-6);
    last.set(track, event.ts);
    const stack = open.get(track) ?? [];
    open.set(track, stack);
    if (event.ph === 'E') {
      const begun = stack.pop();
      expect(begun, 'an end has a begin').toBeDefined();
      if (begun !== undefined) begun.end = event.ts;
      continue;
    }
    const { name, pid, tid, ts: start } = event;
    const slice = { name, pid, tid, start, depth: stack.length, end: start + (event.dur ?? 0) };
    slices.push(slice);
    if (event.ph === 'B') stack.push(slice);
  }
  for (const stack of open.values()) expect(stack, 'a begin has an end').toEqual([]);
  for (const track of open.keys()) expectNested(slices.filter(({ pid, tid }) => `${pid}.${tid}` === track));
  return { events, slices };
}

/** Each slice is over before the next of its depth begins, and within the one that it is in. */
function expectNested(slices: readonly Slice[]): void {
  const around: Slice[] = [];
  for (const slice of slices) {
    const before = around[slice.depth];
    if (before !== undefined) expect(before.end <= slice.start || close(before.end, slice.start)).toBe(true);
    const outer = around[slice.depth - 1];
    if (outer !== undefined) expect(slice.end <= outer.end || close(slice.end, outer.end)).toBe(true);
    around[slice.depth] = slice;
    around.length = slice.depth + 1;
  }
}

export interface Change {
  readonly time: number;
  /** The scopes and the name of the variable. */
  readonly variable: string;
  readonly value: string;
}

/** Reads a value change dump. @returns its changes, in the order of time. */
export function readChanges(text: string): Change[] {
  const [header = '', body = ''] = text.split('$enddefinitions $end\n');
  const scopes: string[] = [];
  const variables = new Map<string, { name: string; width: number }>();
  for (const [, keyword, rest = ''] of header.matchAll(/\$(\w+)((?:\s+(?!\$end)\S+)*)\s+\$end/g)) {
    const words = rest.trim().split(/\s+/);
    if (keyword === 'scope') scopes.push(words[1] as string);
    if (keyword === 'upscope') scopes.pop();
    if (keyword !== 'var') continue;
    const [, width, code, name] = words as [string, string, string, string];
    variables.set(code, { name: [...scopes, name].join('.'), width: Number(width) });
  }
  expect(scopes).toEqual([]);
  const changes: Change[] = [];
  let time = 0;
  for (const line of body.split('\n')) {
    if (line === '' || line.startsWith('$')) continue;
    if (line[0] === '#') {
      expect(Number(line.slice(1))).toBeGreaterThanOrEqual(time);
      time = Number(line.slice(1));
      continue;
    }
    const [, value = '', code = ''] = /^(?:b([01xz]+) |([01xz]))?(.*)$/.exec(line)?.slice(0, 4).filter(Boolean) ?? [];
    const variable = variables.get(code);
    expect(variable, `${line} is of a declared variable`).toBeDefined();
    expect(value.length).toBeLessThanOrEqual(variable?.width ?? 0);
    changes.push({ time, variable: variable?.name ?? '', value });
  }
  return changes;
}
