// What a comparison of runs came to, for people and for programs.

import { disassemble } from '../asm/disassemble.ts';
import type { SymbolTable } from '../debug/symbols.ts';
import type { Stale } from '../hypervisor/shadow/shadow.ts';
import type { Side, Verdict } from '../session/verify.ts';

/** What was compared: its name, and its symbols. */
export interface Compared {
  readonly name: string;
  readonly symbols: SymbolTable;
  readonly sides: readonly Side[];
}

export function verdictText({ name, symbols, sides }: Compared, verdict: Verdict): string {
  if (verdict.agrees) {
    const where = verdict.ended ? 'to the end' : 'up to the limit';
    return `${name}: no divergence between ${sides.map((side) => side.name).join(', ')} in ${verdict.steps} steps, ${where}`;
  }
  const [first, second] = verdict.sides;
  const symbol = symbols.describe(verdict.pc);
  const hart = verdict.hart === 0 ? '' : `hart ${verdict.hart} at `;
  const place = `${hart}0x${verdict.pc.toString(16)}${symbol === undefined ? '' : ` (${symbol})`}`;
  return [
    `${name}: ${first.name} and ${second.name} differ after step ${verdict.step}, at ${place}: ${instructionText(verdict)}`,
    ...verdict.differences.map(
      ({ hart, what, values }) => `  hart ${hart} ${what}: ${first.name} ${values[0]}, ${second.name} ${values[1]}`,
    ),
    ...staleText(verdict.stale, second.name),
  ].join('\n');
}

/** The same as data, schema trapeze/verify/1. */
export function verdictData({ name, sides }: Compared, verdict: Verdict): object {
  const common = {
    schema: 'trapeze/verify/1',
    name,
    sides: (verdict.agrees ? sides : verdict.sides).map((side) => side.name),
    agrees: verdict.agrees,
  };
  const rest = verdict.agrees
    ? { steps: verdict.steps, ended: verdict.ended }
    : {
        step: verdict.step,
        hart: verdict.hart,
        pc: `0x${verdict.pc.toString(16)}`,
        instruction: instructionText(verdict),
        differences: verdict.differences,
        stale: verdict.stale.map(({ page, entry }) => ({ page: hexadecimal(page), entry: hexadecimal(entry) })),
      };
  return { ...common, ...rest };
}

const SHOWN = 4;
const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

/** Why the difference is lawful, if it is. */
function staleText(stale: readonly Stale[], name: string): string[] {
  if (stale.length === 0) return [];
  const shown = stale.slice(0, SHOWN).map(({ page, entry }) => `${hexadecimal(page)} (entry at ${hexadecimal(entry)})`);
  const more = stale.length > SHOWN ? ` and ${stale.length - SHOWN} more` : '';
  return [
    `  a stale translation: the guest has changed page-table entries without an sfence.vma since, and ${name}`,
    `  may lawfully go on using the old ones (norm:sfence_vma_op): of ${shown.join(', ')}${more}`,
    '  with --shadow trace, which follows each store, it agrees here',
  ];
}

function instructionText(verdict: Verdict & { agrees: false }): string {
  if (verdict.instruction === undefined) return 'an interrupt or a fault of the fetch';
  return disassemble(verdict.instruction, verdict.pc, { aliases: true }).text.replace('\t', ' ');
}
