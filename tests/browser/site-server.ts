// Serves a site on the loopback interface, with the strictest policy under which a static page can run WebAssembly:
// scripts and workers of its own, code compiled from bytes but never from text, and nothing else at all.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import type { Site } from './bundle.ts';

/** Content Security Policy Level 3: `wasm-unsafe-eval` is the narrow part of `unsafe-eval` that lets wasm compile. */
const policy = (scripts: string) => `default-src 'none'; script-src ${scripts}; base-uri 'none'; form-action 'none'`;
/** What a page's scripts may be and do. */
export const SCRIPTS = { own: "'self'", ownAndWasm: "'self' 'wasm-unsafe-eval'" } as const;
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };
const OK = 200;
const NOT_FOUND = 404;

export interface SiteServer {
  readonly origin: string;
  close(): Promise<void>;
}

export async function serve(site: Site, scripts: string = SCRIPTS.ownAndWasm): Promise<SiteServer> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const body = site.get(path);
    response.writeHead(body === undefined ? NOT_FOUND : OK, {
      'content-security-policy': policy(scripts),
      'content-type': TYPES[extname(path)] ?? 'text/plain',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // A server that listens on a port of IP has an address of this form.
  const { address, port } = server.address() as AddressInfo;
  return {
    origin: `http://${address}:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
