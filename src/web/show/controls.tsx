// How the run goes on: run, pause, a step, a step back, to the next exit, to a kind of exit, to a place; and how fast.

import { useEffect, useState } from 'preact/hooks';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import type { Lab } from '../lab.ts';
import { FIRST_PACE } from '../protocol.ts';
import { refusalOf, useTexts } from './settings.ts';
import { useShortcuts } from './shortcuts.ts';

/** Steps a second of each guest; 0: as fast as it goes. */
const PACES = [2_000, 20_000, FIRST_PACE, 2_000_000, 0];

export function Controls({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const [pace, setPace] = useState(FIRST_PACE);
  useEffect(() => lab.send({ kind: 'pace', stepsPerSecond: pace }), [lab, pace]);
  const running = lab.running && !lab.ended;
  const act = {
    r: () => lab.send(running ? { kind: 'pause' } : { kind: 'run' }),
    b: () => lab.send({ kind: 'step-back' }),
    s: () => lab.send({ kind: 'step' }),
    n: () => lab.send({ kind: 'run', stopAt: { kind: 'exit' } }),
    i: () => lab.send({ kind: 'step-into' }),
  };
  useShortcuts(lab.ended ? { b: act.b } : act);
  return (
    <section aria-label={texts.run}>
      <div class="controls">
        <div class="group">
          <button {...keyed('r')} class="primary" disabled={lab.ended} onClick={act.r}>
            {running ? texts.pause : texts.run}
          </button>
          <button {...keyed('b')} onClick={act.b}>
            {texts.stepBack}
          </button>
          <button {...keyed('s')} disabled={lab.ended} onClick={act.s}>
            {texts.step}
          </button>
          <button {...keyed('n')} disabled={lab.ended} onClick={act.n}>
            {texts.nextExit}
          </button>
          <button {...keyed('i')} disabled={lab.ended} onClick={act.i}>
            {texts.stepInto}
          </button>
        </div>
        <StopAt lab={lab} />
        <div class="group">
          <label>
            {texts.speed}
            <select value={pace} onChange={({ currentTarget }) => setPace(Number(currentTarget.value))}>
              {PACES.map((each) => (
                <option key={each} value={each}>
                  {each === 0 ? texts.fastest : `${each.toLocaleString('en')} ${texts.stepsASecond}`}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => lab.bootAgain()}>
            {texts.again}
          </button>
        </div>
      </div>
      <Status lab={lab} />
    </section>
  );
}

/** A button's key, told to whoever hovers and to whoever listens. */
const keyed = (key: string) => ({ type: 'button', title: key.toUpperCase(), 'aria-keyshortcuts': key }) as const;

function StopAt({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const [where, setWhere] = useState('');
  const stopAtReason = (reason: string) => {
    if (reason !== '') lab.send({ kind: 'run', stopAt: { kind: 'exit', reason } });
  };
  return (
    <form
      class="group"
      onSubmit={(event) => {
        event.preventDefault();
        if (where !== '') lab.send({ kind: 'run', stopAt: { kind: 'address', where } });
      }}
    >
      <label>
        {texts.breakOn}
        <select
          value=""
          disabled={lab.ended}
          onChange={({ currentTarget }) => {
            stopAtReason(currentTarget.value);
            currentTarget.value = '';
          }}
        >
          <option value="">…</option>
          {EXIT_REASONS.map((reason) => (
            <option key={reason}>{reason}</option>
          ))}
        </select>
      </label>
      <input
        class="where"
        aria-label={texts.runTo}
        placeholder={texts.runTo}
        value={where}
        onInput={({ currentTarget }) => setWhere(currentTarget.value)}
      />
      <button type="submit" disabled={lab.ended}>
        {texts.go}
      </button>
    </form>
  );
}

function Status({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { refused, stopped, ended, running } = lab;
  if (refused !== undefined)
    return (
      <p class="status wrong" role="status">
        {refusalOf(refused, texts)}
      </p>
    );
  const what = ended
    ? texts.ended
    : running
      ? texts.running
      : stopped === undefined
        ? texts.paused
        : `${texts.stoppedAt} ${stopped}`;
  return (
    <p class="status" role="status">
      {what}
    </p>
  );
}
