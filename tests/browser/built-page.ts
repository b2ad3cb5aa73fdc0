// The teaching page as `npm run build` makes it, but in memory, and served as `trapeze web` serves it, in a folder that
// it was not told of: so each test of it is also one that it can be hosted anywhere.

import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { servePage } from '../../src/cli/web.ts';

const ROOT = fileURLToPath(new URL('../../src/web', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../vite.web.config.ts', import.meta.url));
const FOLDER = '/some/folder/';

export type Files = ReadonlyMap<string, string | Uint8Array>;

/** Its files by their path in it. */
export async function buildPage(): Promise<Files> {
  const built = await build({ root: ROOT, configFile: CONFIG, logLevel: 'silent', build: { write: false } });
  const files = new Map<string, string | Uint8Array>();
  for (const { output } of [built].flat().filter((bundle) => 'output' in bundle)) {
    for (const file of output) files.set(file.fileName, file.type === 'chunk' ? file.code : file.source);
  }
  return files;
}

export async function hostPage(files: Files): Promise<{ readonly address: string; close(): void }> {
  const server = servePage(new Map([...files].map(([path, content]) => [`${FOLDER}${path}`, content])));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // of a server on a port of IP
  return {
    address: `http://127.0.0.1:${port}${FOLDER}index.html`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
