// Tables of a measurement in a document that keeps them between two comments. Left out: what is in them.

interface Measured {
  readonly date: string;
  readonly machine: Readonly<Record<string, string>>;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
/** A table whose first column is text and whose others are numbers. */
export const table = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(headings), row(headings.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n');
/** Where and when something was measured. */
export const captionOf = ({ machine, date }: Measured) =>
  `${Object.values(machine).join('; ')}; ${date.slice(0, 'yyyy-mm-dd'.length)}`;

/** Puts text between the two comments of a name, in a document that has them. */
export function filled(document: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${start} … ${end} in the document`);
  return `${document.slice(0, from + start.length)}\n${text}\n${document.slice(to)}`;
}
