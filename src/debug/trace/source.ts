// What a trace is made of: when a hart runs, when it waits, and each exit or trap on the way, at the steps of its board.
// A virtual machine tells of its exits, without which its guest changes no mode; a bare one is stepped. Neither changes
// the run. Steps that a debugger has taken again are not told again. Left out: host time; a trace of the same run is the
// same file.

import { causeName } from '../../../isa/causes.ts';
import { Mode, WORD } from '../../../isa/layout.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import type { VirtualMachine } from '../../hypervisor/virtual-machine.ts';
import type { Runs } from '../log.ts';

/** What a guest is looked at through. */
export interface Traced {
  readonly name: string;
  readonly states: readonly PrivilegedState[];
  readonly board: { readonly clock: { readonly now: number } };
  readonly vm?: VirtualMachine;
}

/** An exit to the monitor, or, bare, a trap or the return from one. */
export interface Passage {
  readonly hart: number;
  /** The board's step before it, and how many it took: a hidden exit takes none. */
  readonly step: number;
  readonly steps: number;
  readonly reason: string;
  readonly pc: bigint;
  readonly after: Mode;
}

/** A format that a trace is written in, for one guest. */
export interface TraceSink {
  /** There is no room for more: the guest need not be looked at. */
  readonly isFull: boolean;
  begin(hart: number, step: number, mode: Mode): void;
  pass(passage: Passage): void;
  /** @param waits whether the hart waits from now on. */
  end(hart: number, step: number, waits: boolean): void;
  close(): void;
}

/**
 * Wraps what runs a guest so that a sink is told of it.
 * @param open makes the sink, as soon as there is a guest that runs.
 */
export function traced<Report>(
  inner: Runs<Report>,
  guest: () => Traced,
  open: (guest: Traced) => TraceSink,
): Runs<Report> {
  let opened: TraceSink | undefined;
  let furthest = 0;
  const sinkOf = (traced: Traced) => {
    const sink = open(traced);
    if (traced.vm !== undefined) listen(traced.vm, sink, (step) => step < furthest);
    return sink;
  };
  return {
    run(hart: number, maxSteps: number): Report | 'budget' {
      const { states, board, vm } = guest();
      const state = states[hart] as PrivilegedState;
      opened ??= sinkOf(guest());
      const sink = opened;
      const start = board.clock.now;
      if (sink.isFull) return inner.run(hart, maxSteps);
      if (start < furthest) return inner.run(hart, Math.min(maxSteps, furthest - start));
      const { pc, retired, privilege } = state;
      sink.begin(hart, start, privilege);
      const report = inner.run(hart, vm === undefined ? 1 : maxSteps);
      if (vm === undefined && board.clock.now > start) {
        const isTrap = state.retired === retired;
        const cause = state.privilege === Mode.M ? state.mcause : state.scause;
        const passage = { hart, step: start, steps: 1, pc, after: state.privilege };
        if (isTrap) sink.pass({ ...passage, reason: causeName(cause) });
        else if (state.privilege !== privilege) sink.pass({ ...passage, reason: 'xret' });
      }
      furthest = board.clock.now;
      sink.end(hart, furthest, report === 'wait');
      return report;
    },
  };
}

function listen(vm: VirtualMachine, sink: TraceSink, isAgain: (step: number) => boolean): void {
  const before = vm.onExit;
  const listener: typeof vm.onExit = (event) => {
    before?.(event);
    // A guest whose exits are listened to runs slower.
    if (sink.isFull && vm.onExit === listener) vm.onExit = before;
    if (sink.isFull || isAgain(event.step)) return;
    const { cpu, reason, step } = event;
    const steps = vm.board.clock.now - step;
    const pc = event.before[WORD.pc] as bigint;
    sink.pass({ hart: vm.cpus.indexOf(cpu), step, steps, reason, pc, after: cpu.privilege });
  };
  vm.onExit = listener;
}
