// The whole core in Chromium, in a dedicated worker of a page that is served as strictly as a static page can be: each
// engine gives, bare and virtual, the run that it gives in Node, to the last word of state and byte of memory.
// What the runs should come to is tested elsewhere (tests/guests/); here, that the host makes no difference.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENGINES } from '../../src/machine/engine.ts';
import { bundle, type Site } from './bundle.ts';
import { bundledText, demoOf } from './bundled-text.ts';
import { type Chromium, startChromium } from './chromium.ts';
import type { PageScope } from './page.ts';
import { type Request, runGuests } from './run-guests.ts';
import { SCRIPTS, type SiteServer, serve } from './site-server.ts';

/** A worker that tries to make code of text. */
const PROBE = "try { (0, eval)('1'); postMessage('allowed'); } catch (error) { postMessage(error.name); }";

let site: Site;
let server: SiteServer;
let chromium: Chromium;
let page: Page;
const requested: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  site = await bundle();
  server = await serve(new Map([...site, ['/probe.js', PROBE]]));
  chromium = await startChromium();
  page = await chromium.browser.newPage();
  page.on('request', (request) => requested.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${server.origin}/index.html`);
});

afterAll(async () => {
  await chromium?.close();
  await server?.close();
});

const node = {
  milliseconds: () => performance.now(),
  breathe: () => new Promise<void>((resolve) => setImmediate(resolve)),
  sleep: () => Promise.reject(new Error('a run on a virtual clock never waits')),
};

// The page's script has put it there; the function is carried into the page as text.
const inBrowser = (request: Request, there = page) =>
  there.evaluate((sent) => (globalThis as unknown as PageScope).runInWorker(sent), request);

const ticks = bundledText('ticks');
const lilliput = bundledText('lilliput', demoOf('lilliput'));
const runs: readonly (readonly [what: string, run: Omit<Request, 'engine'>])[] = [
  ['an SBI guest, bare', { way: 'bare', guests: [ticks] }],
  ['lilliput, bare', { way: 'bare', guests: [lilliput] }],
  ['lilliput, virtual', { way: 'virtual', guests: [lilliput] }],
  ['two guests beside each other', { way: 'virtual', guests: [ticks, lilliput] }],
];

describe.each(ENGINES)('%s in a worker gives the run that it gives in Node', (engine) => {
  test.each(runs)('%s', async (_what, run) => {
    const request: Request = { ...run, engine };
    const ran = await inBrowser(request);
    expect(ran).toEqual(await runGuests(request, node));
    expect(ran.map(({ outcome }) => outcome)).toEqual(run.guests.map(() => ({ kind: 'exit', code: 0 })));
  });
});

test('the page may not make code of text, and asked for nothing but its own files', async () => {
  const probed = await page.evaluate(
    () =>
      new Promise((resolve) => {
        // A name of the page's scope, which is not Node's.
        const { Worker } = globalThis as unknown as { Worker: new (url: string) => { onmessage: unknown } };
        new Worker('/probe.js').onmessage = ({ data }: { data: string }) => resolve(data);
      }),
  );
  expect(probed).toBe('EvalError');
  expect(requested.length).toBeGreaterThan(0);
  expect(requested.filter((url) => !url.startsWith(`${server.origin}/`))).toEqual([]);
  expect(complaints).toEqual([]);
});

test('where a page may not compile WebAssembly, the reference runs all the same, and each other engine says why not', async () => {
  const strict = await serve(site, SCRIPTS.own);
  try {
    const there = await chromium.browser.newPage();
    await there.goto(`${strict.origin}/index.html`);
    const request = { way: 'bare', guests: [ticks] } as const;
    const [ran] = await inBrowser({ ...request, engine: 'reference' }, there);
    expect(ran?.outcome).toEqual({ kind: 'exit', code: 0 });
    for (const engine of ENGINES.filter((engine) => engine !== 'reference'))
      await expect(inBrowser({ ...request, engine }, there)).rejects.toThrow(/Content Security Policy/);
  } finally {
    await strict.close();
  }
});

test('text that does not assemble comes back with its diagnostics', async () => {
  const sources = [{ name: 'wrong.s', text: '_start: addd a0, a1, a2\n' }];
  const guests = [{ name: 'wrong', base: ticks.base, sources, included: {}, typed: '' }];
  await expect(inBrowser({ guests, way: 'bare', engine: 'reference' })).rejects.toThrow('wrong.s');
});

test("a bundle that reaches a built-in module of Node's is refused, and both are named", async () => {
  await expect(bundle('../../src/cli/files.ts')).rejects.toThrow(/files\.ts imports node:fs/);
});
