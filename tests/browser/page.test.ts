// The teaching page in Chromium, as a visitor uses it: by its buttons' names. One test for each thing that it holds.
// What the core does below is tested elsewhere; here, that it is shown.

import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assemble } from '../../src/asm/assemble.ts';
import { boot, button, expectQuiet, openSite, pause, type Site, tab, toNextExit, type Visit } from './visits.ts';

/** A guest that ends the run by itself. */
const POWER_OFF = '.globl _start\n_start: li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n1: j 1b\n';
/** e_machine, in an ELF's header. */
const ELF_MACHINE = 18;

/** Kilobytes, compressed: of what the first guest waits for, and of everything. */
const BUDGET = { first: 300, all: 450 };
const KILO = 1000;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site?.close());
const visit = (how?: Visit) => site.visit(how);

test('one button boots two guests side by side, in a worker, and what is typed arrives', async () => {
  const page = await visit();
  await boot(page);
  await page.getByText('ticks:').first().waitFor();
  await page.getByLabel('Console of lilliput').focus();
  await page.keyboard.type('uptime\r');
  await page.getByText(/uptime: \d+ ms/).waitFor();
  await page.context().close();
});

test('run, pause, a step and a step back, to the next exit, to a reason and to a symbol', async () => {
  const page = await visit();
  await boot(page);
  await toNextExit(page);
  const steps = async () => Number((await page.locator('.guest .facts').first().innerText()).replace(/\D/g, ''));
  const before = await steps();
  await button(page, 'Step').click();
  await expect.poll(steps).toBe(before + 1);
  await button(page, 'Step back').click();
  await expect.poll(steps).toBe(before);
  await page.getByLabel('Run to exit').selectOption('sbi');
  await page.getByText('Stopped at sbi').waitFor();
  await page.getByLabel('Run to symbol, address or file.s:line').fill('trap');
  await button(page, 'Go').click();
  await page.getByText('Stopped at trap').waitFor();
  await page.context().close();
});

test('the timeline: an exit chosen with the keyboard is explained from the definitions', async () => {
  const page = await visit();
  await boot(page);
  await page.getByRole('application', { name: /^Timeline/ }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByText('Why it is sensitive').waitFor();
  await page.getByText('What the monitor did').waitFor();
  const first = await page.locator('.story').first().innerText();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  await expect.poll(() => page.locator('.story').first().innerText()).not.toBe(first);
  await page.context().close();
});

test("translation: the guest's walk, GPA and the shadow's walk, level by level, what differs and why, and the fault", async () => {
  const page = await visit();
  await boot(page);
  await button(page, 'lilliput').click();
  await tab(page, 'Translation').click();
  const panel = page.getByRole('tabpanel');
  await pause(page);
  const rows = (table: number) => panel.locator('table').nth(table).locator('tbody tr').count();
  await expect.poll(() => rows(0)).toBeGreaterThan(2);
  expect(await rows(1)).toBe(await rows(0)); // a row for each level, side by side
  await panel.getByLabel('Access').selectOption('fetch');
  await expect.poll(() => page.locator('.verdict').innerText()).toMatch(/full speed|hidden fault/);
  expect(await page.locator('.addresses').innerText()).toMatch(/GVA 0x.*GPA 0x.*SPA/s);
  expect(await page.locator('.differs').innerText()).toMatch(/next table of its own/);
  await panel.getByLabel('Address or symbol').fill('8'); // no page of any process
  await button(page, 'Show').click();
  await page.getByText('a true fault, which').waitFor();
  await page.context().close();
});

test('state: registers and CSRs virtual beside real with their fields, changes marked, memory', async () => {
  const page = await visit();
  await boot(page);
  await toNextExit(page);
  await tab(page, 'State').click();
  const panel = page.getByRole('tabpanel');
  await panel.getByText('mstatus').waitFor();
  const text = await panel.innerText();
  const shown = [/UXL=2 64/, /believes it is in S/, /really in U/, /stvec/, /sstatus/, /Interrupt=\d/, /Code=\w+ \w+/];
  for (const each of shown) expect(text).toMatch(each);
  expect(await panel.locator('.fields .zero').count()).toBeGreaterThan(10);
  await button(page, 'Step').click();
  await panel.locator('.changed').first().waitFor();
  await page.context().close();
});

test('state: disassembly with symbols and the lines of the source, where a press sets a breakpoint', async () => {
  const page = await visit();
  await boot(page);
  await pause(page);
  await button(page, 'ticks').click();
  await page.getByLabel('Run to symbol, address or file.s:line').fill('trap');
  await button(page, 'Go').click();
  await page.getByText('Stopped at trap').waitFor();
  await tab(page, 'State').click();
  const listing = page.locator('.listing');
  expect(await listing.locator('.source').first().innerText()).toMatch(/trap\.s:\d+\s+csrrw +a0, sscratch, a0/);
  expect(await listing.innerText()).toMatch(/^\s*trap:\s+trap\.s:/);
  const mark = listing.getByRole('button').nth(0);
  await mark.click();
  await expect.poll(() => mark.getAttribute('aria-pressed')).toBe('true');
  await button(page, 'Run').click();
  await page.getByText(/^Stopped at trap\.s:\d+/).waitFor();
  await page.context().close();
});

test('state: each device with its registers, and every virtual CPU of a guest', async () => {
  const page = await visit();
  await tab(page, 'Your own guest').click();
  await page.getByLabel('vCPUs').selectOption('3');
  await page.getByLabel('Or boot a bundled guest').selectOption('crew');
  await page.getByText(/Running|All guests have ended/).waitFor();
  await tab(page, 'State').click();
  const panel = page.getByRole('tabpanel');
  await panel.getByText('LSR', { exact: true }).waitFor();
  await panel.getByText('clint', { exact: true }).click();
  await panel.getByText('mtimecmp[2]', { exact: true }).waitFor();
  await panel.getByText('virtio7', { exact: true }).click();
  await panel.getByText('QueueDescLow', { exact: true }).waitFor();
  await panel.getByLabel('vCPU').selectOption('2');
  await expect.poll(() => panel.locator('tr', { hasText: 'mhartid' }).locator('td').first().innerText()).toBe('2');
  await page.context().close();
});

/** In the page: how wide a picture is, and what colour its corner has. */
const cornerOf = `async (picture) => {
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d');
  pen.drawImage(image, 0, 0);
  return [image.width, [...pen.getImageData(0, 0, 1, 1).data]];
}`;

test('the ledger: counts, a plot, and files of it as JSON, CSV and PNG', async () => {
  const page = await visit();
  await boot(page);
  await page.getByRole('tab', { name: 'Ledger' }).click();
  await page.locator('.plot canvas').waitFor();
  const bytes = async (name: string) => {
    const download = page.waitForEvent('download');
    await button(page, name).click();
    return readFileSync(await (await download).path());
  };
  const saved = async (name: string) => (await bytes(name)).toString('utf8');
  const report = JSON.parse(await saved('Save as JSON'));
  expect(report.schema).toBe('trapeze/run/1');
  expect(report.machines).toHaveLength(2);
  expect(await saved('Save as CSV')).toMatch(/^machine,reason,count,hostNanoseconds\nticks,csr,\d+/);
  const picture = (await bytes('Save as PNG')).toString('base64');
  const [width, corner] = await page.evaluate<[number, number[]]>(`(${cornerOf})('${picture}')`);
  expect(width).toBeGreaterThan(100);
  expect(corner?.at(-1), 'a ground that is opaque').toBe(255);
  await page.context().close();
});

test("own guests: the assembler's words in the editor, a run, and a link that holds the source", async () => {
  const page = await visit();
  await page.getByRole('tab', { name: 'Your own guest' }).click();
  const editor = page.getByRole('textbox', { name: 'Source' });
  await editor.fill('_start: addd a0, a1, a2');
  await page.locator('.errors li').first().waitFor();
  await editor.fill('.globl _start\n_start: li a0, 42\n li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n');
  await button(page, 'Copy link').click();
  await page.waitForURL(/#guest=/);
  await button(page, 'Assemble and run').click();
  await page.getByText('All guests have ended.').waitFor();
  const again = await visit({ fragment: new URL(page.url()).hash });
  await expect.poll(() => again.getByRole('textbox', { name: 'Source' }).innerText()).toContain('li a0, 42');
  await page.context().close();
  await again.context().close();
});

test('own guests: saved by Mod-s, marked where the assembler complains, one of the examples, an ELF from a file', async () => {
  const page = await visit();
  await page.getByRole('tab', { name: 'Your own guest' }).click();
  const editor = page.getByRole('textbox', { name: 'Source' });
  await editor.fill('.globl _start\n_start: addd a0, a1, a2\n');
  await page.locator('.cm-lintRange-error').waitFor();
  await page.locator('.cm-lint-marker-error').waitFor();
  await page.getByLabel('Start from').selectOption({ index: 0 });
  await expect.poll(() => page.locator('.cm-lintRange-error').count()).toBe(0);
  await editor.fill(POWER_OFF);
  await page.keyboard.press('Control+s');
  await page.getByText('All guests have ended.').waitFor();
  const elf = assemble([{ name: 'own.s', text: POWER_OFF }], {}).image?.elf ?? new Uint8Array();
  const upload = async (name: string, buffer: Uint8Array) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: '', buffer: Buffer.from(buffer) });
  await upload('made.elf', elf);
  await page.getByRole('article', { name: 'made.elf' }).waitFor();
  await page.getByText('All guests have ended.').waitFor();
  // The same ELF, said to be of another machine.
  await upload(
    'other.elf',
    elf.map((byte, index) => (index === ELF_MACHINE ? 0x3e : byte)),
  );
  await page.getByText(/^other\.elf does not boot: the ELF is for another machine \(.*\), not RISC-V/).waitFor();
  await page.context().close();
});

interface AxeScope {
  readonly axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
}
/** Rules of the accessibility checker that the page breaks, with an example each. */
async function seriousOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as AxeScope).axe.run());
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

test.each(['light', 'dark', 'projector'])(
  'in %s mode, from a phone to a projector, axe finds nothing serious',
  async (mode) => {
    const page = await visit();
    await page.getByLabel('Appearance').selectOption(mode);
    expect(await seriousOn(page)).toEqual([]);
    await boot(page);
    await toNextExit(page);
    for (const tab of await page.getByRole('tab').allInnerTexts()) {
      await page.getByRole('tab', { name: tab, exact: true }).click();
      await page.getByRole('tabpanel').locator('*').first().waitFor();
      expect(await seriousOn(page), tab).toEqual([]);
    }
    for (const width of [360, 768, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(overflow, `${width}`).toBeLessThanOrEqual(0);
    }
    await page.context().close();
  },
);

test("Korean where the browser says so, and the other language at a button's press", async () => {
  const page = await visit({ locale: 'ko-KR' });
  await button(page, '운영체제 두 개 부팅하기').waitFor();
  await button(page, 'English').click();
  await button(page, 'Boot two operating systems').waitFor();
  await page.context().close();
});

test('in Korean an exit and its definition are told, a refusal too; axe finds nothing serious, on a phone nothing is wider than it, and a console follows the appearance', async () => {
  const page = await visit({ locale: 'ko-KR', width: 390 });
  await button(page, '운영체제 두 개 부팅하기').click();
  await page.getByText('lilliput$').first().waitFor();
  expect(await seriousOn(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  await button(page, '일시 정지').click();
  await page.getByLabel('이 엑시트까지 실행').first().selectOption('csr');
  await expect.poll(() => page.locator('.definition').innerText()).toContain('잘못된 명령어 예외를 일으킨다');
  expect(await page.locator('.story').first().innerText()).toContain('잘못된 명령어(illegal instruction)');
  expect(await page.locator('.definition').innerText()).not.toMatch(/raise|otherwise|Here/i);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  await page.getByLabel('심벌, 주소, 파일.s:줄까지 실행').fill('nowhere');
  await button(page, '이동').click();
  await page.getByText('nowhere: 게스트 ticks의 심벌도 아니고 주소도 아닙니다').waitFor();
  const ground = () => page.evaluate("document.querySelector('.xterm-scrollable-element').style.backgroundColor");
  const grounds = new Set<unknown>();
  for (const mode of ['light', 'projector']) {
    await page
      .locator('select')
      .filter({ has: page.locator(`option[value=${mode}]`) })
      .selectOption(mode);
    await page.getByText('lilliput$').first().waitFor();
    grounds.add(await ground());
  }
  expect([...grounds]).toHaveLength(2);
  await page.context().close();
});

test('the keyboard reaches each button of the head and the controls in order, and shows where it is', async () => {
  const page = await visit();
  await boot(page);
  const seen: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const [name, outline] = await page.evaluate(focusOf);
    if (name === '') continue;
    seen.push(name);
    expect(outline, name).not.toBe('none');
  }
  expect(seen).toEqual(expect.arrayContaining(['한국어', 'Pause', 'ticks', 'lilliput']));
  await page.context().close();
});
/** In the page: the button that has the focus, and how that is shown. */
const focusOf = `(() => {
  const focused = document.activeElement;
  const { outlineStyle, boxShadow } = getComputedStyle(focused);
  return [focused.tagName === 'BUTTON' ? focused.textContent.trim() : '', outlineStyle === 'none' ? boxShadow : outlineStyle];
})()` as unknown as () => [string, string];

test('the bundle stays within its budget', () => {
  const size = ([, content]: readonly [string, string | Uint8Array]) => gzipSync(content).length / KILO;
  const all = [...site.files].map((file) => [file[0], size(file)] as const);
  const sum = (some: typeof all) => some.reduce((total, [, kilobytes]) => total + kilobytes, 0);
  expect(sum(all)).toBeLessThan(BUDGET.all);
  expect(sum(all.filter(([name]) => !/-panel/.test(name)))).toBeLessThan(BUDGET.first);
});

test('nothing was asked for but the page itself, and no policy was broken', () => expectQuiet(site));
