// A guest's time as a picture: a lane each for user, kernel, firmware, monitor and idle, filled where the virtual CPU
// was there, and in the monitor's lane a mark for each exit in the colour of its reason. One pixel may hold many exits.

import { colourToken, reasonAt } from '../exit-colours.ts';
import type { Mark } from '../lab.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}

const LANES = ['--user', '--kernel', '--machine', '--accent', '--idle'] as const;
const USER = 0;
const KERNEL = 1;
const FIRMWARE = 2;
const MONITOR = 3;
const IDLE = 4;
const LANE_OF_MODE = [USER, KERNEL, KERNEL, FIRMWARE];
/** A wait whose end moved the clock: the next exit after it is an interrupt, this far away at least. */
const GAP = 2;
const MARK = 2;

export interface Picture {
  readonly marks: readonly Mark[];
  readonly span: Span;
  readonly now: number;
  readonly privilege: number;
  readonly chosen: number | undefined;
  readonly labels: readonly string[];
}

export function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  if (pen === null || width === 0) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const lane = height / LANES.length;
  const { marks, span, now, privilege, chosen, labels } = picture;
  const x = (step: number) => ((step - span.from) / (span.to - span.from)) * width;
  const fill = (index: number, from: number, to: number) => {
    const [left, right] = [Math.max(0, x(from)), Math.min(width, x(to))];
    if (right < 0 || left > width) return;
    pen.fillStyle = token(LANES[index] ?? '--idle');
    pen.fillRect(left, index * lane + 3, Math.max(right - left, 0.5), lane - 6);
  };
  const reasons = marks.map(({ reason }) => reasonAt(reason));
  for (const [index, mark] of marks.entries()) {
    const end = marks[index + 1]?.step ?? now;
    if (end < span.from || mark.step > span.to) continue;
    const waits = reasons[index] === 'wfi' && end - mark.step > GAP;
    fill(waits ? IDLE : (LANE_OF_MODE[mark.to] ?? USER), mark.step, end);
  }
  if (marks.length === 0) fill(LANE_OF_MODE[privilege] ?? USER, span.from, now);
  for (const [index, mark] of marks.entries()) {
    const at = x(mark.step);
    if (at < -MARK || at > width) continue;
    pen.fillStyle = token(colourToken(reasons[index] ?? 'csr'));
    pen.fillRect(at, MONITOR * lane + 2, MARK, lane - 4);
    if (mark.serial === chosen) {
      pen.fillStyle = token('--ink');
      pen.fillRect(at - 1, 0, 1, height);
      pen.fillRect(at + MARK, 0, 1, height);
    }
  }
  pen.font = `600 11px ${token('--font-text')}`;
  pen.textBaseline = 'middle';
  for (const [index, label] of labels.entries()) {
    const wide = pen.measureText(label).width;
    pen.fillStyle = token('--surface');
    pen.globalAlpha = 0.85;
    pen.fillRect(4, index * lane + lane / 2 - 9, wide + 10, 18);
    pen.globalAlpha = 1;
    pen.fillStyle = token('--ink');
    pen.fillText(label, 9, index * lane + lane / 2 + 1);
  }
}

/** The mark nearest to a place of the picture. */
export function nearest(marks: readonly Mark[], step: number): Mark | undefined {
  let best: Mark | undefined;
  for (const mark of marks)
    if (best === undefined || Math.abs(mark.step - step) < Math.abs(best.step - step)) best = mark;
  return best;
}
