// Real bugs of published monitors, as the design names them: for each, the mistakes that are planted here, how, and the
// test that fails. docs/mutations.md is that table, and made here; the mutations' own files run each row.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { goldenFolder } from '../support/golden.ts';

/** The list as the design has it: entries end at semicolons. */
const LIST =
  '`csrrci` with uimm 0 that writes; `sip`/`sie` not filtered by `mideleg`; `counteren` as 64 bits; `xtvec`, `xepc`, `satp` unvalidated; ASID not updated; PMP index and partial match; interrupts lost around `wfi`; `MPP` wrong after `mret`; TVM/TSR read-only; compressed load offsets; sign extension on a device load; remote-fence hart mask; stale shadow when a root page is recycled under the same `satp`; a superpage split into fragments and only one flushed; every leaf given U';
const ENTRIES = LIST.split('; ');

const MONITOR = 'mutations.test.ts';
const DISCIPLINES = 'discipline-mutations.test.ts';

interface Planted {
  /** What is changed in the code. */
  readonly how: string;
  readonly file: string;
  /** The row of that file, by which its test is named. */
  readonly name: string;
}
const ROWS: Readonly<Record<string, readonly Planted[]>> = {
  '`csrrci` with uimm 0 that writes': [
    {
      how: 'where uimm is 0, `csrrci` has the body of `csrrwi`, which always writes',
      file: MONITOR,
      name: 'csrrci with an immediate of 0 writes',
    },
  ],
  '`sip`/`sie` not filtered by `mideleg`': [
    { how: 'the row of `sip` loses `within: mideleg`', file: MONITOR, name: 'sip is not filtered by mideleg' },
    { how: 'the row of `sie` loses `within: mideleg`', file: MONITOR, name: 'sie is not filtered by mideleg' },
  ],
  '`counteren` as 64 bits': [
    { how: 'the row of `mcounteren` loses its mask of writable bits', file: MONITOR, name: 'mcounteren has 64 bits' },
  ],
  '`xtvec`, `xepc`, `satp` unvalidated': [
    { how: 'the row of `mtvec` loses its legalisation', file: MONITOR, name: 'mtvec takes reserved modes' },
    { how: 'the row of `sepc` loses its mask of writable bits', file: MONITOR, name: 'sepc takes odd addresses' },
    { how: 'the row of `satp` loses its legalisation', file: MONITOR, name: 'satp takes unsupported modes' },
  ],
  'ASID not updated': [
    { how: 'the mask of what is written to `satp` lacks ASID', file: MONITOR, name: 'the ASID is not updated' },
  ],
  'PMP index and partial match': [
    {
      how: 'the row of `pmpaddr1` has the word of `pmpaddr0`',
      file: MONITOR,
      name: 'the second PMP address is the first one’s',
    },
    {
      how: 'the monitor asks the PMP of the first byte of a page alone',
      file: MONITOR,
      name: 'a page that the PMP covers in part is mapped',
    },
    {
      how: 'the generation of the PMP, by which shadow contexts are kept, is always 0',
      file: MONITOR,
      name: 'the shadow outlives a PMP write',
    },
  ],
  'interrupts lost around `wfi`': [
    {
      how: 'where a virtual CPU waits, its `mie.MTIE` is cleared',
      file: MONITOR,
      name: 'an interrupt is lost around a WFI',
    },
  ],
  '`MPP` wrong after `mret`': [
    { how: '`mret` leaves `mstatus.MPP` as it was', file: MONITOR, name: 'MPP is not U after mret' },
  ],
  'TVM/TSR read-only': [
    {
      how: 'the mask of what is written to `mstatus` lacks them',
      file: MONITOR,
      name: 'TVM, TW and TSR are read-only',
    },
  ],
  'compressed load offsets': [
    {
      how: 'what the monitor emulates of a compressed form has bit 6 of its offset clear',
      file: MONITOR,
      name: 'an emulated compressed load loses a bit of its offset',
    },
  ],
  'sign extension on a device load': [
    { how: '`lb` has the body of `lbu`', file: MONITOR, name: 'a device load is not sign-extended' },
  ],
  'remote-fence hart mask': [
    {
      how: 'the SBI reads `hart_mask` as the number of a hart',
      file: DISCIPLINES,
      name: 'a remote fence takes its hart mask for the number of a hart',
    },
    { how: 'a fence of everything synchronises nothing', file: DISCIPLINES, name: 'a remote fence is not heard' },
  ],
  'stale shadow when a root page is recycled under the same `satp`': [
    {
      how: 'the shadow is not told of stores to tables',
      file: MONITOR,
      name: 'a root page is recycled under the same satp, and the shadow is stale',
    },
  ],
  'a superpage split into fragments and only one flushed': [
    {
      how: 'under trace, who goes through the live entries of a table comes to the first alone',
      file: MONITOR,
      name: 'of a superpage in fragments only one is flushed',
    },
    {
      how: 'the same under sync',
      file: DISCIPLINES,
      name: 'of a superpage in fragments only one is synchronised',
    },
  ],
  'every leaf given U': [
    { how: 'each leaf that the monitor reads has U set', file: MONITOR, name: 'every leaf is given U' },
  ],
};

test('each entry of the list has a row, and no row is of none', () => {
  expect(Object.keys(ROWS)).toEqual(ENTRIES);
  expect(ENTRIES.filter((entry) => ROWS[entry]?.length === 0)).toEqual([]);
});

describe.each(Object.entries(ROWS))('%s', (_, rows) => {
  test.each(rows)('$name: a test of $file', ({ file, name }) => {
    const source = readFileSync(new URL(file, import.meta.url), 'utf8');
    expect(source).toContain(`\n  '${name}': {\n`);
  });
});

const INTRODUCTION = `# Mistakes of monitors, and the tests that find them

Real bugs of published monitors. Each is planted in ours, one at a time: a guest that passes on the sound machine fails
its own check on the mistaken one, or differs there from the bare machine. Each row is a test of tests/hypervisor, run
with all others: it fails if the mistake is not caught. The same files have more mistakes, which are of our own design.

Made by tests/hypervisor/mutation-list.test.ts, which fails if a row's test does not exist.
`;

test('the rows are the table in docs/mutations.md', () => {
  const rows = Object.entries(ROWS).flatMap(([entry, planted]) =>
    planted.map(({ how, file, name }, index) => [index === 0 ? entry : '', how, `\`${file}\`: ${name}`]),
  );
  const heads = ['mistake', 'planted', 'caught by'];
  const text = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  goldenFolder(new URL('../../docs/', import.meta.url))('mutations.md', `${INTRODUCTION}\n${text}\n`);
});
