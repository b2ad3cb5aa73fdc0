// A region as a wasm function (block, remaining, entry) → remaining: control flow structured, the budget checked where
// control comes in and at each loop, and behind the last block what all of them leave by: the core, or its traps.

import type { Code, Label } from '../../../../isa/emit/wasm.ts';
import { SCRATCH } from '../../memory-map.ts';
import { STEPPER } from '../core-module.ts';
import { BASE, REMAINING, tally, word } from '../steps.ts';
import { Blocks } from './blocks.ts';
import { type Item, nest } from './nest.ts';

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
    const label = code.open('loop');
    const first = headers[0] as bigint; // a loop has one
    this.goals = new Map([...outer, [first, goal(label, dispatcher, 0)]]);
    this.checkBudget(this.flow.longest(headers), () => this.siteOfHeader(headers, dispatcher));
    this.sequence(body, first, (goals) => this.choosePath(headers, dispatcher, goals));
    code.end();
    code.op('unreachable');
    this.goals = outer;
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
