// Bundles a page and its workers as a static site, in memory, with Vite. Where anything that is reached imports a
// built-in module of Node, this fails and names both: a bundler alone would put an empty module in its place.

import { isBuiltin } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';

/** A site's files by their path in it, from the root. */
export type Site = ReadonlyMap<string, string | Uint8Array>;

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** @param entry relative to this folder: a page, or a script. */
export async function bundle(entry = 'index.html'): Promise<Site> {
  const bundles = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'silent',
    plugins: [refuseNode()],
    worker: { format: 'es', plugins: () => [refuseNode()] },
    build: {
      write: false,
      // Nothing is shortened, so that a failure in the browser names what we wrote.
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL(entry, import.meta.url)) },
    },
  });
  const site = new Map<string, string | Uint8Array>();
  for (const { output } of [bundles].flat().filter((bundle) => 'output' in bundle)) {
    for (const file of output) site.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : file.source);
  }
  return site;
}

function refuseNode(): Plugin {
  return {
    name: 'refuse-node',
    enforce: 'pre',
    resolveId(name, importer) {
      if (isBuiltin(name)) this.error(`${importer} imports ${name}, which is Node's alone`);
    },
  };
}
