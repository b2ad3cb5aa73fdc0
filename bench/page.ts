// `npm run bench:page`: the page in a real Chromium, nothing of it cached: the time from navigation to a guest's first
// console line, which is compared before its time is printed, and how many exits a second it handles as fast as it goes.
// Both are of the machine that it runs on. The button is pressed as soon as it is there; nobody is as quick as that.

import { Command } from 'commander';
import type { Page } from 'playwright-core';
import { spreadOf } from '../src/bench/statistics.ts';
import { boot, button, openSite, type Site, tab } from '../tests/browser/visits.ts';
import { describeHost } from './peers/machine.ts';
import { progress } from './progress.ts';

/** What the first guest writes first. */
const FIRST_LINE = 'ticks: three tasks, one hart';
const BOOT = 'Boot two operating systems';
const ROUNDS = 9;

/** Presses the button, and notes when a console has a line: milliseconds since navigation began. */
const WATCH = `(() => {
  let pressed = false;
  const look = () => {
    const button = pressed ? undefined : [...document.querySelectorAll('button')].find(isBoot);
    button?.click();
    pressed ||= button !== undefined;
    const line = document.querySelector('.xterm-rows > div')?.textContent.trim();
    if (line) globalThis.firstLine = { line, milliseconds: performance.now() };
    else requestAnimationFrame(look);
  };
  const isBoot = ({ textContent }) => textContent === ${JSON.stringify(BOOT)};
  requestAnimationFrame(look);
})()`;

interface FirstLine {
  readonly line: string;
  readonly milliseconds: number;
}

/** What WATCH leaves in the page. */
interface Watched {
  readonly firstLine?: FirstLine;
}

async function firstLine(site: Site): Promise<number> {
  const page = await site.blank();
  await page.addInitScript(WATCH);
  await page.goto(site.address);
  const found = await page.waitForFunction(() => (globalThis as unknown as Watched).firstLine);
  const { line, milliseconds } = (await found.jsonValue()) as FirstLine; // it waited for one
  await page.context().close();
  if (line !== FIRST_LINE) throw new Error(`the first line is ${JSON.stringify(line)}`);
  return milliseconds;
}

const EXITS = 2_000_000;
/** Two accesses to a control register a turn; then the machine is switched off. */
const EXITING = `.globl _start
_start: li t2, ${EXITS / 2}
turn: csrw mscratch, t2
 csrr t1, mscratch
 addi t2, t2, -1
 bnez t2, turn
 li t0, 0x100000
 li t1, 0x5555
 sw t1, 0(t0)
`;

async function exitsPerSecond(page: Page): Promise<number> {
  await boot(page);
  await page.getByLabel('Speed').selectOption('0');
  await tab(page, 'Your own guest').click();
  await page.getByRole('textbox', { name: 'Source' }).fill(EXITING);
  const start = performance.now();
  await button(page, 'Assemble and run').click();
  await page.getByText('All guests have ended.').waitFor({ timeout: 300_000 });
  const seconds = (performance.now() - start) / 1000;
  await page.context().close();
  return EXITS / seconds;
}

async function main({ rounds, json = false }: { readonly rounds: number; readonly json?: boolean }): Promise<void> {
  const site = await openSite();
  try {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      progress(`first line, ${round + 1} of ${rounds}`);
      times.push(await firstLine(site));
    }
    progress('exits');
    const exits = await exitsPerSecond(await site.visit());
    progress('');
    const { median, lower, upper } = spreadOf(times);
    const report = {
      schema: 'trapeze/bench-page/1',
      machine: describeHost(),
      rounds,
      firstLine: { milliseconds: median, lower, upper, line: FIRST_LINE },
      exitsPerSecond: exits,
    };
    const text = [
      `first console line after ${median.toFixed(0)} ms (half of ${rounds} runs between ${lower.toFixed(0)} and ${upper.toFixed(0)})`,
      `${(exits / 1e6).toFixed(2)} million exits a second, as fast as it goes`,
    ].join('\n');
    process.stdout.write(`${json ? JSON.stringify(report, null, 2) : text}\n`);
  } finally {
    await site.close();
  }
}

await new Command('bench:page')
  .description('The page in Chromium: the time to the first console line, and exits a second.')
  .option('--rounds <count>', 'navigations', Number, ROUNDS)
  .option('--json', 'for a program to read')
  .action(main)
  .parseAsync();
