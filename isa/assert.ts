// Our own mistakes: conditions that only a bug in Trapeze can break, whatever a guest or a user does.
// They end the run with exit code 70 and are never caught; see "Failure, in three kinds" in docs/architecture.md.
// An architectural exception is `raise`, a user's mistake is a Diagnostic: neither belongs here.

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`internal error: ${message}`);
}

/** For the default of an exhaustive switch: compiles only while every case is handled. */
export function unreachable(value: never): never {
  throw new Error(`internal error: unexpected ${String(value)}`);
}
