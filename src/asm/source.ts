// Where text comes from: a line of a file, and the macros and repetitions that made a statement out of it. A statement
// is what stands between two line ends or semicolons, its comments blanked out so that columns stay those of the file.
// Left out: how text is read; files come from the caller.

import type { Diagnostic } from './diagnostic.ts';

/** A line as a diagnostic shows it. */
export interface Origin {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly within?: Expansion;
}

/** What text was made by: 'macro save, used at kernel.s:12'. */
export interface Expansion {
  readonly what: string;
  readonly at: Origin;
}

export interface Line {
  readonly text: string;
  readonly origin: Origin;
}

export interface Statement {
  readonly text: string;
  /** Where `text` starts in the line of its origin, from 0. */
  readonly column: number;
  readonly origin: Origin;
}

/** A place in a source to point at. */
export interface Span {
  readonly origin: Origin;
  readonly column: number;
  readonly length: number;
}

/** Notes beyond these say nothing new: a macro that calls itself. */
const MOST_NOTES = 6;

export function spanOf(statement: Statement, at = 0, length = statement.text.length - at): Span {
  return { origin: statement.origin, column: statement.column + at, length };
}

export function diagnosticAt(
  span: Span,
  severity: Diagnostic['severity'],
  message: string,
  hint: string | undefined,
): Diagnostic {
  const { file, line, text } = span.origin;
  const notes: string[] = [];
  for (let within = span.origin.within; within !== undefined && notes.length < MOST_NOTES; within = within.at.within) {
    notes.push(`in ${within.what}, used at ${within.at.file}:${within.at.line}`);
  }
  const place = { file, line, column: span.column + 1, length: span.length, text };
  return { severity, message, ...place, ...(hint === undefined ? {} : { hint }), ...(notes.length ? { notes } : {}) };
}

/** The lines of a file. */
export function linesOf(file: string, text: string): Line[] {
  return text.split(/\r\n|\n|\r/).map((line, index) => ({
    text: line,
    origin: { file, line: index + 1, text: line },
  }));
}
