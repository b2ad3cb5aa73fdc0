// A region as a wasm function (block, remaining, entry) → remaining: registers in locals, control flow structured,
// the budget checked where control comes in and at each loop. What it cannot do in line it leaves to the core, with
// every register, pc and the count of steps as they are between two instructions.

import type { Services } from '../../../../isa/emit/services.ts';
import { Code, type Label } from '../../../../isa/emit/wasm.ts';
import { WORD, X0 } from '../../../../isa/layout.ts';
import type { End } from '../../../../isa/tree.ts';
import type { Width } from '../../../../isa/vocabulary.ts';
import { ENTRY, SCRATCH, SPACE } from '../../memory-map.ts';
import { lookUp, type Reach } from '../access.ts';
import { AccessEmitter } from '../access-emitter.ts';
import { STEPPER } from '../core-module.ts';
import { jumpEntry, knownJumpEntry } from '../jumps.ts';
import { BASE, REMAINING, tally, word } from '../steps.ts';
import { type Flow, flowOf } from './flow.ts';
import type { Block, Graph, Instruction } from './graph.ts';
import { type Item, nest } from './nest.ts';
import { isStraight, recordingOf } from './role.ts';

/** What a region's module offers it: functions of the core, and the type of regions. */
export interface RegionImports {
  readonly step: number;
  readonly missed: number;
  readonly trap: number;
  readonly stepperType: number;
}

/** A place in a region: how far pc is from its start in halfwords, and how many of the block's instructions are done. */
const SITE_COUNT_BITS = 9;
const SITE_COUNT_MASK = (1 << SITE_COUNT_BITS) - 1;
const ENTRY_PARAMETER = STEPPER.parameters.length - 1;

/** Where a branch within the region goes, and what the loop's dispatcher must be told. */
interface Goal {
  readonly label: Label;
  readonly dispatch?: { readonly local: number; readonly index: number };
}

type Goals = Map<bigint, Goal>;

export class RegionFunction extends AccessEmitter {
  private readonly graph: Graph;
  private readonly flow: Flow;
  private readonly reach: Reach;
  private readonly imports: RegionImports;
  /** By register: its i64 local. */
  private readonly registers = new Map<number, number>();
  private readonly dataSpace: number;
  private readonly fetchSpace: number;
  private readonly site: number;
  private readonly target: number;
  private readonly address: number;
  private readonly cause: number;
  private readonly entry: number;
  private goals: Goals = new Map();
  private toCore!: Label;
  /** The same, each with its cause counted. */
  private toLookup!: Label;
  private toBudget!: Label;
  private toForeign!: Label;
  private toTrap!: Label;
  private block!: Block;
  private instruction!: Instruction;
  /** Instructions of the block that are emitted: done before the one that is now. */
  private completed = 0;
  /** Where an instruction's paths meet, if it has several and is not its block's last. */
  private after: Label | undefined;

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

  emit(): Code {
    const { code, graph, flow } = this;
    for (const [register, local] of this.registers) {
      code
        .op('local.get', BASE)
        .op('i64.load', word(X0 + register))
        .op('local.set', local);
    }
    code.op('local.get', BASE).op('i32.load', SCRATCH.dataSpace).op('local.set', this.dataSpace);
    code.op('local.get', BASE).op('i32.load', SCRATCH.fetchSpace).op('local.set', this.fetchSpace);
    this.toCore = code.open('block');
    this.toTrap = code.open('block');
    this.toForeign = code.open('block');
    this.toBudget = code.open('block');
    this.toLookup = code.open('block');
    const items = nest(graph.entries, (pc) => flow.successors(pc));
    this.sequence(items, undefined, (goals) => this.come(goals));
    for (const exits of [SCRATCH.lookupExits, SCRATCH.budgetExits, SCRATCH.foreignExits]) {
      code.end();
      tally(code, exits);
      code.leave(this.toCore);
    }
    code.end(); // toTrap
    tally(code, SCRATCH.trapExits);
    this.spill(flow.written);
    this.storePcOfSite();
    code.op('local.get', BASE);
    this.remainingAtSite();
    code.op('local.get', this.cause).op('i64.extend_i32_u').op('local.get', this.address);
    code.op('return_call', this.imports.trap);
    code.end(); // toCore
    this.spill(flow.written);
    this.storePcOfSite();
    code.op('local.get', BASE);
    this.remainingAtSite();
    code.op('return_call', this.imports.step);
    return code;
  }

  // Control flow.

  /** Control comes in: at the entry that the caller names. */
  private come(goals: Goals): void {
    const { entries } = this.graph;
    this.checkBudget(this.flow.longest(entries), () => this.siteOfEntry());
    this.choosePath(entries, ENTRY_PARAMETER, goals);
  }

  /** Goes to the one of these addresses whose index is in a local. */
  private choosePath(pcs: readonly bigint[], local: number | undefined, goals: Goals): void {
    const { code } = this;
    const labels = pcs.length === 1 || local === undefined ? [] : pcs.map(() => code.open('block')).reverse();
    if (labels.length > 0 && local !== undefined) {
      code.op('local.get', local);
      code.leaveTable(labels, labels[0] as Label);
    }
    for (const pc of pcs) {
      if (labels.length > 0) code.end();
      this.goTo(pc, goals);
    }
  }

  /**
   * Items in order, each behind a block that ends where it begins. `begin` goes to the first to run.
   * @param header that of the loop whose body this is: elsewhere in it, it means going round again.
   */
  private sequence(items: readonly Item<bigint>[], header: bigint | undefined, begin: (goals: Goals) => void): void {
    const { code } = this;
    const outer = this.goals;
    const first = new Map(outer);
    const dispatchers = new Map<Item<bigint>, number>();
    for (const item of items.toReversed()) {
      const label = code.open('block');
      if (item.kind === 'node') first.set(item.node, { label });
      else {
        const local = item.headers.length === 1 ? undefined : code.local('i32');
        if (local !== undefined) dispatchers.set(item, local);
        for (const [index, each] of item.headers.entries()) first.set(each, goal(label, local, index));
      }
    }
    begin(first);
    this.goals = new Map([...first, ...[...outer].filter(([pc]) => pc === header)]);
    for (const item of items) {
      code.end();
      if (item.kind === 'node') this.emitBlock(item.node);
      else this.loop(item, dispatchers.get(item));
    }
    this.goals = outer;
  }

  private loop({ headers, body }: Item<bigint> & { kind: 'loop' }, dispatcher: number | undefined): void {
    const { code } = this;
    const outer = this.goals;
    const label = code.open('loop');
    const first = headers[0] as bigint; // a loop has one
    this.goals = new Map([...outer, [first, goal(label, dispatcher, 0)]]);
    this.checkBudget(this.flow.longest(headers), () => this.siteOfHeader(headers, dispatcher));
    this.sequence(body, first, (goals) => this.choosePath(headers, dispatcher, goals));
    code.end();
    code.op('unreachable');
    this.goals = outer;
  }

  private goTo(to: bigint, goals: Goals = this.goals): void {
    const { code } = this;
    const { label, dispatch } = goals.get(to) as Goal; // whoever asks has looked whether it is in the region
    if (dispatch !== undefined) code.i32(dispatch.index).op('local.set', dispatch.local);
    code.leave(label);
  }

  /** Leaves for the core where fewer steps are left than the longest way to the next check takes. */
  private checkBudget(steps: number, pushSite: () => void): void {
    const { code } = this;
    code.op('local.get', REMAINING).i32(steps).op('i32.lt_s').open('if');
    pushSite();
    code.op('local.set', this.site);
    code.leave(this.toBudget);
    code.end();
  }
  private siteOfEntry(): void {
    this.choose(this.graph.entries, ENTRY_PARAMETER);
  }
  private siteOfHeader(headers: readonly bigint[], dispatcher: number | undefined): void {
    if (dispatcher === undefined) this.code.i32(this.siteAt(headers[0] as bigint, 0));
    else this.choose(headers, dispatcher);
  }
  /** Pushes the site of the one of these addresses whose index is in a local. */
  private choose(pcs: readonly bigint[], local: number): void {
    const { code } = this;
    code.i32(this.siteAt(pcs[0] as bigint, 0));
    for (const [index, pc] of pcs.entries()) {
      if (index === 0) continue;
      const chosen = code.scratch('i32');
      code.op('local.set', chosen).i32(this.siteAt(pc, 0)).op('local.get', chosen);
      code.op('local.get', local).i32(index).op('i32.eq').op('select');
    }
  }

  // A block.

  private emitBlock(start: bigint): void {
    const { code } = this;
    const block = this.graph.blocks.get(start) as Block; // the graph's own addresses
    this.block = block;
    this.completed = 0;
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
      const isRegister = instruction.pattern.fields.some((field) => field.name === name && field.register);
      const local = isRegister ? this.registers.get(number) : undefined;
      if (local !== undefined) code.op('local.get', local);
      else code.i64(BigInt(isRegister ? 0 : number));
    }
  }
  override word(index: number): void {
    if (index === WORD.pc) this.code.i64(this.instruction.pc);
    else super.word(index);
  }

  protected override done({ writes, result }: End & { kind: 'done' }): void {
    const { code } = this;
    const local = result === undefined ? undefined : this.registers.get(this.instruction.decoded.fields['rd'] ?? 0);
    const jump = writes.find(({ word: index }) => index === WORD.pc);
    const words = writes.filter((write) => write !== jump);
    const { ending } = this.block;
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
  private siteAt(pc: bigint, done: number): number {
    return ((Number(pc - this.graph.start) >> 1) << SITE_COUNT_BITS) | done;
  }
  private storePcOfSite(): void {
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
  private remainingAtSite(): void {
    this.code.op('local.get', REMAINING).op('local.get', this.site).i32(SITE_COUNT_MASK).op('i32.and').op('i32.sub');
  }
  private spill(registers: ReadonlySet<number>): void {
    for (const register of registers) {
      this.code.op('local.get', BASE).op('local.get', this.registers.get(register) as number);
      this.code.op('i64.store', word(X0 + register));
    }
  }
}

function goal(label: Label, local: number | undefined, index: number): Goal {
  return local === undefined ? { label } : { label, dispatch: { local, index } };
}
