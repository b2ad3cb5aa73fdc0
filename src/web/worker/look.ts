// What the page shows of a stopped or running guest: a virtual CPU's registers beside the real hart's, code with the
// lines that it comes from, memory, devices, and one address through the guest's tables and the shadow's. Looking
// changes nothing of the guest, nor of its shadow.

import { instructionBytes } from '../../../isa/decode.ts';
import { FILE_WORDS, FloatStatus } from '../../../isa/layout.ts';
import { ABI_NAMES, FLOAT_ABI_NAMES } from '../../../isa/registers.ts';
import type { Access } from '../../../isa/vocabulary.ts';
import { disassemble } from '../../asm/disassemble.ts';
import type { CodeSource } from '../../asm/line-table.ts';
import { Look } from '../../debug/gdb/look.ts';
import type { CodeLine, StateView, Word } from '../protocol.ts';
import { Changes } from './changes.ts';
import { csrsOf } from './csr-view.ts';
import { devicesOf } from './device-view.ts';
import type { LabGuest } from './lab-guest.ts';
import { walksOf } from './walk-view.ts';

const CODE_BYTES = 96;
const MEMORY_BYTES = 256;
const HALF = 2;
const MODES = ['U', 'S', '?', 'M'];

/** What somebody wants to look at. */
export interface Wanted {
  /** Without one, the pc. */
  readonly address?: bigint | undefined;
  /** Without one, whichever virtual CPU has its turn. */
  readonly hart?: number | undefined;
  readonly access?: Access | undefined;
}

/** Keeps what it showed last, to mark what is new. */
export class Looker {
  private readonly changes = new Changes();

  look(index: number, each: LabGuest, { address, hart: wanted, access = 'load' }: Wanted = {}): StateView {
    const { guest, symbols } = each;
    const { board, states } = guest;
    const hart = wanted !== undefined && wanted < states.length ? wanted : (guest.interleaver.whoseTurn() ?? 0);
    const state = states[hart];
    const look = new Look(guest, hart);
    const pc = state?.pc ?? 0n;
    const shown = address ?? pc;
    const key = `${index}.${hart}`;
    const words = state?.words ?? new BigUint64Array();
    const file = (names: readonly string[], first: number) =>
      names.map((name, number): Word => {
        const value = words[first + number] ?? 0n;
        return { name, value, changed: this.changes.since(`${key}.${name}`, value) !== value, fields: [] };
      });
    const hasFloats = state !== undefined && state.mstatus.FS !== BigInt(FloatStatus.Off);
    const cpu = guest.vm?.cpus[hart];
    const real = cpu && guest.vm?.entryOf(cpu);
    const bytes = look.read(shown & ~0xfn, MEMORY_BYTES);
    return {
      guest: index,
      hart,
      harts: states.length,
      pc,
      symbol: symbols.describe(pc) ?? '',
      mode: MODES[state?.privilege ?? 0] ?? '',
      registers: file(ABI_NAMES, FILE_WORDS.x),
      floats: hasFloats ? file(FLOAT_ABI_NAMES, FILE_WORDS.f) : [],
      csrs: csrsOf({ look, real }, key, this.changes),
      code: codeAt(look, pc, each),
      memory: bytes && { address: shown & ~0xfn, bytes: bytes.slice() },
      devices: devicesOf(board, `${index}`, this.changes),
      walk: walksOf(guest, { hart, address: shown, access }),
    };
  }
}

function codeAt(look: Look, pc: bigint, { symbols, lines: sources }: LabGuest): CodeLine[] {
  const data = look.read(pc, CODE_BYTES);
  if (data === undefined) return [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const lines: CodeLine[] = [];
  let last: unknown;
  for (let at = 0; at + HALF <= data.length; ) {
    const low = view.getUint16(at, true);
    const bytes = instructionBytes(low);
    if (at + bytes > data.length) break;
    const bits = bytes === HALF ? low : view.getUint32(at, true);
    const address = pc + BigInt(at);
    const near = symbols.describe(address);
    const source = sources.at(address);
    lines.push({
      address,
      ...(near !== undefined && (at === 0 || !near.includes('+')) && { label: near }),
      bits: bits.toString(16).padStart(HALF * bytes, '0'),
      text: disassemble(bits, address, { aliases: true, symbols: (to) => symbols.describe(to) }).text,
      current: at === 0,
      ...(source !== undefined && source !== last && { source: shownSource(source) }),
    });
    last = source;
    at += bytes;
  }
  return lines;
}

function shownSource({ file, line, text, within }: CodeSource): NonNullable<CodeLine['source']> {
  return { place: `${file}:${line}`, text: text.trim(), ...(within !== undefined && { within }) };
}
