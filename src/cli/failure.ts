// How the program ends badly: with a message for the user and the exit code of docs/interface.md. Thrown by a command
// and caught once, in main.ts; whatever else arrives there is our bug.

export const ExitCode = {
  Done: 0,
  CheckFailed: 1,
  Usage: 2,
  BadImage: 65,
  InternalError: 70,
  Interrupted: 130,
} as const;

export class Failure extends Error {
  readonly exitCode: number;
  /** @param message whole lines, without a final newline. */
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** An image or source that cannot be used. */
export const badImage = (file: string, message: string, hint?: string): Failure =>
  new Failure(ExitCode.BadImage, `trapeze: ${file}: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`);

export const badUsage = (message: string): Failure => new Failure(ExitCode.Usage, `trapeze: ${message}`);
