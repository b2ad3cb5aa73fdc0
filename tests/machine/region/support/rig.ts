// Regions without the translator's core: a region module beside a small core in TypeScript, and a reference that is
// brought to the same step after each exit. What a region leaves undone the small core has its own reference do, on
// the state and memory that emitted code works on. Code is data of the test, never bytes in memory, so that programs
// may store anywhere; translation is bare, so a TLB entry is a page's own address.

import { expect } from 'vitest';
import type { Decoded } from '../../../../isa/decode.ts';
import { isFloating } from '../../../../isa/floating.ts';
import { FloatStatus, Mode, WORD_NAMES } from '../../../../isa/layout.ts';
import type { Reference } from '../../../../isa/reference.ts';
import { Memory } from '../../../../src/machine/memory.ts';
import {
  ENTRY,
  FRAME_BYTES,
  FRAME_SHIFT,
  RAM_AT,
  SCRATCH,
  SPACE,
  spaceAt,
} from '../../../../src/machine/memory-map.ts';
import type { Reach } from '../../../../src/machine/translator/access.ts';
import { softFloatByNumber } from '../../../../src/machine/translator/floats.ts';
import { type Graph, graphOf } from '../../../../src/machine/translator/region/graph.ts';
import { RegionModule } from '../../../../src/machine/translator/region/module.ts';
import { roleOf } from '../../../../src/machine/translator/region/role.ts';
import { Hart } from '../../../isa/support/hart.ts';
import { RAM, RAM_BYTES } from '../../../isa/support/machine.ts';

/** Instructions by address. */
export type Program = ReadonlyMap<bigint, Decoded>;

export type Exit =
  | { readonly kind: 'step' | 'resume'; readonly remaining: number }
  | { readonly kind: 'trap'; readonly remaining: number; readonly cause: bigint; readonly tval: bigint };

/** Which pages lookups find: all, none, or some of those that were touched. */
export type Translations = 'all' | 'none' | 'touched';

const JUMP_MASK = 0xfffn;
/** Tags of entries of slot 0 that are found by nothing. */
const NO_PAGE = BigInt(FRAME_BYTES);
const NO_PC = 1n;

export class Rig {
  readonly memory = new Memory(RAM_BYTES);
  readonly base = this.memory.allocateState();
  /** The hart that emitted code works on, and the one that it is compared with. */
  readonly hart = new Hart({ buffer: this.memory.buffer, state: this.base, ram: RAM_AT });
  readonly reference = new Hart();
  private readonly view = new DataView(this.memory.buffer);
  private readonly space = spaceAt(0);
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
  private readonly exits: Exit[] = [];
  private next = 1;
  /** Instructions of the largest region: no way through one is longer. */
  private largest = 0;
  /** Where control may come into a region. */
  readonly entries = new Map<bigint, { readonly index: number; readonly entry: number; readonly graph: Graph }>();

  constructor() {
    for (const at of [SCRATCH.dataSpace, SCRATCH.fetchSpace]) this.view.setUint32(this.base + at, this.space, true);
    this.forget();
  }

  /** Compiles regions into one module; they can be entered from now on. */
  load(graphs: readonly Graph[], reach: Reach): RegionModule {
    const module = new RegionModule();
    for (const graph of graphs) module.add(graph, reach);
    const left = (exit: Exit) => {
      this.exits.push(exit);
      return exit.remaining;
    };
    const core = {
      table: this.table,
      step: (_base: number, remaining: number) => left({ kind: 'step', remaining }),
      missed: (_base: number, remaining: number) => left({ kind: 'resume', remaining }),
      trap: (_base: number, remaining: number, cause: bigint, tval: bigint) =>
        left({ kind: 'trap', remaining, cause, tval: BigInt.asUintN(64, tval) }),
      float: softFloatByNumber,
    };
    const compiled = new WebAssembly.Module(module.bytes(this.next));
    new WebAssembly.Instance(compiled, { host: { memory: this.memory.shared }, core });
    for (const graph of graphs) {
      for (const [entry, pc] of graph.entries.entries()) this.entries.set(pc, { index: this.next, entry, graph });
      this.next++;
      this.largest = Math.max(this.largest, graph.size);
    }
    return module;
  }
  /** Forgets all regions. */
  forget(): void {
    this.entries.clear();
    this.next = 1;
    this.largest = 0;
    this.forgetTranslations();
  }
  /** Forgets all translations, and where jumps lead. */
  forgetTranslations(): void {
    new Uint8Array(this.memory.buffer, this.space, SPACE.fetch).fill(0);
    for (const part of [SPACE.load, SPACE.store]) this.view.setBigUint64(this.space + part + ENTRY.tag, NO_PAGE, true);
    this.view.setBigUint64(this.space + SPACE.jumps + ENTRY.tag, NO_PC, true);
  }

  map(access: 'load' | 'store', address: bigint): void {
    const slot = Number((address >> BigInt(FRAME_SHIFT)) & 0xfffn);
    const at = this.space + SPACE[access] + slot * ENTRY.bytes;
    const page = address & ~BigInt(FRAME_BYTES - 1);
    if (page < RAM || page >= RAM + BigInt(RAM_BYTES)) return;
    this.view.setBigUint64(at + ENTRY.tag, page, true);
    this.view.setUint32(at + ENTRY.place, Number(page - RAM) + RAM_AT, true);
  }
  mapAll(): void {
    for (let page = RAM; page < RAM + BigInt(RAM_BYTES); page += BigInt(FRAME_BYTES)) {
      this.map('load', page);
      this.map('store', page);
    }
  }
  /** Has jumps to every entry found in the jump cache. */
  link(): void {
    for (const [pc, { index, entry }] of this.entries) {
      const at = this.space + SPACE.jumps + Number((pc >> 1n) & JUMP_MASK) * ENTRY.bytes;
      this.view.setBigUint64(at + ENTRY.tag, pc, true);
      this.view.setUint32(at + ENTRY.function, index, true);
      this.view.setUint32(at + ENTRY.entry, entry, true);
    }
  }

  /** Runs a region from where it can be entered, once. */
  enter(index: number, entry: number, budget: number): Exit {
    this.exits.length = 0;
    const region = this.table.get(index) as (base: number, remaining: number, entry: number) => number;
    const left = region(this.base, budget, entry);
    const exit = this.exits[0] as Exit;
    expect(this.exits).toHaveLength(1);
    expect(left).toBe(exit.remaining);
    return exit;
  }

  /**
   * Runs a program for so many steps, in regions where there are some, and compares after each exit.
   * @returns how many of the steps were taken in regions.
   */
  run(program: Program, budget: number, translations: Translations): number {
    if (translations === 'all') this.mapAll();
    let [remaining, inRegions] = [budget, 0];
    while (remaining > 0 && program.has(this.hart.pc)) {
      const known = this.entries.get(this.hart.pc);
      let steps = true;
      if (known !== undefined) {
        const exit = this.enter(known.index, known.entry, remaining);
        const taken = remaining - exit.remaining;
        expect(taken).toBeGreaterThanOrEqual(0);
        expect(exit.remaining).toBeGreaterThanOrEqual(0);
        inRegions += taken;
        this.count(taken);
        follow(this.reference, program, taken);
        this.expectSame();
        remaining = exit.remaining;
        steps = exit.kind === 'step';
        if (exit.kind === 'trap') this.takeTrap(program, exit);
        if (exit.kind === 'trap') remaining--;
        if (exit.kind === 'resume') expect(taken).toBeGreaterThan(0);
        if (exit.kind === 'step') this.expectReason(program, remaining, translations);
      }
      if (steps && remaining > 0 && program.has(this.hart.pc)) {
        if (translations === 'touched') this.touch(program);
        follow(this.hart, program, 1);
        follow(this.reference, program, 1);
        this.expectSame();
        remaining--;
      }
    }
    return inRegions;
  }

  private takeTrap(program: Program, { cause, tval }: Exit & { kind: 'trap' }): void {
    this.hart.takeTrap(cause, tval);
    follow(this.reference, program, 1);
    expect([this.reference.cause, this.reference.tval], 'what was raised').toEqual([cause, tval]);
    this.expectSame();
  }

  /** A region gives an instruction to the core only where it must. */
  private expectReason(program: Program, remaining: number, translations: Translations): void {
    const decoded = program.get(this.hart.pc);
    if (decoded === undefined || roleOf(decoded) === 'core' || remaining < this.largest) return;
    if (isFloating(decoded.instruction) && !this.isUnitReady()) return;
    expect(decoded.instruction.extension === 'A' || /^f?[ls][bhwd]u?$/.test(decoded.instruction.name)).toBe(true);
    if (translations !== 'all') return;
    const bytes = widthOf(decoded);
    const address = addressOf(this.hart, decoded);
    const isAligned = address % BigInt(bytes) === 0n;
    const inPage = (address & 0xfffn) + BigInt(bytes) <= BigInt(FRAME_BYTES);
    const found = inPage && this.hart.memory.isMemory(address, bytes);
    expect(found && (isAligned || decoded.instruction.extension !== 'A')).toBe(false);
  }

  private isUnitReady(): boolean {
    return this.hart.mstatus.FS === BigInt(FloatStatus.Dirty) && this.hart.fcsr.FRM === 0n;
  }

  /** The page that the next instruction accesses is found from now on, by chance. */
  private touch(program: Program): void {
    const decoded = program.get(this.hart.pc) as Decoded;
    if (!('rs1' in decoded.fields)) return;
    const address = addressOf(this.hart, decoded);
    this.map('load', address);
    if ((address >> BigInt(FRAME_SHIFT)) % 2n === 0n) this.map('store', address);
  }

  private count(steps: number): void {
    const { hart } = this;
    hart.steps = BigInt.asUintN(64, hart.steps + BigInt(steps));
    hart.retired = BigInt.asUintN(64, hart.retired + BigInt(steps));
    if (hart.privilege === Mode.M) hart.stepsInM += BigInt(steps);
    else if (hart.privilege === Mode.S) hart.stepsInS += BigInt(steps);
    else hart.stepsInU += BigInt(steps);
  }

  expectSame(): void {
    const { hart, reference } = this;
    const differing = WORD_NAMES.filter((_, i) => hart.words[i] !== reference.words[i]);
    if (differing.length > 0) {
      const shown = (of: Reference) =>
        Object.fromEntries(differing.map((name) => [name, of.words[WORD_NAMES.indexOf(name)]?.toString(16)]));
      expect({ pc: hart.pc, ...shown(hart) }).toEqual({ pc: reference.pc, ...shown(reference) });
    }
    expect(Buffer.compare(hart.memory.bytes, reference.memory.bytes), 'memory').toBe(0);
  }
}

/** Steps that stay in a program. */
function follow(hart: Hart, program: Program, steps: number): void {
  for (let i = 0; i < steps; i++) {
    const decoded = program.get(hart.pc);
    expect(decoded, `an instruction at ${hart.pc.toString(16)}`).toBeDefined();
    hart.executeStep(decoded, decoded?.bits ?? 0);
  }
}

const WIDTHS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };
function widthOf({ instruction: { name } }: Decoded): number {
  const letter = /\.([wd])$/.exec(name)?.[1] ?? name.replace(/^f/, '')[1] ?? '';
  return WIDTHS[letter] ?? 1;
}
function addressOf(hart: Hart, { fields }: Decoded): bigint {
  return BigInt.asUintN(64, hart.x(fields['rs1'] ?? 0) + BigInt(fields['imm'] ?? 0));
}

/** The region around an address of a program; undefined where there is none. */
export function regionOf(program: Program, entry: bigint): Graph | undefined {
  return graphOf({ decode: (pc) => program.get(pc), frame: (page) => Number(page >> BigInt(FRAME_SHIFT)) }, entry);
}
