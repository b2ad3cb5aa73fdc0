// The timeline: a lane for each virtual CPU of each guest, from the whole run down to single instructions, zoomed by
// wheel, keys and buttons. Choosing an exit explains it. Exits that nobody listened to are run again, listened to, when
// somebody looks so close that they can be told apart. It follows the run until somebody zooms.

import type { RefObject } from 'preact';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import { swatch } from '../exit-colours.ts';
import type { Lab, Mark, ShownGuest } from '../lab.ts';
import { isExit } from '../protocol.ts';
import { type Appearance, useTexts } from './settings.ts';
import {
  draw,
  exitsIn,
  heightOf,
  LANE_HEIGHT,
  type Lane,
  nearest,
  recordedSpan,
  type Span,
} from './timeline-drawing.ts';

/** Of the last exits, as many as can still be told apart; and half of the closest view, in steps. */
const FOLLOWED = 400;
const CLOSEST = 8;
const FAR = 1e12;
const ZOOM = 2;
const PAN = 0.25;
const WHEEL = 0.0025;
/** Exits that can be told apart and are recorded when they come into view; and how long a view stands still for that. */
const MOST_RECORDED = 3000;
const STILL = 150;
/** Steps around a place that was chosen where nothing is recorded. */
const AROUND = 1000;

export function Timeline({ lab, appearance }: { readonly lab: Lab; readonly appearance: Appearance }) {
  const texts = useTexts();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [zoomed, setZoomed] = useState<Span>();
  const [cpu, setCpu] = useState(0);
  const guest = lab.guests[lab.focus];
  const marks = guest?.marks ?? [];
  const now = guest?.frame?.now ?? 1;
  const span = zoomed ?? followed(marks, now);
  const chosen = lab.chosen?.guest === lab.focus ? lab.chosen.serial : undefined;
  const places = lab.guests.flatMap((each, index) =>
    (each.frame?.cpus ?? []).map((_, hart) => ({ guest: index, cpu: hart, each })),
  );
  const lanes = places.map(({ guest: index, cpu: hart, each }): Lane => {
    const count = each.frame?.cpus.length ?? 1;
    return {
      label: count === 1 ? each.name : `${each.name} · ${texts.cpu} ${hart}`,
      cpu: hart,
      marks: each.marks,
      slices: each.slices,
      now: each.frame?.now ?? 0,
      shift: (each.frame?.now ?? 0) - now,
      chosen: lab.chosen?.guest === index ? lab.chosen.serial : undefined,
      isFocus: index === lab.focus && (count === 1 || hart === cpu),
    };
  });
  // In the next picture, when the page has the colours of its appearance.
  useEffect(() => {
    const next = requestAnimationFrame(() => canvas.current !== null && draw(canvas.current, lanes, span));
    return () => cancelAnimationFrame(next);
  });
  useRedrawnWhenResized(canvas);
  useEffect(() => setZoomed(undefined), [lab.boots]);
  useRecording(lab, zoomed);

  const show = (from: number, to: number) => {
    const half = Math.min(FAR, Math.max(CLOSEST, (to - from) / 2));
    const middle = (from + to) / 2;
    setZoomed({ from: middle - half, to: middle + half });
  };
  const zoomAt = (middle: number, by: number) =>
    show(middle - (middle - span.from) * by, middle + (span.to - middle) * by);
  const zoom = (by: number) =>
    zoomAt(marks.find(({ serial }) => serial === chosen)?.step ?? (span.from + span.to) / 2, by);
  const pan = (by: number) => {
    const distance = (span.to - span.from) * by;
    show(span.from + distance, span.to + distance);
  };
  const choose = (index: number, mark: Mark | undefined) => {
    if (lab.running) lab.send({ kind: 'pause' });
    if (mark === undefined) return;
    if (index !== lab.focus) lab.focusOn(index);
    setCpu(mark.cpu);
    lab.explain(index, mark.serial);
    if (index !== lab.focus) return setZoomed(undefined);
    const half = (span.to - span.from) / 2;
    setZoomed(mark.step >= span.from && mark.step <= span.to ? span : { from: mark.step - half, to: mark.step + half });
  };
  const beside = (by: number) => {
    const exits = marks.filter(({ reason }) => isExit(reason));
    const at = exits.findIndex(({ serial }) => serial === chosen);
    choose(lab.focus, at < 0 ? exits.at(-1) : exits[at + by]);
  };
  const lane = (by: number) => {
    const at = places.findIndex((place) => place.guest === lab.focus && place.cpu === cpu);
    const next = places[at + by];
    if (next === undefined) return;
    if (next.guest !== lab.focus) lab.focusOn(next.guest);
    setCpu(next.cpu);
  };
  const whole = () => setZoomed({ from: 0, to: Math.max(now, 2 * CLOSEST) });
  const onKeyDown = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const act = {
      ArrowLeft: () => (shiftKey ? pan(-PAN) : beside(-1)),
      ArrowRight: () => (shiftKey ? pan(PAN) : beside(1)),
      ArrowUp: () => lane(-1),
      ArrowDown: () => lane(1),
      '+': () => zoom(1 / ZOOM),
      '=': () => zoom(1 / ZOOM),
      '-': () => zoom(ZOOM),
      Home: whole,
      End: () => setZoomed(undefined),
    }[key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const onClick = ({ offsetX, offsetY, currentTarget }: MouseEvent & { readonly currentTarget: HTMLElement }) => {
    const place = places[Math.floor(offsetY / LANE_HEIGHT)];
    const shift = lanes[Math.floor(offsetY / LANE_HEIGHT)]?.shift ?? 0;
    if (place === undefined) return;
    const step = span.from + (offsetX / currentTarget.clientWidth) * (span.to - span.from);
    const recorded = recordedSpan(place.each.marks, place.each.frame?.now ?? 0);
    const isRecorded = recorded !== undefined && step + shift >= recorded.from && step + shift <= recorded.to;
    if (isRecorded) choose(place.guest, nearest(place.each.marks, place.cpu, step + shift));
    else {
      if (lab.running) lab.send({ kind: 'pause' });
      show(step - AROUND, step + AROUND);
    }
  };
  const onWheel = (event: WheelEvent & { readonly currentTarget: HTMLElement }) => {
    event.preventDefault();
    const { deltaX, deltaY, shiftKey, offsetX, currentTarget } = event;
    const at = offsetX / currentTarget.clientWidth;
    if (shiftKey || Math.abs(deltaX) > Math.abs(deltaY)) pan((deltaX || deltaY) * WHEEL);
    else zoomAt(span.from + at * (span.to - span.from), Math.exp(deltaY * WHEEL));
  };
  const seen = seenReasons(lab.guests);
  return (
    <section class="card section timeline" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">{texts.timeline}</h2>
        <div class="controls">
          <button type="button" aria-label={texts.zoomIn} onClick={() => zoom(1 / ZOOM)}>
            +
          </button>
          <button type="button" aria-label={texts.zoomOut} onClick={() => zoom(ZOOM)}>
            −
          </button>
          <button type="button" onClick={whole}>
            {texts.whole}
          </button>
          <button type="button" disabled={zoomed === undefined} onClick={() => setZoomed(undefined)}>
            {texts.follow}
          </button>
        </div>
        <span class="status span">
          {guest?.name}: {Math.max(0, Math.round(span.from)).toLocaleString('en')} –{' '}
          {Math.round(span.to).toLocaleString('en')} {texts.steps}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the picture is a control, whose marks arrow keys choose */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`${texts.timeline}. ${texts.timelineHint}`}
        data-appearance={appearance}
        data-lanes={lanes.length}
        data-exits={marks.filter(({ step, reason }) => isExit(reason) && step >= span.from && step <= span.to).length}
        style={{ height: `${heightOf(Math.max(1, lanes.length))}px` }}
        onKeyDown={onKeyDown}
        onClick={onClick}
        onWheel={onWheel}
      />
      <ul class="legend">
        {MODES.map(({ name, colour }) => (
          <li key={name} style={{ '--swatch': `var(${colour})` }}>
            <span class="swatch" />
            {texts[name]}
          </li>
        ))}
        {EXIT_REASONS.map((reason, index) =>
          seen.has(index) ? (
            <li key={reason} style={swatch(reason)}>
              <span class="swatch mark" />
              {reason}
            </li>
          ) : null,
        )}
      </ul>
      <p class="hint">{texts.timelineHint}</p>
    </section>
  );
}

const MODES = [
  { name: 'machine', colour: '--machine' },
  { name: 'kernel', colour: '--kernel' },
  { name: 'user', colour: '--user' },
  { name: 'idle', colour: '--idle' },
] as const;

function useRedrawnWhenResized(canvas: RefObject<HTMLCanvasElement | null>): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const watched = new ResizeObserver(() => redraw(undefined));
    if (canvas.current !== null) watched.observe(canvas.current);
    return () => watched.disconnect();
  }, []);
}

/** Has exits of a view that stands still recorded, where they are few enough and are not yet. */
function useRecording(lab: Lab, zoomed: Span | undefined): void {
  const asked = useRef('');
  const now = lab.guests[lab.focus]?.frame?.now ?? 0;
  useEffect(() => {
    if (zoomed === undefined || lab.running) return undefined;
    const timer = setTimeout(() => {
      const wish = `${lab.boots} ${lab.focus} ${zoomed.from} ${zoomed.to} ${now}`;
      if (wish === asked.current) return;
      asked.current = wish;
      for (const [index, each] of lab.guests.entries()) record(lab, index, each, zoomed, now);
    }, STILL);
    return () => clearTimeout(timer);
  }, [lab.running, lab.boots, lab.focus, now, zoomed]);
}
function record(lab: Lab, index: number, each: ShownGuest, { from, to }: Span, focusNow: number): void {
  const present = each.frame?.now ?? 0;
  const shift = present - focusNow;
  const span = { from: Math.max(0, from + shift), to: Math.min(present, to + shift) };
  const known = recordedSpan(each.marks, present);
  const isKnown = known !== undefined && known.from <= span.from && known.to >= span.to;
  if (isKnown || span.to <= span.from || exitsIn(each.slices, span) > MOST_RECORDED) return;
  const position = each.slices.findLast((slice) => slice.from <= span.from)?.position ?? 0;
  lab.send({ kind: 'record', guest: index, position, ...span });
}

function seenReasons(guests: readonly ShownGuest[]): Set<number> {
  const counts = guests.map(({ frame }) => frame?.counts ?? []);
  return new Set(counts.flatMap((each) => each.flatMap(({ count }, index) => (count > 0 ? [index] : []))));
}

/** The end of the run, from so many exits ago. */
function followed(marks: readonly Mark[], now: number): Span {
  const from = marks[Math.max(0, marks.length - FOLLOWED)]?.step ?? 0;
  const isNear = now - from < FOLLOWED * FOLLOWED;
  return isNear ? { from, to: Math.max(now, from + 2 * CLOSEST) } : { from: now - FOLLOWED * FOLLOWED, to: now };
}
