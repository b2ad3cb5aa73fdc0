// The worked example of docs/translator.md: the wasm text of its region, as it is with and without a lookup for loads.

import { expect, test } from 'vitest';
import { decode } from '../../../isa/decode.ts';
import { assemble } from '../../../src/asm/assemble.ts';
import { graphOf } from '../../../src/machine/translator/region/graph.ts';
import { RegionModule } from '../../../src/machine/translator/region/module.ts';
import { goldenFolder } from '../../support/golden.ts';

const expectGolden = goldenFolder(new URL('./golden/', import.meta.url));
const BASE = 0x8000_0000n;
const LOOP = BASE + 4n;
const RAM_BYTES = 128 * 2 ** 20;
const WORD_BYTES = 4;

const text = `
        .option norvc
        .globl  _start
_start: li      a0, 0
1:      lbu     a3, 0(a1)
        add     a0, a0, a3
        addi    a1, a1, 1
        bne     a1, a2, 1b
        ret
`;

test.each([{ kind: 'tlb' }, { kind: 'direct', ramBytes: RAM_BYTES }] as const)('reach $kind', (reach) => {
  const bytes = assemble([{ name: 'sum.s', text }], {}).image?.raw ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (pc: bigint) => {
    const offset = Number(pc - BASE);
    return offset >= 0 && offset + WORD_BYTES <= bytes.length ? decode(view.getUint32(offset, true)) : undefined;
  };
  const graph = graphOf({ decode: at, frame: () => 0 }, LOOP);
  expect([...(graph?.blocks.keys() ?? [])]).toEqual([LOOP, BASE + 20n]);
  expect(graph?.entries).toEqual([LOOP]);
  const module = new RegionModule();
  if (graph !== undefined) module.add(graph, reach);
  expectGolden(`byte-sum-${reach.kind}.txt`, `${module.text(0)}\n`);
});
