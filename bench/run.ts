// Runs a system in this process to its end, and insists on a good one.

import { drive, type Host } from '../src/session/drive.ts';
import { type System, stepsOf } from '../src/session/system.ts';

export const host: Host = {
  milliseconds: () => performance.now(),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: () => Promise.resolve(),
};

/** The steps that its only guest took. */
export async function stepsToEnd(system: System): Promise<number> {
  await drive(system, host, { clock: 'virtual' });
  const [guest] = system.guests;
  const outcome = guest?.board.outcome;
  if (guest === undefined || outcome?.kind !== 'exit' || outcome.code !== 0) {
    throw new Error(`${guest?.name}: ended with ${JSON.stringify(outcome)}`);
  }
  const { user, supervisor, machine } = stepsOf(guest);
  return user + supervisor + machine;
}
