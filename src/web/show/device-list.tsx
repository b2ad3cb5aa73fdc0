// The devices of the guest in focus, each with its registers: those that changed since the last look are marked.

import type { DeviceView, RegisterLine } from '../protocol.ts';
import { useTexts } from './settings.ts';

const hexadecimal = (value: bigint | number) => value.toString(16);
const DIGITS_PER_BYTE = 2;

export function DeviceList({ devices }: { readonly devices: readonly DeviceView[] }) {
  const texts = useTexts();
  return (
    <div class="devices">
      {devices.map(({ name, base, registers, zeros }) => (
        <details key={name} open={name === 'uart'}>
          <summary>
            <code class={registers.some(({ changed }) => changed) ? 'changed' : ''}>{name}</code>{' '}
            <code>0x{hexadecimal(base)}</code>
          </summary>
          <table>
            <thead>
              <tr>
                <th scope="col">{texts.register}</th>
                <th scope="col">{texts.offset}</th>
                <th scope="col">{texts.value}</th>
              </tr>
            </thead>
            <tbody>
              {registers.map((register) => (
                <Line key={register.name} register={register} />
              ))}
            </tbody>
          </table>
          {zeros === 0 ? null : (
            <p class="hint">
              {texts.zeroRegisters}: {zeros}
            </p>
          )}
        </details>
      ))}
    </div>
  );
}

function Line({ register: { name, offset, width, value, writeOnly, changed } }: { readonly register: RegisterLine }) {
  const texts = useTexts();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="code">+{hexadecimal(offset)}</td>
      <td class="code">
        <span class={changed ? 'changed' : ''}>{hexadecimal(value).padStart(DIGITS_PER_BYTE * width, '0')}</span>
        {writeOnly === true ? <span class="within"> {texts.writeOnly}</span> : null}
      </td>
    </tr>
  );
}
