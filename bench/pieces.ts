// Pieces of the reference engine to time: decoding, an instruction, a CSR access, a page walk, a trap and its return.

import { decode } from '../isa/decode.ts';
import { Mode } from '../isa/layout.ts';
import type { Physical } from '../isa/physical.ts';
import { Reference } from '../isa/reference.ts';
import { translate } from '../isa/translation.ts';

const ROOT = 0x1000n;
const PAGE = 4096n;
const TABLE = 0x01n;
/** V, R, W, X, A, D. */
const LEAF = 0xcfn;
const SV39 = 8n;
const EVERYWHERE = (1n << 54n) - 1n;
const OPEN = 0x1fn;
const USER_CALL = 8n;
/** add a0, a1, a2 */
const ADD = 0x00c5_8533;

/** Three levels of tables, each pointing to the next in its first entry. */
const tables: Physical = {
  isMemory: () => true,
  read: (address) => {
    if (address === ROOT) return ((ROOT + PAGE) >> 2n) | TABLE;
    return address === ROOT + PAGE ? ((ROOT + 2n * PAGE) >> 2n) | TABLE : LEAF;
  },
  write: () => true,
  time: () => 0n,
};

export function pieces(): [name: string, run: () => void][] {
  const state = new Reference(tables);
  state.reset(0, 0n);
  state['pmpaddr0'] = EVERYWHERE;
  state.pmpcfg0 = OPEN;
  state.satp.MODE = SV39;
  state.satp.PPN = ROOT / PAGE;
  const run = (word: number) => {
    const decoded = decode(word);
    return () => {
      state.mode = BigInt(Mode.S);
      state.execute(decoded, word);
    };
  };
  return [
    ['decode', () => decode(ADD)],
    ['add', run(ADD)],
    ['csrrw sscratch', run(0x1405_9573)],
    ['sret', run(0x1020_0073)],
    [
      'walk, three levels',
      () => {
        state.mode = BigInt(Mode.S);
        state.call(translate.load, { va: 8n });
      },
    ],
    [
      'trap entry',
      () => {
        state.mode = BigInt(Mode.U);
        state.takeTrap(USER_CALL, 0n);
      },
    ],
  ];
}
