// Chromium for the tests, from an npm package that ships its program (for x86-64 Linux) and the libraries that it needs
// besides the C library's, so that nothing else is fetched; TRAPEZE_CHROMIUM names another one. Where it does not start,
// the error says what is missing.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packaged from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

export interface Chromium {
  readonly browser: Browser;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Chromium> {
  const folder = mkdtempSync(join(tmpdir(), 'trapeze-chromium-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const program = process.env['TRAPEZE_CHROMIUM'] ?? (await unpack(folder));
    const browser = await launch(program, librariesIn(folder));
    return { browser, close: () => browser.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * The package unpacks to the folder for temporary files, and takes for whole what it finds there. Every run gets a
 * folder of its own, so that nobody runs what another is still writing.
 */
async function unpack(folder: string): Promise<string> {
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: WITH_LIBRARIES });
  try {
    return await packaged.executablePath();
  } finally {
    for (const name of ['TMPDIR', 'AWS_EXECUTION_ENV']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
/** Where the package believes to be when it unpacks its libraries too, and where it puts them. */
const WITH_LIBRARIES = 'AWS_Lambda_nodejs20.x';
const librariesIn = (folder: string) => join(folder, 'al2023', 'lib');

/**
 * Starts this program, with the libraries of a folder where the machine lacks any.
 * @throws where it does not start, with what it lacks as far as that can be told.
 */
export async function launch(program: string, libraries?: string): Promise<Browser> {
  const lacks = libraries !== undefined && missingLibraries(program).length > 0;
  const env = lacks ? { env: { ...process.env, LD_LIBRARY_PATH: libraries } } : {};
  try {
    return await chromium.launch({ executablePath: program, ...env });
  } catch (error) {
    throw new Error(`Chromium does not start: ${reason(program)}`, { cause: error });
  }
}

function reason(program: string): string {
  const missing = missingLibraries(program);
  if (missing.length > 0)
    return `${missing.join(', ')} cannot be found; on Debian and Ubuntu: apt-get install libnss3 libexpat1`;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the packaged one is for x86-64 Linux, and this is ${process.arch} ${process.platform}; name another in TRAPEZE_CHROMIUM`;
  return 'its own words are the cause of this error; another program can be named in TRAPEZE_CHROMIUM';
}

/** Shared libraries that the program needs and this machine lacks, where the loader can be asked. */
function missingLibraries(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] as string);
}
