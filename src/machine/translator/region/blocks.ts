// The blocks of a region: instructions whose operands are known, over registers in locals. What they cannot do in line
// they leave to the core, with every register, pc and the count of steps as they are between two instructions.
// Left out: where in the function a block is, which is function.ts's.

import type { FloatEvent } from '../../../../isa/emit/emitter.ts';
import type { Services } from '../../../../isa/emit/services.ts';
import { Code, type Label } from '../../../../isa/emit/wasm.ts';
import { isFloating } from '../../../../isa/floating.ts';
import { FILE_WORDS, WORD } from '../../../../isa/layout.ts';
import type { End } from '../../../../isa/tree.ts';
import type { Width } from '../../../../isa/vocabulary.ts';
import { ENTRY, SCRATCH, SPACE } from '../../memory-map.ts';
import { lookUp, type Reach } from '../access.ts';
import { AccessEmitter } from '../access-emitter.ts';
import { STEPPER } from '../core-module.ts';
import { jumpEntry, knownJumpEntry } from '../jumps.ts';
import { BASE, REMAINING, tally, word } from '../steps.ts';
import { isSensitiveCsr } from '../system.ts';
import { emitFloat, pushUnitUnready } from './floating.ts';
import { type Flow, flowOf } from './flow.ts';
import type { Block, Graph, Instruction } from './graph.ts';
import { isStraight, recordingOf } from './role.ts';
import type { Strip, Walk } from './strip.ts';

/** What a region's module offers it: functions of the core, and the type of regions. */
export interface RegionImports {
  readonly step: number;
  readonly missed: number;
  readonly trap: number;
  /** An operation of floating point by its number. */
  readonly float: number;
  readonly stepperType: number;
  /** Whether sensitive instructions are counted: blocks are contexts'. */
  readonly counts: boolean;
}

/** A strip in which a block is emitted: what has been found of each walk is the address's low half to its place, in an i32 local. */
export interface Found {
  readonly strip: Strip;
  readonly toPlace: ReadonlyMap<Walk, number>;
}

/** A place in a region: how far pc is from its start in halfwords, and how many of the block's instructions are done. */
const SITE_COUNT_BITS = 9;
const SITE_COUNT_MASK = (1 << SITE_COUNT_BITS) - 1;

export abstract class Blocks extends AccessEmitter {
  protected readonly graph: Graph;
  protected readonly flow: Flow;
  protected readonly reach: Reach;
  protected readonly imports: RegionImports;
  /** By the register's word: its i64 local. */
  protected readonly registers = new Map<number, number>();
  protected readonly dataSpace: number;
  protected readonly fetchSpace: number;
  /** i32: where control is that leaves. */
  protected readonly site: number;
  /** i64: where to jump; what is accessed, or a trap's value; i32: a trap's cause. */
  private readonly target: number;
  protected readonly address: number;
  protected readonly cause: number;
  /** i32: an entry of the jump cache. */
  private readonly entry: number;
  /** Where blocks leave to, with `site` set. */
  protected toLookup!: Label;
  protected toForeign!: Label;
  protected toTrap!: Label;
  private block!: Block;
  private instruction!: Instruction;
  /** Instructions of the block that are emitted: done before the one that is now. */
  private completed = 0;
  /** An instruction before it in its block has found the floating-point unit in use, rounding to nearest. */
  private isUnitReady = false;
  /** Where an instruction's paths meet, if it has several and is not its block's last. */
  private after: Label | undefined;
  /** Set while a block is emitted as what goes round in a strip. */
  protected found: Found | undefined;

  constructor(graph: Graph, reach: Reach, imports: RegionImports, services: Services) {
    super(new Code(STEPPER.parameters.length), services);
    this.graph = graph;
    this.reach = reach;
    this.imports = imports;
    this.flow = flowOf(graph);
    const { code } = this;
    for (const register of this.flow.used) this.registers.set(register, code.local('i64'));
    this.target = code.local('i64');
    this.address = code.local('i64');
    this.dataSpace = code.local('i32');
    this.fetchSpace = code.local('i32');
    this.site = code.local('i32');
    this.cause = code.local('i32');
    this.entry = code.local('i32');
  }

  /** Goes to a block of the region. */
  protected abstract goTo(to: bigint): void;

  protected emitBlock(start: bigint): void {
    const { code } = this;
    const block = this.graph.blocks.get(start) as Block; // the graph's own addresses
    this.block = block;
    this.completed = 0;
    this.isUnitReady = this.found?.strip.needsUnit === true;
    const { instructions, ending } = block;
    const last = instructions.length - 1;
    const isControl = ending.kind === 'branch' || ending.kind === 'jump' || ending.kind === 'computed';
    for (const [index, instruction] of instructions.entries()) {
      this.instruction = instruction;
      // What ends a block cannot fail, and so the block is done before it.
      if (isControl && index === last) this.spend(instructions.length);
      this.emitInstruction(isControl && index === last);
      this.completed++;
    }
    switch (ending.kind) {
      case 'next':
        this.spend(instructions.length);
        this.follow(ending.to);
        return;
      case 'core':
        this.spend(instructions.length);
        code.i32(this.siteAt(ending.at, 0)).op('local.set', this.site);
        code.leave(this.toForeign);
        return;
      default: // the last instruction has gone on
    }
  }

  private spend(steps: number): void {
    if (steps > 0) this.code.op('local.get', REMAINING).i32(steps).op('i32.sub').op('local.set', REMAINING);
  }

  private emitInstruction(isLast: boolean): void {
    const { code } = this;
    const recording = recordingOf(this.instruction.decoded);
    if (isFloating(this.instruction.decoded.instruction) && !this.isUnitReady) {
      // No instruction of a block changes this.
      pushUnitUnready(code);
      code.open('if');
      code.i32(this.siteHere()).op('local.set', this.site);
      code.leave(this.toForeign);
      code.end();
      this.isUnitReady = true;
    }
    const mark = code.mark();
    this.after = isLast || isStraight(recording.tree) ? undefined : code.open('block');
    this.tree(recording);
    if (this.after !== undefined) code.end();
    code.reset(mark);
  }

  /** To an address: in the region, or out of it through the jump cache. */
  private follow(to: bigint): void {
    if (this.graph.blocks.has(to)) this.goTo(to);
    else this.leaveTo(to);
  }

  /** Through the jump cache to an address, or to the one in `target`. */
  private leaveTo(to?: bigint): void {
    const { code, target, entry } = this;
    this.spill(this.flow.dirtyAfter(this.block.start));
    const space = () => code.op('local.get', this.fetchSpace);
    if (to === undefined) jumpEntry(code, target, space, entry);
    else knownJumpEntry(code, to, space, entry);
    code.open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', entry);
    code.op('i32.load', SPACE.jumps + ENTRY.entry);
    code.op('local.get', entry).op('i32.load', SPACE.jumps + ENTRY.function);
    code.op('return_call_indirect', this.imports.stepperType);
    code.end();
    code.op('local.get', BASE);
    if (to === undefined) code.op('local.get', target);
    else code.i64(to);
    code.op('i64.store', word(WORD.pc));
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', this.imports.missed);
  }

  // An instruction.

  override parameter(name: string): void {
    const { code } = this;
    const { pc, decoded } = this.instruction;
    const { instruction, fields, bits, bytes } = decoded;
    if (name === 'nextPc') code.i64(pc + BigInt(bytes));
    else if (name === 'instruction') code.i64(BigInt(bits));
    else {
      const number = fields[name] as number;
      const file = instruction.pattern.fields.find((field) => field.name === name)?.register;
      const local = file && this.registers.get(FILE_WORDS[file] + number);
      if (local !== undefined) code.op('local.get', local);
      else code.i64(BigInt(file === undefined ? number : 0));
    }
  }
  override word(index: number): void {
    if (index === WORD.pc) this.code.i64(this.instruction.pc);
    else super.word(index);
  }

  protected override done({ writes, result }: End & { kind: 'done' }): void {
    const { code } = this;
    const { rd, fd } = this.instruction.decoded.fields;
    const written = fd === undefined ? (rd ?? 0) : FILE_WORDS.f + fd;
    const local = result === undefined ? undefined : this.registers.get(written);
    const jump = writes.find(({ word: index }) => index === WORD.pc);
    const words = writes.filter((write) => write !== jump);
    const { ending } = this.block;
    if (this.imports.counts && isSensitiveCsr(this.instruction.decoded)) tally(code, SCRATCH.csrs);
    // rd may be what the target is computed from.
    if (jump !== undefined && ending.kind === 'computed') {
      this.value(jump.value);
      code.op('local.set', this.target);
    }
    this.pushWrites(words);
    if (local !== undefined && result !== undefined) this.value(result);
    if (local !== undefined) code.op('local.set', local);
    this.storeWrites(words);
    if (ending.kind === 'branch' && this.isLast()) this.follow(jump === undefined ? ending.next : ending.taken);
    else if (jump === undefined) {
      if (this.after !== undefined) code.leave(this.after);
    } else if (ending.kind === 'jump') this.follow(ending.to);
    else this.leaveToTarget();
  }
  protected override float(event: FloatEvent): void {
    const { code } = this;
    const operands = event.operands.map((operand) => {
      const local = code.scratch('i64');
      this.value(operand);
      code.op('local.set', local);
      return local;
    });
    this.values.outcomes.set(event.id, emitFloat(code, this.imports.float, event, operands, this.found !== undefined));
  }
  protected override fence(what: 'instructions' | 'translations'): void {
    if (!this.imports.counts || what !== 'translations') return;
    const { code } = this;
    // One that is told of is the core's.
    code.op('local.get', BASE).op('i32.load', SCRATCH.tellsFences).open('if');
    code.i32(this.siteHere()).op('local.set', this.site);
    code.leave(this.toLookup);
    code.end();
    tally(code, SCRATCH.fences);
  }
  /** To the address in `target`, which may be in the region. */
  private leaveToTarget(): void {
    const { code, target } = this;
    const { ending } = this.block;
    for (const pc of ending.kind === 'computed' ? ending.perhaps : []) {
      code.op('local.get', target).i64(pc).op('i64.eq').open('if');
      this.goTo(pc);
      code.end();
    }
    this.leaveTo();
  }
  private isLast(): boolean {
    return this.completed === this.block.instructions.length - 1;
  }

  protected override raise(tval: () => void, cause: () => void): void {
    const { code } = this;
    tval();
    code.op('local.set', this.address);
    cause();
    code.op('local.set', this.cause).i32(this.siteHere()).op('local.set', this.site);
    code.leave(this.toTrap);
  }

  protected override find(access: 'load' | 'store', bytes: Width, isAtomic: boolean): number {
    const { code, address } = this;
    const walk = this.found?.strip.walkOf.get(this.completed);
    const toPlace = walk && this.found?.toPlace.get(walk);
    if (toPlace !== undefined) {
      code.op('i32.wrap_i64').op('local.get', toPlace).op('i32.add');
      return 0;
    }
    code.op('local.set', address);
    const missIf = () => {
      code.open('if');
      code.i32(this.siteHere()).op('local.set', this.site);
      code.leave(this.toLookup);
      code.end();
    };
    const reach: Reach = isAtomic ? { kind: 'tlb' } : this.reach;
    return lookUp(code, { access, bytes, isAtomic, reach, space: this.dataSpace, address, missIf });
  }

  // Places, and registers back to the block.

  private siteHere(): number {
    return this.siteAt(this.instruction.pc, this.completed);
  }
  protected siteAt(pc: bigint, done: number): number {
    return ((Number(pc - this.graph.start) >> 1) << SITE_COUNT_BITS) | done;
  }
  protected storePcOfSite(): void {
    const { code } = this;
    code.op('local.get', BASE).op('local.get', this.site).i32(SITE_COUNT_BITS).op('i32.shr_s');
    code
      .op('i64.extend_i32_s')
      .i64(1n)
      .op('i64.shl')
      .i64(this.graph.start)
      .op('i64.add')
      .op('i64.store', word(WORD.pc));
  }
  protected remainingAtSite(): void {
    this.code.op('local.get', REMAINING).op('local.get', this.site).i32(SITE_COUNT_MASK).op('i32.and').op('i32.sub');
  }
  protected spill(registers: ReadonlySet<number>): void {
    for (const register of registers) {
      this.code.op('local.get', BASE).op('local.get', this.registers.get(register) as number);
      this.code.op('i64.store', word(register));
    }
  }
}
