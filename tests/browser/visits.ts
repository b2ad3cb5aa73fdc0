// Visits to the page in Chromium, each with a browser profile of its own, and what every test of the page does there.
// What is asked of the network and what the page complains of is kept for whoever wants to know.

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { buildPage, type Files, hostPage } from './built-page.ts';
import { startChromium } from './chromium.ts';

export interface Visit {
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
  readonly width?: number;
  readonly fragment?: string;
}

export interface Site {
  readonly files: Files;
  readonly address: string;
  readonly complaints: readonly string[];
  readonly requested: readonly string[];
  visit(visit?: Visit): Promise<Page>;
  /** A page of its own that has not gone anywhere. */
  blank(visit?: Visit): Promise<Page>;
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const files = await buildPage();
  const host = await hostPage(files);
  const chromium = await startChromium();
  const complaints: string[] = [];
  const requested: string[] = [];
  const blank = async ({ colorScheme = 'light', locale = 'en-US', width = 1280 }: Visit = {}) => {
    const viewport = { width, height: 900 };
    const context = await chromium.browser.newContext({ colorScheme, locale, viewport, bypassCSP: false });
    const page = await context.newPage();
    page.on('request', (request) => requested.push(request.url()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    return page;
  };
  return {
    files,
    address: host.address,
    complaints,
    requested,
    blank,
    visit: async (how = {}) => {
      const page = await blank(how);
      await page.goto(host.address + (how.fragment ?? ''));
      return page;
    },
    close: async () => {
      await chromium.close();
      host.close();
    },
  };
}

export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const tab = (page: Page, name: string) => page.getByRole('tab', { name, exact: true });

export async function boot(page: Page): Promise<void> {
  await button(page, 'Boot two operating systems').click();
  await page.getByText('lilliput$').first().waitFor();
}
export async function pause(page: Page): Promise<void> {
  await button(page, 'Pause').click();
  await page.getByText('Paused').waitFor();
}
/** Waits until the first guest stands still at an exit. */
export async function toNextExit(page: Page): Promise<void> {
  await pause(page);
  await button(page, 'To next exit').click();
  await page.getByText(/^Stopped at/).waitFor();
}
/** That nothing but the page's own files was asked for by then, from the folder in which it is, and nothing complained of. */
export function expectQuiet({ address, requested, complaints }: Site): void {
  const folder = new URL('.', address).href;
  expect(requested.filter((url) => !url.startsWith(folder) && !url.startsWith('blob:') && url !== 'data:,')).toEqual(
    [],
  );
  expect(complaints).toEqual([]);
}
