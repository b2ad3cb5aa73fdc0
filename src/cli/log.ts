// --log: where the lines of a log go, and what writes them: standard error, or a file that does not grow past --log-size.

import { writeSync } from 'node:fs';
import { sizeText } from '../debug/bounded-text.ts';
import { exitLog, steppingLog } from '../debug/log.ts';
import { BoundedFile } from './bounded-file.ts';
import type { PlannedGuest } from './machine-options.ts';
import type { LogOption } from './options.ts';

/** Bytes that the last line takes. */
const RESERVE = 100;

export function openLog({ level, file }: LogOption, planned: readonly PlannedGuest[], most: number) {
  const text = file === undefined ? undefined : new BoundedFile({ option: '--log', file, most, reserve: RESERVE });
  const write = (line: string) => {
    if (text === undefined) writeSync(process.stderr.fd, `${line}\n`);
    else text.write(`${line}\n`);
  };
  const context = (index: number) => {
    const guest = planned[index] as PlannedGuest;
    return { name: guest.name, symbols: guest.named.symbols, write, isFull: () => text?.isFull === true };
  };
  return {
    wrap: level === 'exits' ? undefined : steppingLog(level, context),
    exit: (index: number) => exitLog(context(index)),
    close: () => {
      if (text?.isFull) {
        text.last(`there was no room for more: ${sizeText(most)} (--log-size)\n`);
        process.stderr.write(`trapeze: ${file} ends where it reached ${sizeText(most)} (--log-size)\n`);
      }
      text?.close();
    },
  };
}
