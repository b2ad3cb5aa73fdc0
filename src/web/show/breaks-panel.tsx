// The lasting breaks in one list, by place and by reason of exit, and how to add to it.

import { useState } from 'preact/hooks';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import { swatch } from '../exit-colours.ts';
import type { Lab } from '../lab.ts';
import type { Break } from '../protocol.ts';
import { useTexts } from './settings.ts';

export function BreaksPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const [where, setWhere] = useState('');
  const { breaks } = lab;
  const guest = lab.guests[lab.focus]?.name;
  const set = (reason: string) =>
    breaks.all.find((each) => each.guest === guest && each.at.kind === 'exit' && each.at.reason === reason);
  const toggle = (reason: string) => {
    const there = set(reason);
    if (there !== undefined) breaks.remove(there.id);
    else if (guest !== undefined) breaks.add(guest, { kind: 'exit', reason });
  };
  return (
    <div class="columns">
      <div class="story">
        {breaks.all.length === 0 ? <p class="hint">{texts.noBreaks}</p> : null}
        <ul class="breaks">
          {breaks.all.map((each) => (
            <Line key={each.id} lab={lab} each={each} />
          ))}
        </ul>
      </div>
      {guest === undefined ? null : (
        <div class="story">
          <form
            class="controls"
            onSubmit={(event) => {
              event.preventDefault();
              if (where.trim() === '') return;
              breaks.add(guest, { kind: 'address', where: where.trim() });
              setWhere('');
            }}
          >
            <label>
              {texts.breakAt} ({guest})
              <input
                class="where"
                placeholder="main, kernel.s:12, 8000…"
                value={where}
                onInput={({ currentTarget }) => setWhere(currentTarget.value)}
              />
            </label>
            <button type="submit">{texts.add}</button>
          </form>
          <fieldset class="reasons">
            <legend>
              {texts.breakOnExits} ({guest})
            </legend>
            {EXIT_REASONS.map((reason) => (
              <label key={reason} style={swatch(reason)}>
                <input type="checkbox" checked={set(reason) !== undefined} onChange={() => toggle(reason)} />
                <span class="swatch" />
                {reason}
              </label>
            ))}
          </fieldset>
          <p class="hint">{texts.breaksHint}</p>
        </div>
      )}
    </div>
  );
}

function Line({ lab, each }: { readonly lab: Lab; readonly each: Break }) {
  const texts = useTexts();
  const { id, guest, at, enabled } = each;
  const what = at.kind === 'exit' ? `${texts.exit} ${at.reason}` : at.where;
  const isLost = lab.breaks.unresolved.includes(id);
  return (
    <li>
      <label>
        <input
          type="checkbox"
          checked={enabled}
          onChange={({ currentTarget }) => lab.breaks.enable(id, currentTarget.checked)}
        />
        <code>{what}</code> · {guest}
      </label>
      {isLost ? <span class="status wrong">{texts.unresolved}</span> : null}
      <button type="button" aria-label={`${texts.remove} ${what}`} onClick={() => lab.breaks.remove(id)}>
        ✕
      </button>
    </li>
  );
}
