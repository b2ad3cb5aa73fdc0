// This process as the host of a run: nothing is typed, and idle time is skipped.

import type { Host } from '../src/session/drive.ts';

export const host: Host = {
  milliseconds: () => performance.now(),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: () => Promise.resolve(),
};
