// Inside the monitor: one exit, stage by stage, with what was noted at each: what the hardware reported, what the monitor
// found, what changed on the virtual CPU, what it touched besides, and the real hart as the guest goes on.

import type { Lab } from '../lab.ts';
import { type Fact, type MonitorView, type Pair, STAGES } from '../protocol.ts';
import { said, useTexts } from './settings.ts';

type Stage = (typeof STAGES)[number];

export function MonitorPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { monitor } = lab;
  const button = (
    <button type="button" disabled={lab.ended} onClick={() => lab.send({ kind: 'step-into' })}>
      {monitor === undefined ? texts.stepInto : texts.nextStage}
    </button>
  );
  if (monitor === undefined)
    return (
      <>
        <p class="hint">{texts.monitorHint}</p>
        <div class="controls">{button}</div>
      </>
    );
  const name = lab.guests[monitor.guest]?.name;
  const stage = STAGES[monitor.stage] ?? 'trap';
  return (
    <>
      <div class="controls">
        {button}
        <span class="status">
          {name} · {texts.cpu} {monitor.cpu} · <code>{monitor.explanation.reason}</code>
        </span>
      </div>
      <ol class="stages">
        {STAGES.map((each, index) => (
          <li key={each} aria-current={index === monitor.stage ? 'step' : undefined} data-past={index < monitor.stage}>
            {texts[`stage_${each}`]}
          </li>
        ))}
      </ol>
      <div class="story wide" data-stage={stage}>
        <Told stage={stage} view={monitor} />
      </div>
    </>
  );
}

function Told({ stage, view }: { readonly stage: Stage; readonly view: MonitorView }) {
  const texts = useTexts();
  const { explanation } = view;
  switch (stage) {
    case 'trap':
      return (
        <>
          <p>{view.trapped.length === 0 ? texts.noTrap : explanation.what[texts.languageCode]}</p>
          <Facts facts={view.trapped} />
          <h3>{texts.besideAtTrap}</h3>
          <Pairs pairs={view.atTrap} />
        </>
      );
    case 'cause':
      return (
        <>
          <p>{explanation.why[texts.languageCode]}</p>
          <Facts facts={view.found} />
          {view.walk.length > 0 && <h3>{texts.guestTables}</h3>}
          <Facts
            facts={view.walk.map(({ level, at, bits, flags }) => ({
              name: `${texts.level} ${level}: ${hexadecimal(at)}`,
              value: `${hexadecimal(bits)} ${flags}`,
            }))}
          />
        </>
      );
    case 'emulate':
      return (
        <>
          <p>{explanation.did[texts.languageCode]}</p>
          <h3>{texts.changes}</h3>
          {explanation.changes.length === 0 ? (
            <p>{texts.nothingChanged}</p>
          ) : (
            <Table
              heads={[texts.before, texts.after]}
              rows={explanation.changes.map(({ name, before, after }) => ({ name, cells: [before, after], marked: 1 }))}
            />
          )}
          {explanation.definition !== undefined && (
            <>
              <h3>
                {texts.definition}: <code>{explanation.definition.title[texts.languageCode]}</code>
              </h3>
              <pre class="definition" tabIndex={0}>
                {explanation.definition.text[texts.languageCode]}
              </pre>
            </>
          )}
        </>
      );
    case 'touch':
      return view.touched.length === 0 ? <p>{texts.touchedNothing}</p> : <Facts facts={view.touched} />;
    case 'enter':
      return view.atEntry.length === 0 ? (
        <p>{texts.doesNotEnter}</p>
      ) : (
        <>
          <p>{texts.enters}</p>
          <Pairs pairs={view.atEntry} before={view.atTrap} />
        </>
      );
  }
}

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const texts = useTexts();
  if (facts.length === 0) return null;
  const rows = facts.map(({ name, value }) => ({ name: said(name, texts), cells: [said(value, texts)] }));
  return <Table heads={[]} rows={rows} />;
}
/** Virtual beside real; what is not as it was is marked. */
function Pairs({ pairs, before = pairs }: { readonly pairs: readonly Pair[]; readonly before?: readonly Pair[] }) {
  const texts = useTexts();
  const rows = pairs.map(({ name, virtual, real }, index) => ({
    name,
    cells: [virtual, real],
    changed: [virtual !== before[index]?.virtual, real !== before[index]?.real],
  }));
  return <Table heads={[texts.virtual, texts.real]} rows={rows} />;
}

interface Row {
  readonly name: string;
  readonly cells: readonly string[];
  /** By cell; and the one cell that is new by its nature. */
  readonly changed?: readonly boolean[];
  readonly marked?: number;
}
function Table({ heads, rows }: { readonly heads: readonly string[]; readonly rows: readonly Row[] }) {
  return (
    <div class="scroll" tabIndex={0}>
      <table>
        {heads.length > 0 && (
          <thead>
            <tr>
              <td />
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {rows.map(({ name, cells, changed, marked }, index) => (
            <tr key={`${name} ${index}`}>
              <th scope="row">{name}</th>
              {cells.map((cell, at) => (
                <td key={heads[at] ?? at} class="code">
                  <span class={changed?.[at] || marked === at ? 'changed' : ''}>{cell}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
