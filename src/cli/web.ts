// `trapeze web`: serves the built page on the loopback interface, to nobody else, under a policy as strict as the page
// can live with. Nothing is read but the files that the build made; their names are known before the first request.

import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { projectFolder } from './bundled.ts';
import { ExitCode, Failure } from './failure.ts';
import { readFile, readIfThere } from './files.ts';

/** Styles may be inline: the terminal makes its own. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};
const LOOPBACK = '127.0.0.1';
const OK = 200;
const NOT_FOUND = 404;
const NOT_ALLOWED = 405;

interface WebOptions {
  readonly port: number;
}

export async function webCommand({ port }: WebOptions): Promise<void> {
  const server = servePage(builtPage());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Failure(ExitCode.Usage, `trapeze: port ${port}: ${error.message}`)));
    server.listen(port, LOOPBACK, resolve);
  });
  // A server that listens on a port of IP has an address of this form.
  const { port: taken } = server.address() as AddressInfo;
  process.stdout.write(`The page is at http://${LOOPBACK}:${taken}/ until Ctrl-C.\n`);
}

/** The page's files by their path on the server. */
function builtPage(): ReadonlyMap<string, Uint8Array> {
  const folder = join(projectFolder(), 'dist', 'web');
  if (readIfThere(join(folder, 'index.html')) === undefined)
    throw new Failure(ExitCode.BadImage, `trapeze: the page is not built: npm run build`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => extname(name) in TYPES);
  return new Map(names.map((name) => [`/${name.replaceAll('\\', '/')}`, readFile(join(folder, name))]));
}

/** @param files by path on the server. */
export function servePage(files: ReadonlyMap<string, string | Uint8Array>): Server {
  return createServer(({ method, url = '/' }, response) => {
    const path = url.split('?')[0] ?? '/';
    const name = path === '/' ? '/index.html' : path;
    const body = files.get(name);
    const known = method === 'GET' || method === 'HEAD';
    response.writeHead(known ? (body === undefined ? NOT_FOUND : OK) : NOT_ALLOWED, {
      'content-security-policy': POLICY,
      'content-type': TYPES[extname(name)] ?? 'text/plain',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    });
    response.end(known && method !== 'HEAD' ? body : undefined);
  });
}
