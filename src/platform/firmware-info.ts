// What a boot loader tells OpenSBI's `fw_dynamic` in a2: `struct fw_dynamic_info` (OpenSBI, docs/firmware/fw_dynamic.md,
// version 2), which names where the firmware goes on and in which mode. Other firmware does not look at it.
// Left out: its options, and a choice of the hart that boots.

import { Mode } from '../../isa/layout.ts';

/** 'OSBI', as the number that the firmware looks for. */
const MAGIC = 0x4942_534fn;
const VERSION = 2n;
const NO_OPTIONS = 0n;
const BOOT_HART = 0n;
const WORD_BYTES = 8;

/** The structure: six doublewords. */
export function firmwareInfo(next: bigint): Uint8Array {
  const words = [MAGIC, VERSION, next, BigInt(Mode.S), NO_OPTIONS, BOOT_HART];
  const bytes = new Uint8Array(words.length * WORD_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [index, word] of words.entries()) view.setBigUint64(index * WORD_BYTES, word, true);
  return bytes;
}
