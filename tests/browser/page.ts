// The test's page: a static page whose only script starts one worker for each run, as the teaching page will.
// The names of its scope are declared here: the project is checked against Node's types, not a browser's.

import type { Ran, Request } from './run-guests.ts';
import type { Answer } from './worker.ts';

interface Worker {
  onmessage: (event: { readonly data: Answer }) => void;
  onerror: (event: { readonly message?: string }) => void;
  postMessage(request: Request): void;
  terminate(): void;
}

declare const Worker: new (url: URL, options: { type: 'module' }) => Worker;

/** What the page offers to whoever drives the browser. */
export interface PageScope {
  runInWorker(request: Request): Promise<readonly Ran[]>;
}

function runInWorker(request: Request): Promise<readonly Ran[]> {
  // The bundler finds the worker by this very form.
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const answered = new Promise<readonly Ran[]>((resolve, reject) => {
    worker.onmessage = ({ data }) => ('ran' in data ? resolve(data.ran) : reject(new Error(data.failure)));
    worker.onerror = ({ message }) => reject(new Error(message ?? 'the worker did not load'));
  });
  worker.postMessage(request);
  return answered.finally(() => worker.terminate());
}

Object.assign(globalThis, { runInWorker } satisfies PageScope);
