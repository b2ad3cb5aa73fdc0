// The timeline of the guest in focus: where its virtual CPU spent its time, and its exits, any of which can be chosen
// with the mouse or the arrow keys. It follows the run until somebody zooms.

import { useEffect, useRef, useState } from 'preact/hooks';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import { swatch } from '../exit-colours.ts';
import type { Lab, Mark } from '../lab.ts';
import { type Appearance, useTexts } from './settings.ts';
import { draw, nearest, type Span } from './timeline-drawing.ts';

/** Of the last exits, as many as can still be told apart; and the closest zoom, in steps. */
const FOLLOWED = 400;
const CLOSEST = 20;
const ZOOM = 2;

export function Timeline({ lab, appearance }: { readonly lab: Lab; readonly appearance: Appearance }) {
  const texts = useTexts();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [zoomed, setZoomed] = useState<Span>();
  const guest = lab.guests[lab.focus];
  const marks = guest?.marks ?? [];
  const now = guest?.frame?.now ?? 1;
  const span = zoomed ?? followed(marks, now);
  const chosen = lab.chosen?.guest === lab.focus ? lab.chosen.serial : undefined;
  const labels = [texts.user, texts.kernel, texts.machine, texts.monitor, texts.idle];
  const privilege = guest?.frame?.privilege ?? 0;
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, { marks, span, now, privilege, chosen, labels });
  });
  useEffect(() => setZoomed(undefined), [lab.focus, lab.boots]);

  const choose = (mark: Mark | undefined) => {
    if (mark === undefined) return;
    if (lab.running) lab.send({ kind: 'pause' });
    lab.explain(lab.focus, mark.serial);
    const half = (span.to - span.from) / 2;
    setZoomed(mark.step >= span.from && mark.step <= span.to ? span : { from: mark.step - half, to: mark.step + half });
  };
  const zoom = (by: number) => {
    const middle = marks.find(({ serial }) => serial === chosen)?.step ?? (span.from + span.to) / 2;
    const half = Math.max(CLOSEST, ((span.to - span.from) * by) / 2);
    setZoomed({ from: middle - half, to: middle + half });
  };
  const beside = (by: number) => {
    const at = marks.findIndex(({ serial }) => serial === chosen);
    choose(at < 0 ? marks.at(-1) : marks[at + by]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const act = {
      ArrowLeft: () => beside(-1),
      ArrowRight: () => beside(1),
      '+': () => zoom(1 / ZOOM),
      '-': () => zoom(ZOOM),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  const seen = new Set(marks.map(({ reason }) => reason));
  return (
    <section class="card section timeline" aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">
          {texts.timeline} · {guest?.name}
        </h2>
        <div class="controls">
          <button type="button" aria-label={texts.zoomIn} onClick={() => zoom(1 / ZOOM)}>
            +
          </button>
          <button type="button" aria-label={texts.zoomOut} onClick={() => zoom(ZOOM)}>
            −
          </button>
          <button type="button" disabled={zoomed === undefined} onClick={() => setZoomed(undefined)}>
            {texts.follow}
          </button>
        </div>
        <span class="status">
          {Math.max(0, Math.round(span.from)).toLocaleString('en')} – {Math.round(span.to).toLocaleString('en')}{' '}
          {texts.steps}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the picture is a control, whose marks arrow keys choose */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`${texts.timeline}. ${texts.timelineHint}`}
        data-appearance={appearance}
        onKeyDown={onKeyDown}
        onClick={({ offsetX, currentTarget }) =>
          choose(nearest(marks, span.from + (offsetX / currentTarget.clientWidth) * (span.to - span.from)))
        }
      />
      <ul class="legend">
        {EXIT_REASONS.map((reason, index) =>
          seen.has(index) ? (
            <li key={reason} style={swatch(reason)}>
              <span class="swatch" />
              {reason}
            </li>
          ) : null,
        )}
      </ul>
      <p class="hint">{texts.timelineHint}</p>
    </section>
  );
}

/** The end of the run, from so many exits ago. */
function followed(marks: readonly Mark[], now: number): Span {
  const from = marks[Math.max(0, marks.length - FOLLOWED)]?.step ?? 0;
  return { from, to: Math.max(now, from + CLOSEST) };
}
