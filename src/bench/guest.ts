// An ELF as a guest of a system made in this process: no console input, and what it writes is dropped.

import type { GuestPhysical } from '../../isa/address.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import { boot } from '../platform/boot.ts';
import { loadImage } from '../platform/image.ts';
import type { GuestSpec } from '../session/system.ts';

const MEBIBYTE = 2 ** 20;
/** As much as QEMU's `virt` and `trapeze run` have by default. */
const RAM_BYTES = 128 * MEBIBYTE;

export function guestOf(name: string, elf: Uint8Array, ramBytes = RAM_BYTES): GuestSpec {
  const loaded = loadImage(elf);
  if (!loaded.ok) throw new Error(`${name}: ${loaded.message}`);
  const { image } = loaded;
  return {
    name,
    ramBytes,
    harts: 1,
    firmware: image.mode === 'm' ? 'own' : 'sbi',
    input: ConsoleInput.script(new Uint8Array()),
    output: () => {},
    ...(image.tohost !== undefined && { tohost: image.tohost as GuestPhysical }),
    install: (board) => {
      const booted = boot(board, { image });
      if (!booted.ok) throw new Error(`${name}: ${booted.message}`);
    },
  };
}
