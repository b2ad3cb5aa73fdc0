// The timeline as a picture: a lane for each virtual CPU of each guest, in it a level for each privilege, higher for
// more, and under them the exits in the colours of their reasons. Where exits were recorded every stretch is drawn as it
// was; elsewhere, what a frame's worth of steps came to: levels filled by their share. Close enough, a step is a cell.

import { colourToken, reasonAt } from '../exit-colours.ts';
import type { Mark, Slice } from '../lab.ts';
import { EVENT, isExit } from '../protocol.ts';

export interface Span {
  readonly from: number;
  readonly to: number;
}
/** A virtual CPU, and what is known of its guest. */
export interface Lane {
  readonly label: string;
  readonly cpu: number;
  readonly marks: readonly Mark[];
  readonly slices: readonly Slice[];
  readonly now: number;
  /** Its guest's clock less that of the guest in focus: all stand at the right where they are now. */
  readonly shift: number;
  readonly chosen: number | undefined;
  readonly isFocus: boolean;
}

export const LANE_HEIGHT = 74;
const AXIS_HEIGHT = 20;
export const heightOf = (lanes: number) => lanes * LANE_HEIGHT + AXIS_HEIGHT;

const LEVEL_HEIGHT = 11;
/** Under the lane's name. */
const TOP = 19;
const NAME_HEIGHT = 16;
const EXITS_TOP = TOP + 3 * LEVEL_HEIGHT + 3;
const EXITS_HEIGHT = 13;
/** By mode: its level from the top, and its colour. */
const LEVEL = [2, 1, 1, 0];
const COLOUR = ['--user', '--kernel', '--kernel', '--machine'] as const;
const THIN = 2;
/** Pixels of a step from which on steps are told apart, and an exit's name has room. */
const CELL = 7;
const NAMED = 64;
/** Beside the page's own size, which the appearance sets. */
const LABEL_SIZE = 11 / 16;
/** An exit in so many steps fills the strip of exits. */
const DENSE = 12;

export function draw(canvas: HTMLCanvasElement, lanes: readonly Lane[], span: Span): void {
  const scale = devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  if (pen === null || width === 0) return;
  pen.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const perStep = width / (span.to - span.from);
  const font = `${Number.parseFloat(style.fontSize) * LABEL_SIZE}px ${token('--font-text')}`;
  for (const [index, lane] of lanes.entries()) {
    pen.save();
    pen.translate(0, index * LANE_HEIGHT);
    pen.beginPath();
    pen.rect(0, 0, width, LANE_HEIGHT);
    pen.clip();
    new LanePicture(pen, token, lane, { span, width, perStep, font }).draw();
    pen.restore();
  }
  axis(pen, token, { span, width, perStep, font }, lanes.length * LANE_HEIGHT);
}

interface Scale {
  readonly span: Span;
  readonly width: number;
  readonly perStep: number;
  /** Size and family of what is written. */
  readonly font: string;
}

class LanePicture {
  private readonly pen: CanvasRenderingContext2D;
  private readonly token: (name: string) => string;
  private readonly lane: Lane;
  private readonly scale: Scale;

  constructor(pen: CanvasRenderingContext2D, token: (name: string) => string, lane: Lane, scale: Scale) {
    this.pen = pen;
    this.token = token;
    this.lane = lane;
    this.scale = scale;
  }

  draw(): void {
    const { pen, token, lane, scale } = this;
    for (const slice of lane.slices) this.slice(slice);
    this.recorded();
    pen.fillStyle = token('--edge');
    pen.fillRect(0, LANE_HEIGHT - 1, scale.width, 1);
    pen.font = `${lane.isFocus ? 700 : 500} ${scale.font}`;
    pen.textBaseline = 'middle';
    pen.fillStyle = token(lane.isFocus ? '--accent' : '--ink');
    pen.fillText(lane.label, 8, 2 + NAME_HEIGHT / 2);
  }

  private x(step: number): number {
    return (step - this.lane.shift - this.scale.span.from) * this.scale.perStep;
  }
  private isSeen(from: number, to: number): boolean {
    return this.x(to) >= 0 && this.x(from) <= this.scale.width;
  }
  private fill(colour: string, from: number, to: number, top: number, height: number): void {
    const left = Math.max(0, this.x(from));
    const right = Math.min(this.scale.width, this.x(to));
    if (right < left) return;
    this.pen.fillStyle = this.token(colour);
    this.pen.fillRect(left, top, Math.max(right - left, 0.5), height);
  }

  /** Steps that nobody listened to: how many in which mode, and how many exits for which reason. */
  private slice({ from, to, cpus, counts }: Slice): void {
    const steps = cpus[this.lane.cpu];
    if (steps === undefined || !this.isSeen(from, to)) return;
    const levels = [steps.machine, steps.supervisor, steps.user];
    this.fill('--idle', from, to, TOP + 3 * LEVEL_HEIGHT, 1);
    for (const [level, taken] of levels.entries()) {
      const height = (taken / (to - from)) * (LEVEL_HEIGHT - 1);
      const colour = ['--machine', '--kernel', '--user'][level] ?? '--user';
      this.fill(colour, from, to, TOP + (level + 1) * LEVEL_HEIGHT - height, height);
    }
    const all = counts.reduce((sum, count) => sum + count, 0);
    const ran = steps.machine + steps.supervisor + steps.user;
    if (all === 0 || ran === 0) return;
    const height = Math.max(2, Math.min(1, (all / (to - from)) * DENSE) * EXITS_HEIGHT);
    let top = EXITS_TOP + EXITS_HEIGHT - height;
    for (const [reason, count] of counts.entries()) {
      const share = (count / all) * height;
      if (count > 0) this.fill(colourToken(reasonAt(reason)), from, to, top, share);
      top += share;
    }
  }

  /** Every stretch between two exits or events. */
  private recorded(): void {
    const { pen, lane, scale } = this;
    const { marks, cpu, now, chosen } = lane;
    const last = marks.at(-1);
    const first = marks[0];
    if (first === undefined || last === undefined) return;
    const end = last.reason === EVENT.end ? last.step : now;
    this.fill('--sunken', first.step, end, TOP, LANE_HEIGHT - TOP);
    let waits = false;
    for (const [index, mark] of marks.entries()) {
      if (mark.cpu === cpu) waits = mark.reason === EVENT.wait || (waits && mark.reason === EVENT.end);
      const next = marks[index + 1]?.step ?? end;
      if (mark.reason === EVENT.end || !this.isSeen(mark.step, next)) continue;
      const isHere = mark.cpu === cpu && mark.reason !== EVENT.wait;
      const level = LEVEL[mark.to] ?? 0;
      if (isHere) this.fill(COLOUR[mark.to] ?? '--user', mark.step, next, TOP + level * LEVEL_HEIGHT, LEVEL_HEIGHT - 1);
      else this.fill(waits ? '--idle' : '--edge', mark.step, next, TOP + 3 * LEVEL_HEIGHT - THIN, THIN);
    }
    for (const { step, serial, reason, cpu: on } of marks) {
      if (on !== cpu || !isExit(reason) || !this.isSeen(step, step + 1)) continue;
      const wide = Math.max(THIN, scale.perStep > CELL ? scale.perStep - 1 : 0);
      pen.fillStyle = this.token(colourToken(reasonAt(reason)));
      pen.fillRect(this.x(step), EXITS_TOP, wide, EXITS_HEIGHT);
      if (scale.perStep > NAMED) {
        pen.fillStyle = this.token('--surface');
        pen.font = `600 10px ${this.token('--font-code')}`;
        pen.textBaseline = 'middle';
        pen.fillText(reasonAt(reason), this.x(step) + 4, EXITS_TOP + EXITS_HEIGHT / 2 + 1, wide - 6);
      }
      if (serial === chosen) {
        pen.strokeStyle = this.token('--ink');
        pen.lineWidth = 1.5;
        pen.strokeRect(this.x(step) - 2, TOP - 2, wide + 4, EXITS_TOP + EXITS_HEIGHT - TOP + 4);
      }
    }
  }
}

/** Guest time, a nanosecond a step, at round places. */
function axis(pen: CanvasRenderingContext2D, token: (name: string) => string, scale: Scale, top: number): void {
  const { span, width, perStep } = scale;
  const rough = (span.to - span.from) / Math.max(2, width / 140);
  const ten = 10 ** Math.floor(Math.log10(rough));
  const distance = Math.max(1, ([1, 2, 5, 10].find((times) => times * ten >= rough) ?? 10) * ten);
  pen.fillStyle = token('--ink-soft');
  pen.font = `500 ${scale.font}`;
  pen.textBaseline = 'middle';
  for (let at = Math.ceil(Math.max(0, span.from) / distance) * distance; at < span.to; at += distance) {
    const x = (at - span.from) * perStep;
    pen.fillRect(x, top, 1, 4);
    if (x < width - 50) pen.fillText(time(at, distance), x + 4, top + AXIS_HEIGHT / 2 + 1);
  }
}
const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;
function time(nanoseconds: number, distance: number): string {
  const [unit, size] = UNITS.find(([, size]) => nanoseconds >= size) ?? ['ns', 1];
  const digits = Math.max(0, Math.min(6, Math.ceil(Math.log10(size / distance))));
  return `${(nanoseconds / size).toFixed(digits)} ${unit}`;
}

/** The steps that the marks tell of, without a gap. */
export function recordedSpan(marks: readonly Mark[], now: number): Span | undefined {
  const [first, last] = [marks[0], marks.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  return { from: first.step, to: last.reason === EVENT.end ? last.step : now };
}
/** About how many exits a span holds. */
export function exitsIn(slices: readonly Slice[], { from, to }: Span): number {
  return slices.reduce((sum, slice) => {
    const overlap = Math.min(to, slice.to) - Math.max(from, slice.from);
    if (overlap <= 0) return sum;
    return sum + (slice.counts.reduce((total, count) => total + count, 0) * overlap) / (slice.to - slice.from);
  }, 0);
}
/** The exit of a CPU that is nearest to a step. */
export function nearest(marks: readonly Mark[], cpu: number, step: number): Mark | undefined {
  let best: Mark | undefined;
  for (const mark of marks) {
    if (mark.cpu !== cpu || !isExit(mark.reason)) continue;
    if (best === undefined || Math.abs(mark.step - step) < Math.abs(best.step - step)) best = mark;
  }
  return best;
}
