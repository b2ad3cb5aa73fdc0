// Control and the timeline of the page in Chromium, by buttons, keys and the wheel: a step into the monitor, breaks that
// last, lanes and their zoom, and exits that come back only where somebody looks. One test for each.
// What the laboratory behind it does is tested in tests/web.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boot, button, expectQuiet, openSite, pause, type Site, tab } from './visits.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());

const timeline = (page: Page) => page.getByRole('application', { name: /^Timeline/ });
const panel = (page: Page) => page.getByRole('tabpanel');
/** The steps that the timeline shows. */
const shown = async (page: Page) => {
  const [, from = '', to = ''] = /: ([\d,]+) – ([\d,]+)/.exec(await page.locator('.timeline .span').innerText()) ?? [];
  const number = (text: string) => Number(text.replaceAll(',', ''));
  return number(to) - number(from);
};

test('step into the monitor: by key and by button, stage by stage, what changed virtual beside real', async () => {
  const page = await site.visit();
  await boot(page);
  await pause(page);
  await page.getByRole('heading', { name: 'Timeline' }).click();
  await page.keyboard.press('i');
  const stage = page.locator('.stages [aria-current="step"]');
  await expect.poll(() => stage.innerText()).toBe('The hardware traps');
  await expect.poll(() => panel(page).innerText()).toMatch(/mode\s+[SM]\s+U/);
  const titles: string[] = [];
  for (let i = 0; i < 4; i++) {
    await button(page, 'Next stage').click();
    await expect.poll(() => stage.innerText()).not.toBe(titles.at(-1) ?? 'The hardware traps');
    titles.push(await stage.innerText());
  }
  expect(titles).toEqual(['The cause is found', 'The virtual CPU changes', 'Shadow and devices', 'The guest goes on']);
  await page.context().close();
});

test('breakpoints: a list by symbol and by reason, kept over stops, boots and visits, enabled and removed', async () => {
  const page = await site.visit();
  await boot(page);
  await pause(page);
  await tab(page, 'Breakpoints').click();
  await page.getByLabel('Break at symbol, address or file.s:line').fill('trap');
  await button(page, 'Add').click();
  for (let stops = 0; stops < 2; stops++) {
    await button(page, 'Run').click();
    await page.getByText('Stopped at trap (ticks)').waitFor();
    await tab(page, 'Breakpoints').click();
  }
  await button(page, 'Boot again').click();
  await page.getByText('Stopped at trap (ticks)').waitFor();
  await page.reload();
  await button(page, 'Boot two operating systems').click();
  await page.getByText('Stopped at trap (ticks)').waitFor();
  await tab(page, 'Breakpoints').click();
  await panel(page).getByRole('checkbox', { name: 'trap' }).uncheck();
  await panel(page).getByRole('checkbox', { name: 'sbi', exact: true }).check();
  await panel(page).getByRole('checkbox', { name: 'ecall', exact: true }).check();
  await button(page, 'Run').click();
  await page.getByText('Stopped at sbi (ticks)').waitFor();
  await tab(page, 'Breakpoints').click();
  for (const name of ['trap', 'exit sbi', 'exit ecall']) await button(page, `Remove ${name}`).click();
  await panel(page).getByText('No breakpoint is set').waitFor();
  await page.context().close();
});

test('the timeline: a lane for each virtual CPU, from the whole run to single instructions by wheel, keys, buttons', async () => {
  const page = await site.visit();
  await boot(page);
  await expect.poll(() => timeline(page).getAttribute('data-lanes')).toBe('2');
  await tab(page, 'Your own guest').click();
  await page.getByLabel('vCPUs').selectOption('3');
  await page.getByLabel('Or boot a bundled guest').selectOption('crew');
  await expect.poll(() => timeline(page).getAttribute('data-lanes')).toBe('3');
  await page.getByText('amoadd').waitFor();
  await pause(page);
  await button(page, 'Whole run').click();
  const whole = await shown(page);
  await timeline(page).hover();
  for (let turns = 0; turns < 6; turns++) await page.mouse.wheel(0, -200);
  await expect.poll(() => shown(page)).toBeLessThan(whole / 8);
  const wheeled = await shown(page);
  await button(page, 'Zoom in').click();
  await expect.poll(() => shown(page)).toBeLessThan(wheeled * 0.6);
  await timeline(page).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowLeft');
  await page.getByText('Why it is sensitive').waitFor();
  for (let times = 0; times < 18; times++) await page.keyboard.press('+');
  await expect.poll(() => shown(page)).toBeLessThan(30);
  await page.context().close();
});

test('as fast as it goes no exit is listened to, and what is looked at is recorded then and explained', async () => {
  const page = await site.visit();
  await page.getByRole('tab', { name: 'Ledger' }).waitFor();
  await boot(page);
  await page.getByLabel('Speed').selectOption('0');
  await page.getByText('ticks: all done').waitFor();
  await pause(page);
  await button(page, 'Whole run').click();
  // Right in the middle of the first lane, long before anybody listened.
  const { width = 0 } = (await timeline(page).boundingBox()) ?? {};
  await timeline(page).click({ position: { x: width / 2, y: 40 } });
  await expect.poll(() => shown(page)).toBeLessThan(5000);
  for (let times = 0; times < 5; times++) await button(page, 'Zoom out').click();
  const exits = async () => Number(await timeline(page).getAttribute('data-exits'));
  await expect.poll(exits).toBeGreaterThan(0);
  await timeline(page).click({ position: { x: width / 2, y: 40 } });
  await page.getByText('Why it is sensitive').waitFor();
  await page.context().close();
});

test('the shadow: contexts by their keys, and what the last fences and stores to tables came to', async () => {
  const page = await site.visit();
  await boot(page);
  await button(page, 'lilliput').click();
  await tab(page, 'Shadow').click();
  const contexts = panel(page).locator('.contexts tbody tr');
  await expect.poll(() => contexts.count()).toBeGreaterThan(2);
  expect(await panel(page).locator('.contexts').innerText()).toMatch(/supervisor/);
  await expect.poll(() => panel(page).locator('.fences tbody tr').count()).toBeGreaterThan(3);
  expect(await panel(page).locator('.fences').innerText()).toMatch(/satp ← 0x8/);
  await panel(page).getByLabel('Shadow follows').selectOption('drop');
  await page.getByText('lilliput$').first().waitFor();
  await button(page, 'lilliput').click();
  await expect.poll(() => panel(page).locator('.fences').innerText()).toMatch(/leaves dropped/);
  expect(await panel(page).locator('.fences').innerText()).toMatch(/(user|supervisor).*: \d+ → 0 leaves/);
  await page.context().close();
});

test('meanwhile nothing was asked for but the page itself, and no policy was broken', () => expectQuiet(site));
