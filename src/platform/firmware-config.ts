// The files that firmware finds by name in the configuration device of QEMU's virt board, in QEMU's order.
// As there, kernel, command line and initial RAM disk are none of them: they are in RAM, and the device tree says where.
// Left out: files of the user's own.

import type { ConfigFile } from '../devices/fw-cfg.ts';

/** Milliseconds to wait before a reboot where nothing could be booted: none, ever. */
const NEVER = Uint8Array.of(0xff, 0xff, 0xff, 0xff);

export const CONFIG_FILES: readonly ConfigFile[] = [
  { name: 'bios-geometry', contents: new Uint8Array() },
  { name: 'bootorder', contents: new Uint8Array() },
  { name: 'etc/boot-fail-wait', contents: NEVER },
];
