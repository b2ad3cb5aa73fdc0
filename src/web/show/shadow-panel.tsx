// The shadow contexts of the guest in focus: what keys each and what it holds, which came to what by the last fences.

import { DISCIPLINES, type Discipline } from '../../hypervisor/shadow/discipline.ts';
import type { Lab } from '../lab.ts';
import type { ShadowView } from '../protocol.ts';
import { said, useTexts } from './settings.ts';

const hexadecimal = (value: bigint | number) => `0x${value.toString(16)}`;

export function ShadowPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const shadow = lab.state?.shadow;
  return (
    <>
      <div class="controls">
        <label>
          {texts.discipline}
          <select
            value={lab.discipline}
            onChange={({ currentTarget }) => {
              lab.discipline = currentTarget.value as Discipline; // one of the options
              if (lab.guests.length > 0) lab.bootAgain();
            }}
          >
            {DISCIPLINES.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <span class="status">{texts.disciplines[shadow?.discipline ?? lab.discipline]}</span>
      </div>
      {shadow === undefined ? <p class="hint">{texts.noGuest}</p> : <Contents shadow={shadow} />}
    </>
  );
}

function Contents({ shadow }: { readonly shadow: ShadowView }) {
  const texts = useTexts();
  return (
    <div class="columns">
      <div class="scroll" tabIndex={0}>
        <h3>{texts.contexts}</h3>
        <table class="contexts">
          <thead>
            <tr>
              <th scope="col">{texts.view}</th>
              <th scope="col">ASID</th>
              <th scope="col">{texts.guestSatp}</th>
              <th scope="col">{texts.realSatp}</th>
              <th scope="col" class="number">
                {texts.tables}
              </th>
              <th scope="col" class="number">
                {texts.leaves}
              </th>
            </tr>
          </thead>
          <tbody>
            {shadow.contexts.map(({ view, asid, guestSatp, readsExecutable, satp, tables, leaves, current }) => (
              <tr key={hexadecimal(satp)} class={current ? 'current' : ''}>
                <th scope="row">
                  {view}
                  {readsExecutable ? ' MXR' : ''}
                </th>
                <td class="code">{asid ?? '–'}</td>
                <td class="code">{guestSatp || '–'}</td>
                <td class="code">{hexadecimal(satp)}</td>
                <td class="number">{tables}</td>
                <td class="number">{leaves}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <p class="status">
          {texts.unseen}: {shadow.unseen.length === 0 ? '–' : shadow.unseen.map(hexadecimal).join(' ')} · {texts.stale}:{' '}
          {shadow.stale}
        </p>
        <p class="status">
          {shadow.counts.map(({ name, value }) => `${said(name, texts)} ${said(value, texts)}`).join(' · ')}
        </p>
      </div>
      <div class="scroll" tabIndex={0}>
        <h3>{texts.fences}</h3>
        {shadow.events.length === 0 ? (
          <p class="hint">{texts.noFences}</p>
        ) : (
          <table class="fences">
            <thead>
              <tr>
                <th scope="col">{texts.step}</th>
                <th scope="col">{texts.what}</th>
                <th scope="col">{texts.cameTo}</th>
              </tr>
            </thead>
            <tbody>
              {shadow.events.toReversed().map(({ step, what, synced, dropped, outOfSync, contexts }) => (
                <tr key={step}>
                  <td class="number">{step.toLocaleString('en')}</td>
                  <td class="code">{what}</td>
                  <td>
                    {[
                      synced > 0 ? texts.synced(synced) : '',
                      dropped > 0 ? texts.dropped(dropped) : '',
                      outOfSync > 0 ? texts.putOut(outOfSync) : '',
                    ]
                      .filter((text) => text !== '')
                      .join(', ') || texts.nothingStale}
                    {contexts.map(({ view, asid, before, after }) => (
                      <div key={`${view} ${asid}`} class="within">
                        {view} {asid === undefined ? '' : `ASID ${asid}`}: {before} → {after} {texts.leaves}
                      </div>
                    ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
