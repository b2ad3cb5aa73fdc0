// An image or a request that cannot be used, said in one line, with what to do about it. The command line shows it as
// a diagnostic; the platform does not know files or terminals.

export interface Refusal {
  readonly ok: false;
  readonly message: string;
  readonly hint?: string;
}

export const refuse = (message: string, hint?: string): Refusal =>
  hint === undefined ? { ok: false, message } : { ok: false, message, hint };
