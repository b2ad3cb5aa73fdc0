// A region before it is code: the control-flow graph of guest instructions around where control arrived, as basic
// blocks. Calls leave a region, and where they return to is a further entry of it, so that a loop with calls is one
// region; so is what follows an instruction that only the core can do.

import type { Decoded } from '../../../../isa/decode.ts';
import { FRAME_BYTES } from '../../memory-map.ts';
import { loopHeaders, nest } from './nest.ts';
import { roleOf } from './role.ts';

/** Where instructions come from: memory as it is mapped now. */
export interface CodeSource {
  /** Undefined where no instruction can be had without going further. */
  decode(pc: bigint): Decoded | undefined;
  /** The frame that the page around an address is mapped to. */
  frame(page: bigint): number | undefined;
}

/** How a block ends. Addresses are where control goes; whether that is in the region, the graph says. */
export type Ending =
  /** On to the next instruction, which begins a block. */
  | { readonly kind: 'next'; readonly to: bigint }
  /** Its last instruction is a branch. */
  | { readonly kind: 'branch'; readonly taken: bigint; readonly next: bigint }
  | { readonly kind: 'jump'; readonly to: bigint }
  /** To an address that its last instruction computes; perhaps one of these. */
  | { readonly kind: 'computed'; readonly perhaps: readonly bigint[] }
  /** Its last instruction always raises. */
  | { readonly kind: 'raise' }
  /** Before an instruction at this address that the core must do. */
  | { readonly kind: 'core'; readonly at: bigint };

export interface Instruction {
  readonly pc: bigint;
  readonly decoded: Decoded;
}
export interface Block {
  readonly start: bigint;
  readonly instructions: readonly Instruction[];
  readonly ending: Ending;
}
export interface Page {
  readonly page: bigint;
  readonly frame: number;
}

export interface Graph {
  /** By the address of their first instruction. */
  readonly blocks: ReadonlyMap<bigint, Block>;
  /** Where control may come in; the first is where it arrived. */
  readonly entries: readonly bigint[];
  /** The pages that its instructions lie on. */
  readonly pages: readonly Page[];
  /** The lowest address of an instruction. */
  readonly start: bigint;
  /** Instructions in all. */
  readonly size: number;
}

const MOST_INSTRUCTIONS = 400;
const MOST_ENTRIES = 24;
const MOST_PAGES = 4;
/** Calls within a region that its returns look for. */
const MOST_RETURNS = 8;
/** ra, where the calling convention has calls keep it. */
const RETURN_ADDRESS = 1;
/** How far from where control arrived an instruction may lie. */
const REACH = 0x4000n;
const XLEN = 64;
const PAGE_MASK = ~BigInt(FRAME_BYTES - 1);

/** The region around `entry`; undefined where not one instruction of it can be translated. */
export function graphOf(source: CodeSource, entry: bigint): Graph | undefined {
  const explorer = new Explorer(source, entry);
  explorer.explore();
  return explorer.graph();
}

class Explorer {
  private readonly source: CodeSource;
  private readonly entry: bigint;
  private readonly instructions = new Map<bigint, Decoded>();
  private readonly leaders = new Set<bigint>();
  private readonly entries: bigint[];
  private readonly pages = new Map<bigint, number>();
  /** Found by jumps and branches, and, to be looked at after those, by returns. */
  private readonly near: bigint[] = [];
  private readonly later: bigint[] = [];

  constructor(source: CodeSource, entry: bigint) {
    this.source = source;
    this.entry = entry;
    this.entries = [entry];
    this.lead(entry, this.near);
  }

  explore(): void {
    for (;;) {
      const next = this.near.shift() ?? this.later.shift();
      if (next === undefined) return;
      this.walk(next);
    }
  }

  private lead(pc: bigint, queue: bigint[]): void {
    if (this.leaders.has(pc)) return;
    this.leaders.add(pc);
    queue.push(pc);
  }
  private alsoEnter(pc: bigint): void {
    if (this.entries.length === MOST_ENTRIES || this.entries.includes(pc)) return;
    this.entries.push(pc);
    this.lead(pc, this.later);
  }

  /** Takes in instructions from pc on, as far as control goes from one to the next. */
  private walk(from: bigint): void {
    let before: Instruction | undefined;
    for (let pc = from; !this.instructions.has(pc); ) {
      const decoded = this.take(pc);
      if (decoded === undefined) return;
      const next = pc + BigInt(decoded.bytes);
      const to = targetOf({ pc, decoded }, before);
      switch (roleOf(decoded)) {
        case 'plain':
          before = { pc, decoded };
          pc = next;
          break;
        case 'branch':
          this.lead(next, this.near);
          this.lead(to as bigint, this.near);
          return;
        case 'jump':
        case 'computed':
          if (decoded.fields['rd'] !== 0) this.alsoEnter(next);
          else if (to !== undefined) this.lead(to, this.near);
          return;
        case 'raise':
        case 'core':
          this.alsoEnter(next);
          return;
      }
    }
  }

  private take(pc: bigint): Decoded | undefined {
    const distance = pc - this.entry;
    if (this.instructions.size === MOST_INSTRUCTIONS || distance > REACH || distance < -REACH) return undefined;
    const decoded = this.source.decode(pc);
    const last = pc + BigInt((decoded?.bytes ?? 1) - 1);
    if (decoded === undefined || !this.takePage(pc & PAGE_MASK) || !this.takePage(last & PAGE_MASK)) return undefined;
    this.instructions.set(pc, decoded);
    return decoded;
  }
  private takePage(page: bigint): boolean {
    if (this.pages.has(page)) return true;
    const frame = this.pages.size === MOST_PAGES ? undefined : this.source.frame(page);
    if (frame === undefined) return false;
    this.pages.set(page, frame);
    return true;
  }

  graph(): Graph | undefined {
    const blocks = new Map<bigint, Block>();
    for (const leader of this.leaders) {
      if (this.instructions.has(leader)) blocks.set(leader, this.block(leader));
    }
    this.findReturns(blocks);
    // A block that only leaves is no better than the core.
    const entries = this.entries.filter((pc) => (blocks.get(pc)?.instructions.length ?? 0) > 0);
    if (entries[0] !== this.entry) return undefined;
    const pcs = [...this.instructions.keys()];
    const successors = (start: bigint) => {
      const block = blocks.get(start);
      return block === undefined ? [] : successorsOf(block).filter((to) => blocks.has(to));
    };
    // Whatever left a loop in the middle comes back to it at the next round.
    const rounds = loopHeaders(nest(entries, successors)).filter(
      (pc) => (blocks.get(pc)?.instructions.length ?? 0) > 0,
    );
    return {
      blocks,
      entries: [...new Set([...entries, ...rounds])],
      pages: [...this.pages].map(([page, frame]) => ({ page, frame })),
      start: pcs.reduce((lowest, pc) => (pc < lowest ? pc : lowest)),
      size: pcs.length,
    };
  }

  /** Has returns look for the calls that are within the region: a recursion stays in it. */
  private findReturns(blocks: Map<bigint, Block>): void {
    const returns = new Set<bigint>();
    for (const { instructions, ending } of blocks.values()) {
      const last = instructions.at(-1);
      if (ending.kind !== 'jump' || last?.decoded.fields['rd'] !== RETURN_ADDRESS || !blocks.has(ending.to)) continue;
      const to = last.pc + BigInt(last.decoded.bytes);
      if (blocks.has(to)) returns.add(to);
    }
    if (returns.size === 0 || returns.size > MOST_RETURNS) return;
    for (const block of blocks.values()) {
      const { rd, rs1 } = block.instructions.at(-1)?.decoded.fields ?? {};
      if (block.ending.kind === 'computed' && rd === 0 && rs1 === RETURN_ADDRESS)
        blocks.set(block.start, { ...block, ending: { kind: 'computed', perhaps: [...returns] } });
    }
  }

  private block(start: bigint): Block {
    const instructions: Instruction[] = [];
    const ended = (ending: Ending): Block => ({ start, instructions, ending });
    for (let pc = start; ; ) {
      const decoded = this.instructions.get(pc);
      // What there was no room for may be another region's.
      if (decoded === undefined) return ended({ kind: 'next', to: pc });
      if (pc !== start && this.leaders.has(pc)) return ended({ kind: 'next', to: pc });
      const role = roleOf(decoded);
      if (role === 'core') return ended({ kind: 'core', at: pc });
      const to = targetOf({ pc, decoded }, instructions.at(-1));
      instructions.push({ pc, decoded });
      const next = pc + BigInt(decoded.bytes);
      switch (role) {
        case 'branch':
          return ended({ kind: 'branch', taken: to as bigint, next });
        case 'jump':
        case 'computed':
          return ended(to === undefined ? { kind: 'computed', perhaps: [] } : { kind: 'jump', to });
        case 'raise':
          return ended({ kind: role });
        default:
          pc = next;
      }
    }
  }
}

/** Where control may go from a block, in the region or out of it, as far as it is known. */
export function successorsOf({ ending }: Block): readonly bigint[] {
  switch (ending.kind) {
    case 'next':
    case 'jump':
      return [ending.to];
    case 'branch':
      return [ending.next, ending.taken];
    case 'computed':
      return ending.perhaps;
    default:
      return [];
  }
}

/** Where an instruction that jumps goes, as far as that follows from it and the one before it. */
function targetOf({ pc, decoded }: Instruction, before: Instruction | undefined): bigint | undefined {
  const { instruction, fields } = decoded;
  const offset = BigInt(fields['imm'] ?? 0);
  if (instruction.pcRelative) return BigInt.asUintN(XLEN, pc + offset);
  // A far call is an auipc and a jalr.
  const isFar = before?.decoded.instruction.name === 'auipc' && before.decoded.fields['rd'] === fields['rs1'];
  if (instruction.name !== 'jalr' || !isFar || fields['rs1'] === 0) return undefined;
  return BigInt.asUintN(XLEN, before.pc + BigInt(before.decoded.fields['imm'] as number) + offset) & ~1n;
}
