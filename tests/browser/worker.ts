// The dedicated worker of the test's page: runs what it is sent, and posts back what that came to, or why it failed.
// The names of its scope are declared here: the project is checked against Node's types, not a browser's.

import { type Ran, type Request, runGuests } from './run-guests.ts';

export type Answer = { readonly ran: readonly Ran[] } | { readonly failure: string };

interface WorkerScope {
  onmessage: (event: { readonly data: Request }) => void;
  postMessage(answer: Answer): void;
}

// What a dedicated worker's global scope is, as far as this file uses it.
const scope = globalThis as unknown as WorkerScope;

const host = {
  milliseconds: () => performance.now(),
  breathe: () => new Promise<void>((resolve) => setTimeout(resolve)),
  sleep: () => Promise.reject(new Error('a run on a virtual clock never waits')),
};

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ ran: await runGuests(data, host) });
  } catch (error) {
    scope.postMessage({ failure: error instanceof Error ? `${error.stack}` : String(error) });
  }
};
