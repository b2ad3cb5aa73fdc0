// What the page shows of a stopped or running guest: registers beside the real hart's, code, memory, devices, and one
// address through the guest's tables and the shadow's. Looking changes nothing of the guest.

import { fieldsOfWord } from '../../../isa/assignments.ts';
import { CSR_NUMBERS } from '../../../isa/csr-names.ts';
import { instructionBytes } from '../../../isa/decode.ts';
import { Mode, WORD, X0 } from '../../../isa/layout.ts';
import { ABI_NAMES } from '../../../isa/registers.ts';
import { disassemble } from '../../asm/disassemble.ts';
import { Look } from '../../debug/gdb/look.ts';
import { type Walk, type WalkMemory, walk } from '../../debug/walk.ts';
import type { CodeLine, StateView, WalkView, Word } from '../protocol.ts';
import type { LabGuest } from './laboratory.ts';

const REAL_HART = 0;
const CODE_BYTES = 96;
const MEMORY_BYTES = 256;
const HALF = 2;
const MODES = ['U', 'S', '?', 'M'];
/** In the order in which people look for them. */
const SHOWN_CSRS = [
  'mstatus', 'mie', 'mip', 'mtvec', 'mepc', 'mcause', 'mtval', 'medeleg', 'mideleg', 'mscratch',
  'stvec', 'sepc', 'scause', 'stval', 'sscratch', 'satp', 'menvcfg', 'mcounteren',
] as const; // biome-ignore format: a table

/** Keeps what it showed last, to mark what is new. */
export class Looker {
  private last = new Map<string, bigint>();

  look(index: number, each: LabGuest, address: bigint | undefined): StateView {
    const { guest, symbols } = each;
    const state = guest.states[0];
    const look = new Look(guest, 0);
    const pc = state?.pc ?? 0n;
    const shown = address ?? pc;
    const next = new Map<string, bigint>();
    const word = (name: string, value: bigint, wordIndex: number, real?: bigint): Word => {
      const key = `${index}.${name}`;
      const old = this.last.get(key) ?? value;
      next.set(key, value);
      const fields = fieldsOfWord(wordIndex).map(({ name: field, mask, shift }) => ({
        name: field,
        value: (value & mask) >> shift,
        changed: (old & mask) !== (value & mask),
      }));
      return { name, value, changed: old !== value, fields, ...(real !== undefined && { real }) };
    };
    const words = state?.words ?? new BigUint64Array();
    const satp = this.realSatp(each);
    const registers = ABI_NAMES.map((name, i) => word(name, words[X0 + i] ?? 0n, X0 + i));
    const csrs = SHOWN_CSRS.map((name) => {
      const at = (WORD as Readonly<Record<string, number>>)[name] ?? 0;
      const number = CSR_NUMBERS[name];
      const real = number === undefined ? undefined : guest.hardware.readCsr(REAL_HART, number);
      // What a read of mip yields is what software has set and what the wires say.
      const wires = at === WORD.mip ? (words[WORD.lines] ?? 0n) : 0n;
      return word(name, (words[at] ?? 0n) | wires, at, name === 'satp' ? satp : real);
    });
    for (const [key, value] of next) this.last.set(key, value);
    const bytes = look.read(shown & ~0xfn, MEMORY_BYTES);
    return {
      guest: index,
      pc,
      symbol: symbols.describe(pc) ?? '',
      mode: MODES[state?.privilege ?? 0] ?? '',
      registers,
      csrs,
      code: codeAt(look, pc, symbols),
      memory: bytes && { address: shown & ~0xfn, bytes: bytes.slice() },
      devices: guest.board.slots.map(({ base, device }) => ({
        name: device.name,
        base,
        bytes: device.size,
      })),
      walk: this.walks(each, shown, satp),
    };
  }

  private realSatp({ guest }: LabGuest): bigint {
    const cpu = guest.vm?.cpus[0];
    return cpu === undefined ? 0n : (guest.vm?.shadow.peek(cpu)?.satp ?? 0n);
  }

  private walks({ guest }: LabGuest, address: bigint, satp: bigint): WalkView {
    const { board, hardware } = guest;
    const words = guest.states[0]?.words ?? new BigUint64Array();
    const own: WalkMemory = {
      contains: (at, bytes) => board.isRam(at, bytes),
      read: (at, bytes) => board.ram.read(at as never, bytes as never),
    };
    const real: WalkMemory = {
      contains: (at, bytes) => hardware.contains(at, bytes),
      read: (at, bytes) => hardware.read(at as never, bytes as never),
    };
    const guests = walk(words, own, 'load', address);
    const shadow = walk(words, real, 'load', address, { satp, mode: BigInt(Mode.U) });
    return {
      address,
      guest: guests.steps,
      guestEnd: endOf(guests),
      shadow: shadow.steps,
      shadowEnd: endOf(shadow),
      verdict: verdictOf(guests, shadow),
    };
  }
}

const endOf = ({ result }: Walk) => ('fault' in result ? result.fault : `0x${result.physical.toString(16)}`);

/** What an access would come to: none, a hidden fault that fills the shadow, or a true one. */
function verdictOf(guest: Walk, shadow: Walk): WalkView['verdict'] {
  if ('fault' in guest.result) return 'true';
  if ('fault' in shadow.result) return 'hidden';
  return guest.steps.length === 0 ? 'bare' : 'agree';
}

function codeAt(look: Look, pc: bigint, symbols: LabGuest['symbols']): CodeLine[] {
  const data = look.read(pc, CODE_BYTES);
  if (data === undefined) return [];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const lines: CodeLine[] = [];
  for (let at = 0; at + HALF <= data.length; ) {
    const low = view.getUint16(at, true);
    const bytes = instructionBytes(low);
    if (at + bytes > data.length) break;
    const bits = bytes === HALF ? low : view.getUint32(at, true);
    const address = pc + BigInt(at);
    const near = symbols.describe(address);
    lines.push({
      address,
      ...(near !== undefined && (at === 0 || !near.includes('+')) && { label: near }),
      bits: bits.toString(16).padStart(HALF * bytes, '0'),
      text: disassemble(bits, address, { aliases: true, symbols: (to) => symbols.describe(to) }).text,
      current: at === 0,
    });
    at += bytes;
  }
  return lines;
}
