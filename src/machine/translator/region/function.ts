// A region as a wasm function (block, remaining, entry) → remaining: control flow structured, the budget checked where
// control comes in and at each loop, and behind the last block what all of them leave by: the core, or its traps.

import type { Code, Label } from '../../../../isa/emit/wasm.ts';
import { FRAME_BYTES, SCRATCH } from '../../memory-map.ts';
import { lookUp } from '../access.ts';
import { STEPPER } from '../core-module.ts';
import { BASE, REMAINING, tally, word } from '../steps.ts';
import { Blocks } from './blocks.ts';
import { pushExactSoFar, pushUnitUnready } from './floating.ts';
import type { Block } from './graph.ts';
import { type Item, nest } from './nest.ts';
import { type Strip, stripOf, type Walk } from './strip.ts';

/** Times round a loop before it is looked whether it can go in strips, and the fewest that make one: a power of two. */
const ROUNDS_BEFORE = 8;

const ENTRY_PARAMETER = STEPPER.parameters.length - 1;

/** Where a branch within the region goes, and what the loop's dispatcher must be told. */
interface Goal {
  readonly label: Label;
  readonly dispatch?: { readonly local: number; readonly index: number };
}

type Goals = Map<bigint, Goal>;

export class RegionFunction extends Blocks {
  private goals: Goals = new Map();
  private toCore!: Label;
  private toBudget!: Label;

  emit(): Code {
    const { code, graph, flow } = this;
    for (const [register, local] of this.registers) {
      code.op('local.get', BASE).op('i64.load', word(register)).op('local.set', local);
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
    const first = headers[0] as bigint; // a loop has one
    const isBlock = headers.length === 1 && body.length === 1 && body[0]?.kind === 'node';
    const strip = isBlock ? stripOf(this.graph.blocks.get(first) as Block) : undefined; // the graph's own address
    const rounds = code.local('i32');
    if (strip !== undefined) code.i32(0).op('local.set', rounds);
    const label = code.open('loop');
    this.goals = new Map([...outer, [first, goal(label, dispatcher, 0)]]);
    this.checkBudget(this.flow.longest(headers), () => this.siteOfHeader(headers, dispatcher));
    if (strip !== undefined) this.strip(first, strip, rounds, label);
    this.sequence(body, first, (goals) => this.choosePath(headers, dispatcher, goals));
    code.end();
    code.op('unreachable');
    this.goals = outer;
  }

  /**
   * Goes round as often as is possible without a look at the budget or at a TLB, where it has gone round long enough to
   * be worth it; then back to the loop's beginning.
   */
  private strip(header: bigint, strip: Strip, rounds: number, again: Label): void {
    const { code, flow } = this;
    const mark = code.mark();
    const plain = code.open('block');
    code.op('local.get', rounds).i32(1).op('i32.add').op('local.tee', rounds);
    code.i32(ROUNDS_BEFORE - 1).op('i32.and');
    code.leaveIf(plain);
    if (strip.needsUnit) {
      pushUnitUnready(code);
      code.leaveIf(plain);
    }
    if (strip.computes) {
      pushExactSoFar(code);
      code.leaveIf(plain);
    }
    const [left, room] = [code.scratch('i32'), code.scratch('i32')];
    const length = this.graph.blocks.get(header)?.instructions.length as number; // whoever asks has the block
    code
      .op('local.get', REMAINING)
      .i32(flow.longest([header]))
      .op('i32.sub')
      .i32(length)
      .op('i32.div_u');
    code.i32(1).op('i32.add').op('local.set', left);
    const toPlace = new Map<Walk, number>();
    for (const walk of strip.walks) {
      toPlace.set(
        walk,
        this.findWalk(walk, () => code.leaveIf(plain), room),
      );
      if (walk.step === 0) continue;
      code.op('local.get', room).op('local.get', left);
      code.op('local.get', room).op('local.get', left).op('i32.lt_u').op('select').op('local.set', left);
    }
    code.op('local.get', left).i32(ROUNDS_BEFORE).op('i32.lt_u');
    code.leaveIf(plain);
    const loop = code.open('loop');
    const round = code.open('block');
    const { goals } = this;
    this.goals = new Map([...goals, [header, { label: round }]]);
    this.found = { strip, toPlace };
    this.emitBlock(header);
    this.found = undefined;
    this.goals = goals;
    code.end();
    code.op('local.get', left).i32(1).op('i32.sub').op('local.tee', left);
    code.leaveIf(loop);
    code.end();
    code.i32(ROUNDS_BEFORE - 1).op('local.set', rounds);
    code.leave(again);
    code.end();
    code.reset(mark);
  }
  /**
   * Looks up where a walk is, and how many times round it stays on that page.
   * @returns an i32 local that the low half of an address must be added to.
   */
  private findWalk({ access, register, step, low, high }: Walk, missIf: () => void, room: number): number {
    const { code, address, reach, dataSpace: space } = this;
    const toPlace = code.scratch('i32');
    code
      .op('local.get', this.registers.get(register) as number)
      .i64(BigInt(low))
      .op('i64.add')
      .op('local.set', address);
    const bytes = high - low;
    const offset = lookUp(code, { access, bytes, isAtomic: false, reach, space, address, missIf });
    code.i32(offset).op('i32.add').op('local.tee', toPlace);
    code
      .i32(FRAME_BYTES - 1)
      .op('i32.and')
      .op('local.set', room);
    if (step > 0)
      code
        .i32(FRAME_BYTES - bytes)
        .op('local.get', room)
        .op('i32.sub')
        .op('local.set', room);
    if (step !== 0)
      code.op('local.get', room).i32(Math.abs(step)).op('i32.div_u').i32(1).op('i32.add').op('local.set', room);
    code.op('local.get', toPlace).op('local.get', address).op('i32.wrap_i64').op('i32.sub').op('local.set', toPlace);
    return toPlace;
  }

  protected override goTo(to: bigint, goals: Goals = this.goals): void {
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
}

function goal(label: Label, local: number | undefined, index: number): Goal {
  return local === undefined ? { label } : { label, dispatch: { local, index } };
}
