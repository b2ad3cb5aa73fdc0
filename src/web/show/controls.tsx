// How the run goes on: run, pause, a step, a step back, to the next exit, to a kind of exit, to a place; and how fast.

import { useEffect, useState } from 'preact/hooks';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import { FIRST_PAIR } from '../bundled.ts';
import type { Lab } from '../lab.ts';
import { useTexts } from './settings.ts';

/** Steps a second of each guest; 0: as fast as it goes. The first is what a visitor can follow. */
const PACES = [200_000, 2_000, 20_000, 2_000_000, 0];

export function Controls({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const [pace, setPace] = useState(PACES[0] ?? 0);
  useEffect(() => lab.send({ kind: 'pace', stepsPerSecond: pace }), [lab, pace]);
  const running = lab.running && !lab.ended;
  return (
    <section aria-label={texts.run}>
      <div class="controls">
        <div class="group">
          <button
            type="button"
            class="primary"
            disabled={lab.ended}
            onClick={() => lab.send(running ? { kind: 'pause' } : { kind: 'run' })}
          >
            {running ? texts.pause : texts.run}
          </button>
          <button type="button" onClick={() => lab.send({ kind: 'step-back' })}>
            {texts.stepBack}
          </button>
          <button type="button" disabled={lab.ended} onClick={() => lab.send({ kind: 'step' })}>
            {texts.step}
          </button>
          <button
            type="button"
            disabled={lab.ended}
            onClick={() => lab.send({ kind: 'run', stopAt: { kind: 'exit' } })}
          >
            {texts.nextExit}
          </button>
        </div>
        <StopAt lab={lab} />
        <div class="group">
          <label>
            {texts.speed}
            <select value={pace} onChange={({ currentTarget }) => setPace(Number(currentTarget.value))}>
              {PACES.toSorted((a, b) => (a || Number.MAX_VALUE) - (b || Number.MAX_VALUE)).map((each) => (
                <option key={each} value={each}>
                  {each === 0 ? texts.fastest : `${each.toLocaleString('en')} ${texts.stepsASecond}`}
                </option>
              ))}
            </select>
          </label>
          <button type="button" onClick={() => lab.boot(FIRST_PAIR)}>
            {texts.again}
          </button>
        </div>
      </div>
      <Status lab={lab} />
    </section>
  );
}

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
        {refused.message || texts.doesNotAssemble}
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
