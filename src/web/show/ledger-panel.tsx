// The account of each guest while it runs: exits by reason, steps by privilege, host time; a plot; and files of it.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { RunReport } from '../../session/report.ts';
import { swatch } from '../exit-colours.ts';
import type { Lab } from '../lab.ts';
import type { GuestFrame } from '../protocol.ts';
import { save } from './save.ts';
import { type Appearance, useTexts } from './settings.ts';

const PLOT_HEIGHT = 220;
const LEGEND_HEIGHT = 28;
const COLOURS = ['--kernel', '--accent', '--user', '--machine'];

export function LedgerPanel({ lab, appearance }: { readonly lab: Lab; readonly appearance: Appearance }) {
  const texts = useTexts();
  const plot = useRef<HTMLDivElement>(null);
  if (lab.guests.length === 0) return <p class="hint">{texts.noGuest}</p>;
  const saveReport = async (as: 'json' | 'csv') => {
    const report = await lab.report();
    save(`ledger.${as}`, as === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : csvOf(report));
  };
  return (
    <>
      <div class="controls">
        <button type="button" onClick={() => saveReport('json')}>
          {texts.save('JSON')}
        </button>
        <button type="button" onClick={() => saveReport('csv')}>
          {texts.save('CSV')}
        </button>
        <button
          type="button"
          onClick={() => {
            const drawn = plot.current?.querySelector('canvas');
            if (drawn) pictureOf(drawn, lab).toBlob((blob) => blob && save('ledger.png', blob));
          }}
        >
          {texts.save('PNG')}
        </button>
      </div>
      <div class="columns">
        {lab.guests.map(({ name, frame }) => (
          <div key={name} class="scroll" tabIndex={0}>
            <h3>
              {name} · {texts.ledger}
            </h3>
            {frame === undefined ? null : <Counts frame={frame} />}
          </div>
        ))}
        <div class="plot" ref={plot}>
          <Plot key={`${lab.boots}.${appearance}`} lab={lab} />
        </div>
      </div>
    </>
  );
}

function Counts({ frame }: { readonly frame: GuestFrame }) {
  const texts = useTexts();
  const most = Math.max(1, ...frame.counts.map(({ count }) => count));
  return (
    <table>
      <caption class="hint">
        U {frame.user.toLocaleString('en')} · S {frame.supervisor.toLocaleString('en')} · M{' '}
        {frame.machine.toLocaleString('en')} {texts.steps}
      </caption>
      <thead>
        <tr>
          <th scope="col">{texts.exit}</th>
          <th scope="col" class="number">
            {texts.count}
          </th>
          <th scope="col" class="number">
            {texts.each}
          </th>
          <th scope="col" aria-label={texts.portion} />
        </tr>
      </thead>
      <tbody>
        {frame.counts
          .filter(({ count }) => count > 0)
          .toSorted((a, b) => b.count - a.count)
          .map(({ reason, count, timed, hostNanoseconds }) => (
            <tr key={reason}>
              <th scope="row">{reason}</th>
              <td class="number">{count.toLocaleString('en')}</td>
              <td class="number">{timed === 0 ? '–' : Math.round(hostNanoseconds / timed).toLocaleString('en')}</td>
              <td style={{ width: '40%' }}>
                <div class="bar" style={{ ...swatch(reason), width: `${(100 * count) / most}%` }} />
              </td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}

/** Exits so far of each guest, over the time since they booted. */
function Plot({ lab }: { readonly lab: Lab }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const axis = { stroke: token('--ink-soft'), grid: { stroke: token('--edge') }, ticks: { stroke: token('--edge') } };
    const series = lab.guests.map(({ name }, index) => {
      return { label: name, stroke: colourOf(index), width: 2, points: { show: false } };
    });
    const made = new uPlot(
      {
        width: place.current.clientWidth,
        height: PLOT_HEIGHT,
        scales: { x: { time: false } },
        axes: [{ ...axis, label: 's' }, axis],
        series: [{ label: 's' }, ...series],
      },
      dataOf(lab),
      place.current,
    );
    chart.current = made;
    return () => made.destroy();
  }, [lab]);
  useEffect(() => chart.current?.setData(dataOf(lab)));
  return <div ref={place} />;
}

const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourOf = (guest: number) => token(COLOURS[guest % COLOURS.length] ?? '--accent');

/** The plot as a picture that can stand alone: on the page's ground, with the guests' names in their colours over it. */
function pictureOf(drawn: HTMLCanvasElement, { guests }: Lab): HTMLCanvasElement {
  const line = LEGEND_HEIGHT * devicePixelRatio;
  const picture = Object.assign(document.createElement('canvas'), { width: drawn.width, height: drawn.height + line });
  const pen = picture.getContext('2d');
  if (pen === null) return drawn;
  pen.fillStyle = token('--surface');
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(drawn, 0, line);
  pen.font = `${line / 2}px ${token('--font-text')}`;
  pen.textBaseline = 'middle';
  let left = line / 2;
  for (const [guest, { name }] of guests.entries()) {
    pen.fillStyle = colourOf(guest);
    pen.fillText(name, left, line / 2);
    left += pen.measureText(name).width + line / 2;
  }
  return picture;
}

const dataOf = ({ samples, guests }: Lab): uPlot.AlignedData => [
  samples.map(({ seconds }) => seconds),
  ...guests.map((_, guest) => samples.map(({ counts }) => counts[guest] ?? 0)),
];

function csvOf({ machines }: RunReport): string {
  const rows = machines.flatMap(({ name, exits }) =>
    exits.map(({ reason, count, hostNanoseconds }) => [name, reason, count, hostNanoseconds].join(',')),
  );
  return ['machine,reason,count,hostNanoseconds', ...rows, ''].join('\n');
}
