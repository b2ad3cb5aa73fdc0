// The chosen exit, explained: what trapped, why, what the monitor did, what changed, what it cost, and the definition.

import type { Lab } from '../lab.ts';
import { useTexts } from './settings.ts';

export function ExitPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { explanation } = lab;
  if (explanation === undefined || lab.chosen === undefined)
    return <p class="hint">{lab.guests.length === 0 ? texts.noGuest : texts.noExit}</p>;
  const { reason, what, why, did, changes, definition } = explanation;
  const paid = lab.guests[lab.chosen.guest]?.frame?.counts.find((count) => count.reason === reason);
  const each = paid === undefined ? 0 : Math.round(paid.hostNanoseconds / Math.max(1, paid.timed));
  return (
    <div class="columns">
      <div class="story">
        <h2 class="code">{reason}</h2>
        <dl>
          <dt>{texts.what}</dt>
          <dd>{what[texts.languageCode]}</dd>
          <dt>{texts.why}</dt>
          <dd>{why[texts.languageCode]}</dd>
          <dt>{texts.did}</dt>
          <dd>{did[texts.languageCode]}</dd>
          <dt>{texts.cost}</dt>
          <dd>
            {texts.costOf}: {each.toLocaleString('en')} ns.
          </dd>
        </dl>
        <h3>{texts.changes}</h3>
        {changes.length === 0 ? (
          <p>{texts.nothingChanged}</p>
        ) : (
          <div class="scroll" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col" />
                  <th scope="col">{texts.before}</th>
                  <th scope="col">{texts.after}</th>
                </tr>
              </thead>
              <tbody>
                {changes.map(({ name, before, after }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td class="code">{before}</td>
                    <td class="code">
                      <span class="changed">{after}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {definition === undefined ? null : (
        <div class="story">
          <h3>
            {texts.definition}: <code>{definition.title[texts.languageCode]}</code>
          </h3>
          <pre class="definition" tabIndex={0}>
            {definition.text[texts.languageCode]}
          </pre>
        </div>
      )}
    </div>
  );
}
