// Guests from their source text to what their run came to, with nothing of a host but what the caller hands in. Node and
// the worker of a page both run this very file, so that whatever differs between them is the host's doing.
// Left out: where the text comes from, which bundled-text.ts knows.

import { WORD_NAMES } from '../../isa/layout.ts';
import { assemble, type Source } from '../../src/asm/assemble.ts';
import { renderDiagnostics } from '../../src/asm/diagnostic.ts';
import { ConsoleInput } from '../../src/devices/console-input.ts';
import type { Engine } from '../../src/machine/engine.ts';
import { boot } from '../../src/platform/boot.ts';
import { type Image, loadImage } from '../../src/platform/image.ts';
import type { Outcome } from '../../src/platform/outcome.ts';
import { drive, type Host } from '../../src/session/drive.ts';
import { bareSystem, type GuestSpec, type Steps, stepsOf, virtualSystem } from '../../src/session/system.ts';

export interface GuestText {
  readonly name: string;
  readonly base: bigint;
  /** In link order. */
  readonly sources: readonly Source[];
  /** What sources include, by the path that finds it. */
  readonly included: Readonly<Record<string, string>>;
  readonly typed: string;
}

/** A run as a message: whatever it holds can be cloned. */
export interface Request {
  readonly guests: readonly GuestText[];
  readonly way: 'bare' | 'virtual';
  readonly engine: Engine;
}

export interface Ran {
  readonly name: string;
  readonly console: string;
  readonly outcome: Outcome | undefined;
  readonly steps: Steps;
  /** Of all memory. */
  readonly digest: number;
  /** Each hart's words, by name. */
  readonly states: readonly Readonly<Record<string, bigint | undefined>>[];
}

const RAM_BYTES = 32 * 1024 * 1024;
/** Several times what any bundled guest needs; one that hangs ends there, and its outcome says so. */
const MOST_STEPS = 50_000_000;

export async function runGuests({ guests, way, engine }: Request, host: Host): Promise<Ran[]> {
  const consoles = guests.map((): number[] => []);
  const specs = guests.map((guest, index) => specOf(guest, (byte) => consoles[index]?.push(byte)));
  const system = way === 'bare' ? bareSystem(specs[0] as GuestSpec, { engine }) : virtualSystem(specs, { engine });
  await drive(system, host, { clock: 'virtual', limit: MOST_STEPS });
  return system.guests.map((guest, index) => ({
    name: guest.name,
    console: new TextDecoder().decode(Uint8Array.from(consoles[index] ?? [])),
    outcome: guest.board.outcome,
    steps: stepsOf(guest),
    digest: guest.digest(),
    states: guest.states.map(({ words }) => Object.fromEntries(WORD_NAMES.map((name, i) => [name, words[i]]))),
  }));
}

function specOf(guest: GuestText, output: (byte: number) => void): GuestSpec {
  const image = imageOf(guest);
  return {
    name: guest.name,
    ramBytes: RAM_BYTES,
    harts: 1,
    firmware: image.mode === 'm' ? 'own' : 'sbi',
    input: ConsoleInput.script(new TextEncoder().encode(guest.typed)),
    output,
    install: (board) => {
      const booted = boot(board, { image });
      if (!booted.ok) throw new Error(booted.message);
    },
  };
}

function imageOf({ base, sources, included }: GuestText): Image {
  const readFile = (path: string) => {
    const text = included[path];
    return text === undefined ? undefined : new TextEncoder().encode(text);
  };
  const { image, diagnostics } = assemble(sources, { base, readFile });
  if (image === undefined) throw new Error(renderDiagnostics(diagnostics));
  const loaded = loadImage(image.elf);
  if (!loaded.ok) throw new Error(loaded.message);
  return loaded.image;
}
