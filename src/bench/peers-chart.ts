// A comparison as an SVG: a bar for each contender in each workload, as long as its speed in multiples of QEMU's is
// large, with a whisker between the quartiles; QEMU is the line at 1.

import { GROUPS, meanSpeed, type PeersReport, type Row, resultOf, YARDSTICK } from './peers.ts';

const TITLE = `Speed in multiples of ${YARDSTICK}'s, start-up left out; longer is faster`;
const WIDTH = 860;
const LEFT = 150;
const RIGHT = 60;
const BAR = 11;
const GAP = 8;
const HEADING = 30;
const LINE = 16;
const FONT = 12;
const COLOURS = ['#3b6ea8', '#d08a2e', '#6a9a4b', '#9a5b9a', '#777777'];
/** The scale ends between these; a longer bar is cut off, and its number tells. */
const SCALE = { least: 2, most: 4 } as const;

interface Bar {
  readonly label: string;
  readonly speeds: readonly (readonly [contender: string, median: number, lower: number, upper: number])[];
}

export function peersChart(report: PeersReport): string {
  const names = report.contenders.map(({ name }) => name).filter((name) => name !== YARDSTICK);
  const groups = GROUPS.flatMap((group) => {
    const rows = report.rows.filter((row) => row.group === group);
    return rows.length === 0 ? [] : [{ group, bars: barsOf(rows, names) }];
  });
  const longest = groups.flatMap(({ bars }) => bars.flatMap(({ speeds }) => speeds.map(([, , , upper]) => upper)));
  const scale = Math.min(SCALE.most, Math.max(SCALE.least, ...longest.filter(Number.isFinite)));
  const x = (speed: number) => LEFT + (Math.min(speed, scale) / scale) * (WIDTH - LEFT - RIGHT);
  const parts: string[] = [];
  let y = LINE;
  for (const text of captions(report)) {
    parts.push(words(0, y, text, y === LINE ? 'bold' : 'normal'));
    y += LINE;
  }
  for (const [index, name] of names.entries()) {
    parts.push(rectangle(LEFT + index * LEFT, y - BAR, BAR, BAR, colour(index)));
    parts.push(words(LEFT + index * LEFT + BAR + GAP, y, name));
  }
  const top = y + GAP;
  y = top;
  for (const { group, bars } of groups) {
    y += HEADING;
    parts.push(words(0, y - GAP, group, 'bold'));
    for (const { label, speeds } of bars) {
      parts.push(words(0, y + BAR, label));
      for (const [contender, median, lower, upper] of speeds) {
        if (median > 0) {
          const middle = y + BAR / 2;
          parts.push(rectangle(LEFT, y, x(median) - LEFT, BAR, colour(names.indexOf(contender))));
          if (upper > lower) parts.push(line(x(lower), middle, x(upper), middle, '#222222'));
          parts.push(words(x(Math.max(median, upper)) + GAP / 2, y + BAR, median.toFixed(2)));
        }
        y += BAR + 1;
      }
      y += GAP;
    }
  }
  parts.push(line(x(1), top, x(1), y, '#b03030'), words(x(1) + 2, top + BAR, YARDSTICK));
  const box = `width="${WIDTH}" height="${y + LINE}" viewBox="0 0 ${WIDTH} ${y + LINE}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${box} font-family="sans-serif" font-size="${FONT}">`,
    `<title>${TITLE}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function barsOf(rows: readonly Row[], names: readonly string[]): Bar[] {
  const bars = rows.map((row): Bar => {
    const speeds = names.flatMap((name) => {
      const speed = resultOf(row, name)?.speed?.net;
      return speed === undefined ? [] : [[name, speed.median, speed.lower, speed.upper] as const];
    });
    return { label: row.name, speeds };
  });
  if (rows.length < 2) return bars;
  const means = names.map((name) => [name, meanSpeed(rows, name, 'net')] as const);
  return [...bars, { label: 'geometric mean', speeds: means.map(([name, mean]) => [name, mean, mean, mean] as const) }];
}

function captions({ machine, date, contenders, rounds }: PeersReport): string[] {
  return [
    TITLE,
    `${Object.values(machine).join('; ')}`,
    `${contenders
      .map(({ version }) => version)
      .filter((version, i, all) => all.indexOf(version) === i)
      .join('; ')}`,
    `${date.slice(0, 'yyyy-mm-dd'.length)}; medians of ${rounds} rounds, whiskers between the quartiles`,
  ];
}

const colour = (index: number) => COLOURS[index % COLOURS.length] ?? '';
const round = (value: number) => value.toFixed(1);
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const words = (x: number, y: number, text: string, weight = 'normal') =>
  `<text x="${round(x)}" y="${round(y)}" font-weight="${weight}">${escaped(text)}</text>`;
const rectangle = (x: number, y: number, width: number, height: number, fill: string) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, 0))}" height="${height}" fill="${fill}"/>`;
const line = (x1: number, y1: number, x2: number, y2: number, stroke: string) =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}"/>`;
