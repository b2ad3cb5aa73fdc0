// A picture of a trace: `tsx bench/trace-picture.ts TRACE.json PICTURE.svg [FROM TO]`, in microseconds of the guests' time.
// For each thread of each process a band of what mode it is in, and under it how many exits there are, by the reason of
// most. Each column is the whole of the time that it stands for. Left out: what a viewer is for, such as names of places.

import { readFileSync, writeFileSync } from 'node:fs';

interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args?: Readonly<Record<string, unknown>>;
}
interface Slice {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}
interface Track {
  readonly title: string;
  readonly modes: Slice[];
  readonly exits: Slice[];
}

const COLUMNS = 400;
const COLUMN = 2;
const LEFT = 110;
const WIDTH = LEFT + COLUMNS * COLUMN + 36;
const BAND = 26;
const BARS = 44;
const TRACK = BAND + BARS + 18;
const TOP = 28;
const LINE = 18;
const TICKS = 5;
const MODES: Readonly<Record<string, string>> = {
  user: '#7fb069',
  kernel: '#4a7fb5',
  machine: '#a05195',
  idle: '#e6e6e6',
};
/** For reasons, in the order in which they come. */
const PALETTE = [
  '#d1495b',
  '#edae49',
  '#00798c',
  '#30638e',
  '#8d5a97',
  '#5b8e7d',
  '#bc6c25',
  '#606c38',
  '#003d5b',
  '#e07a5f',
];

function tracksOf(events: readonly Event[]): Track[] {
  const tracks = new Map<string, Track>();
  const open = new Map<string, Event>();
  const names = new Map<string, unknown>();
  for (const event of events) {
    const { name, ph, pid, tid, ts } = event;
    const key = `${pid}.${tid}`;
    if (ph === 'M') names.set(name === 'process_name' ? `${pid}` : key, event.args?.['name']);
    if (!'BEX'.includes(ph)) continue;
    const track = tracks.get(key) ?? { title: `${names.get(`${pid}`)}, ${names.get(key)}`, modes: [], exits: [] };
    tracks.set(key, track);
    const begun = open.get(key);
    if (ph === 'B') open.set(key, event);
    else if (ph === 'E') {
      open.delete(key);
      if (begun !== undefined) track.modes.push({ name: begun.name, start: begun.ts, end: ts });
    } else (begun === undefined ? track.modes : track.exits).push({ name, start: ts, end: ts + (event.dur ?? 0) });
  }
  return [...tracks.values()];
}

/** By column: how much of each name there is. */
function columnsOf(slices: readonly Slice[], from: number, to: number, weigh: 'time' | 'count'): Map<string, number>[] {
  const columns = Array.from({ length: COLUMNS }, () => new Map<string, number>());
  const width = (to - from) / COLUMNS;
  for (const { name, start, end } of slices) {
    const first = Math.max(0, Math.floor((start - from) / width));
    const last = Math.min(COLUMNS - 1, weigh === 'count' ? first : Math.floor((end - from) / width));
    for (let column = first; column <= last; column++) {
      const begin = from + column * width;
      const amount = weigh === 'count' ? 1 : Math.min(end, begin + width) - Math.max(start, begin);
      const counts = columns[column];
      counts?.set(name, (counts.get(name) ?? 0) + amount);
    }
  }
  return columns;
}
const most = (counts: ReadonlyMap<string, number>) => [...counts].toSorted((a, b) => b[1] - a[1])[0];

function picture(tracks: readonly Track[], from: number, to: number): string {
  const parts: string[] = [];
  const colours = new Map<string, string>();
  const colourOf = (reason: string) => {
    if (!colours.has(reason)) colours.set(reason, PALETTE[colours.size % PALETTE.length] as string);
    return colours.get(reason) as string;
  };
  const text = (x: number, y: number, words: string, anchor = 'start') =>
    parts.push(`<text x="${x}" y="${y}" text-anchor="${anchor}">${words}</text>`);
  const bottom = TOP + tracks.length * TRACK;
  for (let tick = 0; tick <= TICKS; tick++) {
    const x = LEFT + (tick / TICKS) * COLUMNS * COLUMN;
    parts.push(`<path d="M${x} ${TOP - 6}V${bottom}" stroke="#ccc"/>`);
    text(x, TOP - 10, `${Math.round(from + (tick / TICKS) * (to - from))} µs`, 'middle');
  }
  for (const [index, { title, modes, exits }] of tracks.entries()) {
    const top = TOP + index * TRACK;
    text(4, top + LINE, title);
    text(4, top + BAND + LINE, 'exits');
    band(columnsOf(modes, from, to, 'time'), top);
    const counts = columnsOf(
      exits.filter(({ start }) => start >= from && start < to),
      from,
      to,
      'count',
    );
    bars(counts, top + BAND + 2);
  }
  let x = LEFT;
  for (const [name, colour] of [...Object.entries(MODES), ...colours]) {
    const width = name.length * 7 + 26;
    if (x + width > WIDTH) break;
    parts.push(`<rect x="${x}" y="${bottom + 4}" width="10" height="10" fill="${colour}"/>`);
    text(x + 14, bottom + 13, name);
    x += width;
  }
  const size = `width="${WIDTH}" height="${bottom + 24}" viewBox="0 0 ${WIDTH} ${bottom + 24}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="12"><title>Modes and exits of each hart over time</title><rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;

  /** One rectangle for columns beside each other that are alike. */
  function band(columns: readonly ReadonlyMap<string, number>[], y: number): void {
    const names = columns.map((counts) => most(counts)?.[0]);
    for (let start = 0, end = 0; start < COLUMNS; start = end) {
      for (end = start; end < COLUMNS && names[end] === names[start]; ) end++;
      const fill = MODES[names[start] ?? ''];
      const [left, width] = [LEFT + start * COLUMN, (end - start) * COLUMN];
      if (fill !== undefined)
        parts.push(`<rect x="${left}" y="${y}" width="${width}" height="${BAND}" fill="${fill}"/>`);
    }
  }
  /** High by the logarithm of how many, in one path for each reason. */
  function bars(columns: readonly ReadonlyMap<string, number>[], y: number): void {
    const totals = columns.map((counts) => [...counts.values()].reduce((sum, count) => sum + count, 0));
    const highest = Math.log2(1 + Math.max(...totals, 1));
    const paths = new Map<string, string>();
    for (const [column, counts] of columns.entries()) {
      const reason = most(counts)?.[0];
      if (reason === undefined) continue;
      const height = Math.max(1, Math.round((Math.log2(1 + (totals[column] ?? 0)) / highest) * BARS));
      const line = `M${LEFT + column * COLUMN + 1} ${y + BARS}v${-height}`;
      paths.set(reason, (paths.get(reason) ?? '') + line);
    }
    for (const [reason, path] of paths)
      parts.push(`<path d="${path}" stroke="${colourOf(reason)}" stroke-width="${COLUMN}"/>`);
  }
}

const [trace, file, from, to] = process.argv.slice(2);
if (trace === undefined || file === undefined)
  throw new Error('tsx bench/trace-picture.ts TRACE.json PICTURE.svg [FROM TO]');
const tracks = tracksOf(JSON.parse(readFileSync(trace, 'utf8')) as Event[]);
const last = Math.max(...tracks.map(({ modes }) => modes.at(-1)?.end ?? 0));
writeFileSync(file, picture(tracks, Number(from ?? 0), Number(to ?? last)));
