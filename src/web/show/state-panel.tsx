// The virtual CPU in focus: registers, control registers beside the real hart's, the code ahead, memory and devices.

import type { Lab } from '../lab.ts';
import type { StateView, Word } from '../protocol.ts';
import { useTexts } from './settings.ts';
import { AddressField } from './walk-panel.tsx';

const hexadecimal = (value: bigint) => value.toString(16);
const ROW = 16;

export function StatePanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { state } = lab;
  if (state === undefined) return <p class="hint">{texts.noExit}</p>;
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
      <div class="columns state">
        <div>
          <h3>{texts.registers}</h3>
          <Registers words={state.registers} />
          <h3>{texts.code}</h3>
          <Code state={state} />
        </div>
        <div class="scroll" tabIndex={0}>
          <h3>{texts.csrs}</h3>
          <Csrs words={state.csrs} />
        </div>
        <div class="scroll" tabIndex={0}>
          <h3>{texts.memory}</h3>
          <AddressField lab={lab} />
          <Memory memory={state.memory} />
          <h3>{texts.devices}</h3>
          <table>
            <tbody>
              {state.devices.map(({ name, base, bytes }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="code">0x{hexadecimal(base)}</td>
                  <td class="code number">{bytes}</td>
                </tr>
              ))}
            </tbody>
          </table>
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
                {fields
                  .filter((field) => field.value !== 0n || field.changed)
                  .map((field) => (
                    <span key={field.name} class={field.changed ? 'changed' : ''}>
                      {field.name}={hexadecimal(field.value)}
                    </span>
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

function Code({ state }: { readonly state: StateView }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        <tbody>
          {state.code.map(({ address, label, bits, text, current }) => (
            <tr key={address} class={current ? 'current' : ''}>
              <th scope="row">{hexadecimal(address)}</th>
              <td class="code">{bits}</td>
              <td class="code">{text.replace('\t', ' ')}</td>
              <td class="code">{label ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
