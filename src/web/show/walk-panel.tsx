// One address through two sets of tables, side by side: what the guest believes, and what the hardware walks; what
// differs between the two, level by level, and why; and what an access would come to.

import { useState } from 'preact/hooks';
import type { Told } from '../../../isa/language.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import type { WalkStep } from '../../debug/walk.ts';
import type { Lab } from '../lab.ts';
import { DIFFERENCES, type Difference, type WalkView } from '../protocol.ts';
import { HartChooser } from './hart-chooser.tsx';
import { said, useTexts } from './settings.ts';

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;
const ACCESSES: readonly Access[] = ['load', 'store', 'fetch'];

export function WalkPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { state } = lab;
  if (state === undefined) return <p class="hint">{texts.noGuest}</p>;
  const { walk } = state;
  const { levels, gpa, device, spa, guestFault, shadowFault } = walk;
  const none = '–';
  const faultOf = (fault: Told | undefined) => fault && said(fault, texts);
  return (
    <>
      <div class="controls">
        <AddressField lab={lab} />
        <label>
          {texts.access}
          <select
            value={walk.access}
            onChange={({ currentTarget }) => lab.send({ kind: 'access', access: currentTarget.value as Access })} // one of the options
          >
            {ACCESSES.map((access) => (
              <option key={access} value={access}>
                {texts.accesses[access]}
              </option>
            ))}
          </select>
        </label>
        <HartChooser lab={lab} />
      </div>
      <p>
        <code>{hexadecimal(walk.address)}</code> <span class="verdict">{texts.verdicts[walk.verdict]}</span>
      </p>
      <ol class="addresses">
        <li>
          GVA <code>{hexadecimal(walk.address)}</code>
        </li>
        <li>
          GPA <code>{gpa === undefined ? (faultOf(guestFault) ?? none) : hexadecimal(gpa)}</code> {device ?? ''}
        </li>
        <li>
          SPA <code>{spa === undefined ? (faultOf(shadowFault) ?? none) : hexadecimal(spa)}</code>{' '}
          {walk.view === '' ? '' : `(${texts.view}: ${walk.view})`}
        </li>
      </ol>
      <div class="columns">
        <Steps title={texts.guestTables} side="guest" other="shadow" levels={levels} end={gpa} fault={guestFault} />
        <Steps title={texts.shadowTables} side="shadow" other="guest" levels={levels} end={spa} fault={shadowFault} />
      </div>
      <Differences levels={levels} />
    </>
  );
}

/** What differs, each reason once, with the levels at which it does. */
function Differences({ levels }: Pick<WalkView, 'levels'>) {
  const texts = useTexts();
  const byLevels = new Map<string, Difference[]>();
  for (const difference of DIFFERENCES) {
    const at = levels.filter(({ differs }) => differs.includes(difference)).map(({ level }) => level);
    if (at.length > 0) byLevels.set(at.join(', '), [...(byLevels.get(at.join(', ')) ?? []), difference]);
  }
  if (byLevels.size === 0) return null;
  return (
    <>
      <h3>{texts.whatDiffers}</h3>
      <dl class="differs">
        {[...byLevels]
          .sort(([a], [b]) => b.localeCompare(a))
          .map(([at, differences]) => (
            <div key={at}>
              <dt>
                {texts.level} {at}
              </dt>
              {differences.map((each) => (
                <dd key={each}>{texts.differences[each]}</dd>
              ))}
            </div>
          ))}
      </dl>
    </>
  );
}

export function AddressField({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const [address, setAddress] = useState('');
  return (
    <form
      class="controls"
      onSubmit={(event) => {
        event.preventDefault();
        lab.send({ kind: 'address', address });
      }}
    >
      <label>
        {texts.address}
        <input
          class="where"
          value={address}
          placeholder="pc"
          onInput={(event) => setAddress(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{texts.show}</button>
    </form>
  );
}

interface StepsProps {
  readonly title: string;
  readonly side: 'guest' | 'shadow';
  readonly other: 'guest' | 'shadow';
  readonly levels: WalkView['levels'];
  readonly end: bigint | undefined;
  readonly fault: Told | undefined;
}
/** A row for each level that either side has, so that the rows of both stand side by side. */
function Steps({ title, side, other, levels, end, fault }: StepsProps) {
  const texts = useTexts();
  return (
    <div class="scroll" tabIndex={0}>
      <h3>{title}</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.level}</th>
            <th scope="col">{texts.entry}</th>
            <th scope="col">{texts.flags}</th>
            <th scope="col">{texts.to}</th>
          </tr>
        </thead>
        <tbody>
          {levels.map((level) => {
            const step = level[side];
            return (
              <tr key={level.level}>
                <th scope="row">{level.level}</th>
                <td class="code">{step === undefined ? '–' : hexadecimal(step.at)}</td>
                <td class="code">{step === undefined ? '' : <Flags step={step} beside={level[other]} />}</td>
                <td class="code">{step === undefined ? '' : hexadecimal(step.target)}</td>
              </tr>
            );
          })}
          <tr>
            <th scope="row">{texts.result}</th>
            <td class="code" colSpan={3}>
              {end === undefined
                ? fault && said(fault, texts)
                : `${side === 'guest' ? 'GPA' : 'SPA'} ${hexadecimal(end)}`}
            </td>
          </tr>
        </tbody>
      </table>
      {levels.every((level) => level[side] === undefined) ? <p class="hint">{texts.noTables}</p> : null}
    </div>
  );
}

/** Permissions, then A and D; those that the other side has otherwise are marked. */
function Flags({ step, beside }: { readonly step: WalkStep; readonly beside: WalkStep | undefined }) {
  return (
    <>
      {[...step.flags].map((flag, index) => {
        const differs = beside !== undefined && beside.flags[index] !== flag;
        return (
          <span key={index} class={differs ? 'changed' : ''}>
            {flag}
          </span>
        );
      })}
    </>
  );
}
