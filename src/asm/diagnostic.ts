// What the assembler says about a user's source: a mistake with its place, the line itself, a caret and what to do.
// Mistakes are data, gathered and returned all at once; nothing here throws or prints.
// Left out: colours, which are the terminal's business.

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** What would make it right. */
  readonly hint?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 units of `text`. */
  readonly column?: number;
  /** How many characters the caret underlines. */
  readonly length?: number;
  /** The line that `column` counts in: of the file, or as a macro expanded it. */
  readonly text?: string;
  /** How the line came to be: the macros and repetitions that it is in, innermost first. */
  readonly notes?: readonly string[];
}

/** The longest piece of a source line that is shown around a caret. */
const WINDOW = 160;
const BEFORE_CARET = 60;

/** 'file:line:column: error: message', the source line, a caret, the hint. */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const { severity, message, hint, file, line, column, notes = [] } = diagnostic;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const lines = [`${place === '' ? '' : `${place}: `}${severity}: ${message}`, ...excerpt(diagnostic)];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return [...lines, ...notes.map((note) => `  note: ${note}`)].join('\n');
}

function excerpt({ text, column, length = 1 }: Diagnostic): string[] {
  if (text === undefined || column === undefined) return [];
  const start = column - 1 > WINDOW - BEFORE_CARET ? column - 1 - BEFORE_CARET : 0;
  const shown = text.slice(start, start + WINDOW);
  // Tabs stay tabs, so that the caret stands where a terminal puts the character above it.
  const indent = text.slice(start, column - 1).replace(/[^\t]/g, ' ');
  const room = Math.max(1, shown.length - (column - 1 - start));
  return [`  ${shown}`, `  ${indent}${'^'.repeat(Math.max(1, Math.min(length, room)))}`];
}

/** All of them, a blank line between; the empty string where there is none. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(renderDiagnostic).join('\n\n');
}
