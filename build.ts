// `npm run build`: dist/, which `npx trapeze` runs. The command line as one file, since loading a hundred modules takes
// longer than many a run; what a run would begin by making, the translator's core and V8's code; and the page.

import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { build } from 'vite';
import { coreBytes } from './src/machine/translator/core-bytes.ts';

const FOLDER = 'dist/src/cli';
const EXECUTABLE = 0o755;
/** Goes through the assembler, the monitor, the devices and the translator. */
const WARMING = ['run', 'ticks', 'lilliput', '--input', 'lilliput=guests/lilliput/demo.txt'];

async function bundle(source: string, file: string, format: 'cjs' | 'es', emptyOutDir: boolean): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      outDir: FOLDER,
      emptyOutDir,
      rollupOptions: { input: source, output: { format, entryFileNames: file } },
    },
    ssr: { noExternal: true },
  });
}

await bundle('src/cli/main.ts', 'trapeze.cjs', 'cjs', true);
await bundle('src/cli/launch.ts', 'main.js', 'es', false);
writeFileSync(`${FOLDER}/core.wasm`, coreBytes());
chmodSync(`${FOLDER}/main.js`, EXECUTABLE);
await build({ configFile: 'vite.web.config.ts', logLevel: 'error' });
execFileSync(process.execPath, [`${FOLDER}/main.js`, ...WARMING], {
  env: { ...process.env, TRAPEZE_KEEP_CODE: '' },
  stdio: 'pipe',
});
