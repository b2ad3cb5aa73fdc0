// One address through two sets of tables: what the guest believes, and what the hardware walks.

import { useState } from 'preact/hooks';
import type { WalkStep } from '../../debug/walk.ts';
import type { Lab } from '../lab.ts';
import { useTexts } from './settings.ts';

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

export function WalkPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { state } = lab;
  if (state === undefined) return <p class="hint">{texts.noExit}</p>;
  const { walk } = state;
  return (
    <>
      <AddressField lab={lab} />
      <p>
        <code>{hexadecimal(walk.address)}</code> <span class="verdict">{texts[walk.verdict]}</span>
      </p>
      <div class="columns">
        <Steps title={texts.guestTables} steps={walk.guest} end={walk.guestEnd} />
        <Steps title={texts.shadowTables} steps={walk.shadow} end={walk.shadowEnd} />
      </div>
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

function Steps({ title, steps, end }: { title: string; steps: readonly WalkStep[]; end: string }) {
  const texts = useTexts();
  return (
    <div class="scroll" tabIndex={0}>
      <h3>{title}</h3>
      {steps.length === 0 ? <p class="hint">{texts.noTables}</p> : null}
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
          {steps.map(({ level, at, flags, target }) => (
            <tr key={level}>
              <th scope="row">{level}</th>
              <td class="code">{hexadecimal(at)}</td>
              <td class="code">{flags}</td>
              <td class="code">{hexadecimal(target)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{texts.result}</th>
            <td class="code" colSpan={3}>
              {end}
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
