// What the classification found, as data and as text: a line for each instruction that is sensitive, CSRs a line each,
// and whether the theorem's condition holds: every sensitive instruction is privileged (Popek and Goldberg, theorem 1).

import { type Class, type Classified, Classifier, type Witness } from './classify.ts';
import { formsOfAll } from './forms.ts';

export interface IsaReport {
  readonly schema: 'trapeze/check-isa/1';
  readonly holds: boolean;
  readonly executions: number;
  readonly forms: readonly {
    readonly name: string;
    readonly group: string;
    readonly class: Class;
    readonly sensitive: readonly Witness[];
    /** A sensitive form that does not always trap in U does so under the monitor's controls. */
    readonly controlled: boolean;
  }[];
}

export function checkIsa(): IsaReport {
  const classifier = new Classifier();
  const forms = formsOfAll().map((form) => classifier.classify(form));
  return {
    schema: 'trapeze/check-isa/1',
    holds: forms.every((each) => each.class !== 'sensitive' || each.controlled),
    executions: classifier.executions,
    forms: forms.map(rowOf),
  };
}

function rowOf({ form, class: found, witnesses, controlled }: Classified): IsaReport['forms'][number] {
  return {
    name: form.name,
    group: form.group,
    class: found,
    sensitive: witnesses,
    controlled: found === 'sensitive' && controlled,
  };
}

type Row = IsaReport['forms'][number];
const EXAMPLES = 6;
const WIDTH = 22;

/** @returns lines, without a final newline. */
export function isaText({ holds, executions, forms }: IsaReport): string {
  const privileged = forms.filter((row) => row.class === 'privileged');
  const open = forms.filter((row) => row.class === 'sensitive');
  const culprits = open.filter((row) => !row.controlled);
  const classes: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ['privileged and sensitive', privileged.filter((row) => row.sensitive.length > 0)],
    ['privileged, not sensitive', privileged.filter((row) => row.sensitive.length === 0)],
    ['sensitive, trapped by a control', open.filter((row) => row.controlled)],
    ['sensitive, not privileged', culprits],
    ['traps in every mode', forms.filter((row) => row.class === 'trapping')],
    ['innocuous', forms.filter((row) => row.class === 'innocuous')],
  ];
  return [
    `${forms.length} forms of instructions, executed ${executions.toLocaleString('en')} times in U, S and M:`,
    '',
    ...classes.map(([title, rows]) =>
      `  ${title.padEnd(32)}${String(rows.length).padStart(5)}  ${examples(rows)}`.trimEnd(),
    ),
    '',
    'Sensitive, each with a state that shows it:',
    '',
    ...lines(forms),
    '',
    holds
      ? "Popek and Goldberg's condition holds: every sensitive instruction traps in U, where the monitor runs its guests."
      : `Popek and Goldberg's condition does not hold. Sensitive, and no trap in U: ${[...new Set(culprits.map(({ group }) => group))].join('; ')}.`,
  ].join('\n');
}

function examples(rows: readonly Row[]): string {
  const groups = [...new Set(rows.map(({ group }) => group.replace(/, (read|written)$/, '')))];
  return groups.slice(0, EXAMPLES).join(', ') + (groups.length > EXAMPLES ? ', …' : '');
}

/** A line for each group and kind; groups that are alike but for a number in their name share it. */
function lines(forms: readonly Row[]): string[] {
  const found = new Map<string, { groups: string[]; text: string }>();
  for (const { group, sensitive } of forms) {
    for (const { kind, mode, text } of sensitive) {
      const alike = group.replace(/\d+/, '*');
      const key = `${alike} ${kind}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { groups: [group], text: `${kind.padEnd(9)}in ${mode}: ${text}` });
      else if (!known.groups.includes(group)) known.groups.push(group);
    }
  }
  return [...found.values()].map(({ groups, text }) => {
    const name = groups.length === 1 ? (groups[0] as string) : (groups[0] as string).replace(/\d+/, '*');
    return `  ${name.padEnd(WIDTH)}  ${text}`;
  });
}
