// The virtual CPU in focus: registers, control registers beside the real hart's, the code ahead, memory and devices.

import type { Lab } from '../lab.ts';
import type { FieldView, StateView, Word } from '../protocol.ts';
import { CodeTable } from './code-table.tsx';
import { DeviceList } from './device-list.tsx';
import { HartChooser } from './hart-chooser.tsx';
import { said, useTexts } from './settings.ts';
import { AddressField } from './walk-panel.tsx';

const hexadecimal = (value: bigint) => value.toString(16);
const ROW = 16;

export function StatePanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { state } = lab;
  if (state === undefined) return <p class="hint">{texts.noGuest}</p>;
  return (
    <>
      <p>
        <code>
          pc {hexadecimal(state.pc)} {state.symbol}
        </code>{' '}
        · {texts.believes}{' '}
        <span class="mode" data-mode={state.mode}>
          {state.mode}
        </span>{' '}
        · {texts.really}{' '}
        <span class="mode" data-mode="U">
          U
        </span>
      </p>
      <HartChooser lab={lab} />
      <div class="columns state">
        <div>
          <h3>{texts.registers}</h3>
          <Registers words={state.registers} />
          {state.floats.length === 0 ? null : (
            <details>
              <summary>{texts.floats}</summary>
              <Registers words={state.floats} />
            </details>
          )}
          <h3>{texts.code}</h3>
          <CodeTable lab={lab} code={state.code} />
          <h3>{texts.memory}</h3>
          <AddressField lab={lab} />
          <div class="scroll" tabIndex={0}>
            <Memory memory={state.memory} />
          </div>
        </div>
        <div class="scroll" tabIndex={0}>
          <h3>{texts.csrs}</h3>
          <Csrs words={state.csrs} />
          <h3>{texts.devices}</h3>
          <DeviceList devices={state.devices} />
        </div>
      </div>
    </>
  );
}

function Registers({ words }: { readonly words: readonly Word[] }) {
  return (
    <dl class="registers">
      {words.map(({ name, value, changed }) => (
        <div key={name} class={changed ? 'changed' : ''}>
          <dt>{name}</dt>
          <dd>{hexadecimal(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Csrs({ words }: { readonly words: readonly Word[] }) {
  const texts = useTexts();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" />
          <th scope="col">{texts.virtual}</th>
          <th scope="col">{texts.real}</th>
        </tr>
      </thead>
      <tbody>
        {words.map(({ name, value, real, changed, fields }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="code">
              <span class={changed ? 'changed' : ''}>{hexadecimal(value)}</span>
              <span class="fields">
                {fields.map((field) => (
                  <Field key={field.name} field={field} />
                ))}
              </span>
            </td>
            <td class="code">{real === undefined ? '' : hexadecimal(real)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A field that is zero steps back, and is there. */
function Field({ field: { name, value, changed, meaning } }: { readonly field: FieldView }) {
  const texts = useTexts();
  return (
    <span class={`${value === 0n ? 'zero' : ''} ${changed ? 'changed' : ''}`}>
      {name}={hexadecimal(value)}
      {meaning === undefined ? '' : ` ${said(meaning, texts)}`}
    </span>
  );
}

function Memory({ memory }: { readonly memory: StateView['memory'] }) {
  if (memory === undefined) return <p class="hint">–</p>;
  const rows = Array.from({ length: Math.ceil(memory.bytes.length / ROW) }, (_, row) => {
    const bytes = [...memory.bytes.subarray(row * ROW, (row + 1) * ROW)];
    return { address: memory.address + BigInt(row * ROW), bytes };
  });
  return (
    <table>
      <tbody>
        {rows.map(({ address, bytes }) => (
          <tr key={address}>
            <th scope="row">{hexadecimal(address)}</th>
            <td class="code">{bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}</td>
            <td class="code">{bytes.map(printable).join('')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const printable = (byte: number) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '·');
