// Trap costs as an SVG: a row an operation, on a logarithmic axis of nanoseconds; a ring where it is bare, a disc where
// it is virtual, and a diamond for each published figure of what comes nearest.

import type { TrapRow } from './measure.ts';
import { PUBLISHED } from './published.ts';

const WIDTH = 860;
const LEFT = 150;
const RIGHT = 30;
const TOP = 74;
const ROW = 26;
const FOOT = 40;
const RADIUS = 5;
/** Decades of the axis, as powers of ten of nanoseconds. */
const DECADES = [-1, 0, 1, 2, 3, 4, 5] as const;
const COLOUR = { bare: '#64748b', virtual: '#c2410c', published: '#0e7490', grid: '#e2e8f0', text: '#1e293b' } as const;

const FIRST = DECADES[0];
const LAST = DECADES.at(-1) as number;
const position = (nanoseconds: number) => {
  const decade = Math.min(LAST, Math.max(FIRST, Math.log10(Math.max(nanoseconds, 1e-9))));
  return LEFT + ((decade - FIRST) / (LAST - FIRST)) * (WIDTH - LEFT - RIGHT);
};
const unit = (decade: number) => (decade >= 3 ? `${10 ** (decade - 3)} µs` : `${10 ** decade} ns`);
const at = (value: number) => value.toFixed(1);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const words = (x: number, y: number, text: string, more = '') =>
  `<text x="${at(x)}" y="${at(y)}" fill="${COLOUR.text}" ${more}>${escaped(text)}</text>`;
const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, width = 1) =>
  `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" stroke="${stroke}" stroke-width="${width}"/>`;
const mark = {
  bare: (x: number, y: number) =>
    `<circle cx="${at(x)}" cy="${at(y)}" r="${RADIUS}" fill="#ffffff" stroke="${COLOUR.bare}" stroke-width="2"/>`,
  virtual: (x: number, y: number) => `<circle cx="${at(x)}" cy="${at(y)}" r="${RADIUS}" fill="${COLOUR.virtual}"/>`,
  published: (x: number, y: number, title = '') =>
    `<path d="M${at(x)} ${at(y - RADIUS)}l${RADIUS} ${RADIUS}l-${RADIUS} ${RADIUS}l-${RADIUS} -${RADIUS}z" fill="${COLOUR.published}" fill-opacity="0.75"><title>${escaped(title)}</title></path>`,
};

/** @param caption the machine and the date. */
export function trapsChart(rows: readonly TrapRow[], caption: string): string {
  const height = TOP + rows.length * ROW + FOOT;
  const bottom = height - FOOT;
  const parts = [
    words(0, 16, 'What a trap costs: nanoseconds an operation', 'font-weight="bold"'),
    words(0, 34, caption),
  ];
  const legend = [
    ['bare', 'on the bare machine'],
    ['virtual', 'in a virtual machine'],
    ['published', 'other monitors, as published'],
  ] as const;
  for (const [index, [kind, text]] of legend.entries()) {
    const x = LEFT + index * 210;
    parts.push(mark[kind](x, 54), words(x + 12, 58, text));
  }
  for (const decade of DECADES) {
    const x = position(10 ** decade);
    parts.push(line(x, TOP - 4, x, bottom, COLOUR.grid), words(x, bottom + 18, unit(decade), 'text-anchor="middle"'));
  }
  for (const [index, { kind, bare, virtual }] of rows.entries()) {
    const y = TOP + (index + 0.5) * ROW;
    const ends = [position(bare.nanoseconds.median), position(virtual.nanoseconds.median)] as const;
    parts.push(words(0, y + 4, kind.name), line(ends[0], y, ends[1], y, COLOUR.virtual, 2));
    for (const { kind: name, monitor, operation, nanoseconds } of PUBLISHED) {
      if (name !== kind.name) continue;
      parts.push(mark.published(position(nanoseconds), y, `${monitor}: ${operation}, ${nanoseconds.toFixed(0)} ns`));
    }
    parts.push(mark.bare(ends[0], y), mark.virtual(ends[1], y));
  }
  const box = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${box} font-family="system-ui, sans-serif" font-size="12">`,
    '<title>What a trap costs</title>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}
