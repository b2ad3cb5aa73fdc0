// One readable line an event, for --log: board step, machine, mode, pc, symbol, instruction, what happened, and what
// it changed. Exits are told by the virtual machine; traps and instructions are seen by stepping whatever runs the
// hart and looking at its state before and after, so a log never changes a run. Steps that a debugger has taken
// again are not told again.

import { causeName } from '../../isa/causes.ts';
import { WORD, WORD_NAMES, X0 } from '../../isa/layout.ts';
import { ABI_NAMES } from '../../isa/registers.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import { disassemble } from '../asm/disassemble.ts';
import type { ExitEvent } from '../hypervisor/virtual-machine.ts';
import { accessOf } from './access.ts';
import { commitLine } from './commit-log.ts';
import type { SymbolTable } from './symbols.ts';

/** What runs a hart, as far as a log must know: the platform's Executor. */
export interface Runs<Report> {
  run(hart: number, maxSteps: number): Report | 'budget';
}

export interface LogContext {
  readonly name: string;
  readonly symbols: SymbolTable;
  readonly write: (line: string) => void;
  /** There is no room for more lines: the guest need not be looked at. */
  readonly isFull?: () => boolean;
}

/** What a stepped hart is looked at through. */
export interface Observed {
  readonly states: readonly PrivilegedState[];
  readonly board: { readonly clock: { readonly now: number } };
  nextInstruction(hart: number): number | undefined;
}

const MODES = ['U', 'S', '?', 'M'];
const STEP_WIDTH = 10;
const ADDRESS_DIGITS = 10;
const SYMBOL_WIDTH = 20;
const INSTRUCTION_WIDTH = 28;
const REASON_WIDTH = 16;

interface Line {
  readonly step: number;
  /** Where a guest has several, the one of whom this is told. */
  readonly hart: number | undefined;
  /** The words of the hart before it. */
  readonly before: BigUint64Array;
  readonly instruction: number | undefined;
  readonly reason: string;
  readonly effect: string;
}

function format({ name, symbols }: LogContext, { step, hart, before, instruction, reason, effect }: Line): string {
  const pc = before[WORD.pc] as bigint;
  const text = instruction === undefined ? '' : disassemble(instruction, pc, { aliases: true }).text.replace('\t', ' ');
  return [
    `${step}`.padStart(STEP_WIDTH),
    hart === undefined ? name : `${name}.${hart}`,
    MODES[Number(before[WORD.mode])],
    pc.toString(16).padStart(ADDRESS_DIGITS, '0'),
    (symbols.describe(pc) ?? '-').padEnd(SYMBOL_WIDTH),
    text.padEnd(INSTRUCTION_WIDTH),
    reason.padEnd(REASON_WIDTH),
    effect,
  ]
    .join(' ')
    .trimEnd();
}

/** A listener that writes a line for each exit. */
export function exitLog(context: LogContext): (event: ExitEvent) => void {
  let furthest = 0;
  return ({ vm, cpu, reason, before, cause, tval, step, instruction }) => {
    if (context.isFull?.() || step < furthest) return;
    furthest = step;
    const hidden = reason === 'shadow-fill';
    const effect = hidden ? `${causeName(cause)} at ${hexadecimal(tval)}` : effects(before, cpu.words, instruction);
    const hart = vm.cpus.length > 1 ? Number(cpu.mhartid) : undefined;
    context.write(format(context, { step, hart, before, instruction, reason, effect }));
  };
}

/** What is logged of steps: those that trap, all, or what the instructions commit, as spike writes it. */
export type Stepped = 'traps' | 'instructions' | 'commits';

/** Wraps what runs a guest so that each of its steps is logged. */
export function steppingLog(only: Stepped, context: (index: number) => LogContext) {
  return <Report>(inner: Runs<Report>, guest: () => Observed, index: number): Runs<Report> =>
    new SteppingLog(inner, guest, context(index), only);
}

/** Runs one step at a time and writes a line for each instruction, or for each trap alone. */
class SteppingLog<Report> implements Runs<Report> {
  private readonly inner: Runs<Report>;
  private readonly observed: () => Observed;
  private readonly context: LogContext;
  private readonly only: Stepped;
  private furthest = 0;

  constructor(inner: Runs<Report>, observed: () => Observed, context: LogContext, only: Stepped) {
    this.inner = inner;
    this.observed = observed;
    this.context = context;
    this.only = only;
  }

  /** Takes one step: when the next event is due is then asked anew. */
  run(hart: number, maxSteps: number): Report | 'budget' {
    const observed = this.observed();
    const { clock } = observed.board;
    if (this.context.isFull?.()) return this.inner.run(hart, maxSteps);
    if (clock.now < this.furthest) return this.inner.run(hart, Math.min(maxSteps, this.furthest - clock.now));
    const state = observed.states[hart] as PrivilegedState;
    const before = state.words.slice();
    const step = clock.now;
    const instruction = observed.nextInstruction(hart);
    const report = this.inner.run(hart, 1);
    this.furthest = clock.now;
    const shown = observed.states.length > 1 ? hart : undefined;
    if (this.only !== 'commits') this.log(state, { step, hart: shown, before, instruction });
    else if (instruction !== undefined && before[WORD.retired] !== state.retired) {
      const [mode, pc, after] = [Number(before[WORD.mode]), before[WORD.pc] as bigint, state.words];
      this.context.write(commitLine({ hart, mode, pc, instruction, before, after }));
    }
    return report;
  }

  private log(state: PrivilegedState, line: Omit<Line, 'reason' | 'effect'>): void {
    const { before, instruction } = line;
    const trapped = before[WORD.retired] === state.retired;
    if (this.only === 'traps' && !trapped) return;
    const reason = trapped ? `trap to ${trapTarget(before, state)}` : 'retired';
    const effect = trapped ? trapEffect(before, state) : effects(before, state.words, instruction);
    this.context.write(format(this.context, { ...line, reason, effect }));
  }
}

/** Who took a trap: the mode that the hart is in now, or the SBI, which comes back to where it was called. */
function trapTarget(before: BigUint64Array, state: PrivilegedState): string {
  return isSbiCall(before, state) ? 'SBI' : (MODES[state.privilege] as string);
}
function isSbiCall(before: BigUint64Array, state: PrivilegedState): boolean {
  return before[WORD.sepc] === state.sepc && before[WORD.mepc] === state.mepc && before[WORD.mode] === state.mode;
}
function trapEffect(before: BigUint64Array, state: PrivilegedState): string {
  if (isSbiCall(before, state))
    return `a7=${hexadecimal(before[17] as bigint)} a6=${hexadecimal(before[16] as bigint)} → ${changes(before, state.words)}`;
  const supervisor = state.privilege === 1;
  const cause = supervisor ? state.scause : state.mcause;
  const tval = supervisor ? state.stval : state.mtval;
  return `${causeName(cause)}, ${supervisor ? 'stval' : 'mtval'}=${hexadecimal(tval)}`;
}

/** What an instruction did to memory and to words. */
function effects(before: BigUint64Array, after: BigUint64Array, instruction: number | undefined): string {
  return [stored(before, instruction), changes(before, after)].filter((part) => part !== '').join(' ');
}

/** What a store wrote, which no register shows; of an AMO, where. */
function stored(before: BigUint64Array, instruction: number | undefined): string {
  const access = instruction === undefined ? undefined : accessOf(instruction, before);
  if (access === undefined || !access.writes) return '';
  const place = `[${hexadecimal(access.address)}]`;
  if (access.source === undefined) return place;
  return `${place}=${hexadecimal(BigInt.asUintN(access.bytes * 8, before[access.source] as bigint))}`;
}

/** Words of no interest to a reader: they change at every step. */
const SILENT = new Set<number>([WORD.pc, WORD.steps, WORD.retired, WORD.stepsInU, WORD.stepsInS, WORD.stepsInM]);

function changes(before: BigUint64Array, after: BigUint64Array): string {
  const found: string[] = [];
  for (const [index, value] of after.entries()) {
    if (before[index] === value || SILENT.has(index)) continue;
    const name = ABI_NAMES[index - X0] ?? WORD_NAMES[index] ?? '';
    found.push(index === WORD.mode ? `mode=${MODES[Number(value)]}` : `${name}=${hexadecimal(value)}`);
  }
  return found.join(' ');
}

const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;
