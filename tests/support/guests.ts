// Guests for tests, from words of memory: what a bare machine or a virtual one is made of, and run without a host.

import { parseIsa } from '../../isa/isa-string.ts';
import { ConsoleInput } from '../../src/devices/console-input.ts';
import { boot } from '../../src/platform/boot.ts';
import type { Image } from '../../src/platform/image.ts';
import type { Terminal } from '../../src/platform/virtio-slots.ts';
import type { GuestSpec, System } from '../../src/session/system.ts';

import { memoryDisk } from './disks.ts';

export interface TestGuest {
  readonly bytes: Uint8Array;
  readonly mode?: 'm' | 's';
  readonly ramBytes?: number;
  readonly input?: string;
  readonly name?: string;
  readonly harts?: number;
  /** Steps of a hart's turn: few, for many turns in a short run. */
  readonly turnSteps?: number;
  /** What its disks hold at the start of each run. */
  readonly disks?: readonly Uint8Array[];
  readonly terminal?: Terminal;
  readonly seed?: bigint;
  /** The extensions that its harts have, where not all. */
  readonly isa?: string;
}

/** The `extensions` word that an ISA string means. */
export function extensionsOf(isa: string): bigint {
  const parsed = parseIsa(isa);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.extensions;
}

const MEBIBYTE = 1024 * 1024;
const BASE = 0x8000_0000n;
/** Kept well below what a real guest has: each test makes machines anew. */
const RAM_BYTES = 2 * MEBIBYTE;

export function specOf(guest: TestGuest, output: (byte: number) => void = () => {}): GuestSpec {
  const { bytes, mode = 'm', ramBytes = RAM_BYTES, input = '', name = 'guest', harts = 1, turnSteps, isa } = guest;
  const { disks = [], terminal, seed } = guest;
  const segments = [{ address: BASE, data: bytes, bytes: bytes.length, executable: true }];
  const image: Image = { format: 'raw', entry: BASE, segments, symbols: [], mode };
  return {
    name,
    ramBytes,
    harts,
    turnSteps,
    firmware: mode === 'm' ? 'own' : 'sbi',
    input: ConsoleInput.script(new TextEncoder().encode(input)),
    output,
    disks: disks.map((contents) => memoryDisk(contents)),
    terminal,
    seed,
    install: (board) => {
      const booted = boot(board, { image, mode, ...(isa !== undefined && { extensions: extensionsOf(isa) }) });
      if (!booted.ok) throw new Error(booted.message);
    },
  };
}

/** Runs the only guest of a system for so many steps, idle time skipped, or to its end. */
export function runSteps(system: System, steps: number): void {
  const [guest] = system.guests;
  if (guest === undefined) return;
  let left = steps;
  while (left > 0 && guest.board.outcome === undefined) {
    const progress = guest.interleaver.run(left);
    left -= progress.steps;
    if (progress.status !== 'idle') continue;
    if (progress.until === Number.POSITIVE_INFINITY) return;
    guest.interleaver.skipTo(progress.until);
  }
}
