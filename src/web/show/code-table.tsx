// The instructions ahead, with symbols and the lines of the source that they come from, where that is known; a press
// beside a line sets a breakpoint there, another takes it away.

import type { Lab } from '../lab.ts';
import type { CodeLine } from '../protocol.ts';
import { useTexts } from './settings.ts';

const hexadecimal = (value: bigint) => value.toString(16);

export function CodeTable({ lab, code }: { readonly lab: Lab; readonly code: readonly CodeLine[] }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table class="listing">
        <tbody>
          {code.flatMap((line) => [
            line.label && (
              <tr key={`${line.address} label`} class="label">
                <td />
                <th scope="rowgroup" colSpan={3}>
                  {line.label}:
                </th>
              </tr>
            ),
            line.source && <SourceRow key={`${line.address} source`} lab={lab} line={line} source={line.source} />,
            <tr key={line.address} class={line.current ? 'current' : ''}>
              <td>
                {line.source === undefined ? <BreakMark lab={lab} where={`0x${hexadecimal(line.address)}`} /> : null}
              </td>
              <th scope="row">{hexadecimal(line.address)}</th>
              <td class="code">{line.bits}</td>
              <td class="code">{line.text.replace('\t', ' ')}</td>
            </tr>,
          ])}
        </tbody>
      </table>
    </div>
  );
}

interface SourceRowProps {
  readonly lab: Lab;
  readonly line: CodeLine;
  readonly source: NonNullable<CodeLine['source']>;
}
function SourceRow({ lab, line, source: { place, text, within } }: SourceRowProps) {
  // A macro's line is in many places: the breakpoint is then for this one.
  const where = within === undefined ? place : `0x${hexadecimal(line.address)}`;
  return (
    <tr class="source">
      <td>
        <BreakMark lab={lab} where={where} />
      </td>
      <th scope="row">{place}</th>
      <td class="code" colSpan={2} title={within}>
        {text}
        {within === undefined ? null : <span class="within"> ({within})</span>}
      </td>
    </tr>
  );
}

function BreakMark({ lab, where }: { readonly lab: Lab; readonly where: string }) {
  const texts = useTexts();
  const guest = lab.guests[lab.focus]?.name;
  if (guest === undefined) return null;
  const { breaks } = lab;
  const there = breaks.all.find(({ guest: name, at }) => name === guest && at.kind === 'address' && at.where === where);
  return (
    <button
      class="break"
      type="button"
      aria-pressed={there !== undefined}
      aria-label={`${texts.breakHere} ${where}`}
      onClick={() => (there === undefined ? breaks.add(guest, { kind: 'address', where }) : breaks.remove(there.id))}
    />
  );
}
