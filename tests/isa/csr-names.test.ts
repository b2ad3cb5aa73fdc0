// The names and numbers of CSRs against the official table, where that is at hand.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CSR_NUMBERS, csrName } from '../../isa/csr-names.ts';

const TABLE = fileURLToPath(new URL('../../../shared/reference/riscv-opcodes/csrs.csv', import.meta.url));

test.runIf(existsSync(TABLE))('every row of the official table is there, and no other', () => {
  const rows = [...readFileSync(TABLE, 'utf8').matchAll(/^\s*(0x[0-9a-fA-F]+),\s*"(\w+)"/gm)];
  const official = Object.fromEntries(rows.map(([, number, name]) => [name as string, Number(number)]));
  expect(rows.length).toBeGreaterThan(200);
  expect(CSR_NUMBERS).toEqual(official);
});

test('a number has the name that has it', () => {
  for (const number of Object.values(CSR_NUMBERS)) expect(CSR_NUMBERS[csrName(number) ?? '']).toBe(number);
  expect(csrName(0x300)).toBe('mstatus');
  expect(csrName(0x180)).toBe('satp');
  expect(csrName(0xfff)).toBeUndefined();
});
