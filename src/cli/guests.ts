// `trapeze guests`: what comes with Trapeze.

import { bundledGuests } from './bundled.ts';

const MODES = { m: 'M-mode', s: 'S-mode' } as const;

export function guestsCommand({ json }: { json?: boolean }): void {
  const guests = bundledGuests();
  if (json) {
    const rows = guests.map(({ name, title, mode, description }) => ({ name, title, mode, description }));
    process.stdout.write(`${JSON.stringify({ schema: 'trapeze/guests/1', guests: rows }, null, 2)}\n`);
    return;
  }
  const width = Math.max(...guests.map(({ name }) => name.length));
  for (const { name, mode, description } of guests) {
    process.stdout.write(`${name.padEnd(width)}  ${MODES[mode]}  ${description}\n`);
  }
}
