// How steps are counted and how emitted code goes on from one to the next: count, trap, look for interrupts, find the
// code of pc, leave. Steps are counted lazily: `remaining` says how many were taken, and the state's words follow where
// something may read them: before the mode changes, and before TypeScript has its turn.

import { Cause } from '../../../isa/causes.ts';
import type { Code } from '../../../isa/emit/wasm.ts';
import { selectInterrupt } from '../../../isa/interrupts.ts';
import { WORD } from '../../../isa/layout.ts';
import { enterTrap, isDelegated } from '../../../isa/trap.ts';
import { ENTRY, EXCEPTIONS, GLOBAL, SCRATCH, SPACE } from '../memory-map.ts';
import { CONTINUATION, type CoreFunction, type CoreModule, STEPPER, TRAP } from './core-module.ts';
import { ExitCode } from './exits.ts';
import { jumpEither } from './jumps.ts';

export const word = (index: number) => index * 8;
/** Parameters that nearly all functions have. */
export const BASE = 0;
export const REMAINING = 1;
const PLAIN = 1;
const ARRIVES = 0;

/** Adds what an i64 local holds to the word at an offset from the address in another. */
function addTo(code: Code, at: number, offset: number, amount: number): void {
  code.op('local.get', at).op('local.get', at).op('i64.load', offset).op('local.get', amount).op('i64.add');
  code.op('i64.store', offset);
}

/** Pushes the address behind which, at the offset of `stepsInU`, the counter of the current mode is. */
function modeCounter(code: Code): void {
  const mode = code.scratch('i32');
  code.op('local.get', BASE).op('local.get', BASE).op('i32.load', word(WORD.mode)).op('local.tee', mode);
  // U, S and M are 0, 1 and 3, and their counters lie side by side.
  code.op('local.get', mode).i32(1).op('i32.shr_u').op('i32.sub').i32(3).op('i32.shl').op('i32.add');
}

/** (block, remaining): counts the instructions that have retired since steps were last counted. */
const count: CoreFunction = {
  type: { parameters: ['i32', 'i32'], results: [] },
  emit(_core, code) {
    const retired = code.local('i64');
    const counter = code.local('i32');
    code.op('local.get', BASE).op('i32.load', SCRATCH.counted).op('local.get', REMAINING).op('i32.sub');
    // Negative where the last one is taken back.
    code.op('i64.extend_i32_s').op('local.set', retired);
    addTo(code, BASE, word(WORD.steps), retired);
    addTo(code, BASE, word(WORD.retired), retired);
    modeCounter(code);
    code.op('local.set', counter);
    addTo(code, counter, word(WORD.stepsInU), retired);
    code.op('local.get', BASE).op('local.get', REMAINING).op('i32.store', SCRATCH.counted);
  },
};

/** (block, remaining): counts what has retired, and one step more, which retires nothing. → What is left behind it. */
const spend: CoreFunction = {
  type: CONTINUATION,
  emit(core, code) {
    const one = code.local('i64');
    const counter = code.local('i32');
    code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('count'));
    code.i64(1n).op('local.set', one);
    addTo(code, BASE, word(WORD.steps), one);
    modeCounter(code);
    code.op('local.set', counter);
    addTo(code, counter, word(WORD.stepsInU), one);
    tally(code, SCRATCH.traps);
    code.op('local.get', BASE).op('local.get', REMAINING).i32(1).op('i32.sub').op('local.tee', REMAINING);
    code.op('i32.store', SCRATCH.counted).op('local.get', REMAINING);
  },
};

/** (block, remaining, cause, tval): takes a trap, which is the next step. The block's pc is the trap's. */
const trap: CoreFunction = {
  type: TRAP,
  emit(core, code) {
    const [cause, tval] = [2, 3];
    leaves(code, cause);
    code.open('if');
    answerCall(core, code, cause);
    isContext(code);
    code.open('if');
    leaveWithFault(
      code,
      () => code.op('local.get', cause),
      () => code.op('local.get', tval),
    );
    code.op('return_call', core.function('leave')).end();
    code.end();
    isContext(code);
    code.open('if');
    tallyTrap(code, cause);
    code.end();
    code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('spend'));
    code.op('local.set', REMAINING);
    code.op('local.get', BASE).op('i32.load', SCRATCH.trapsLeave).open('if');
    code.op('local.get', BASE).op('local.get', cause).op('call', core.definition(isDelegated)).op('drop').op('i64.eqz');
    code.open('if');
    code.op('local.get', BASE).op('local.get', cause).op('i64.store', SCRATCH.cause);
    code.op('local.get', BASE).op('local.get', tval).op('i64.store', SCRATCH.tval);
    leaveWith(code, ExitCode.Trap);
    code.end();
    code.end();
    code.op('local.get', BASE).op('local.get', cause).op('local.get', tval);
    code.op('call', core.definition(enterTrap)).op('drop').op('drop');
    code.op('local.get', BASE).op('i32.load', SCRATCH.tellsTraps).open('if');
    leaveWith(code, ExitCode.Trapped);
    code.end();
    // Entering a trap enables no interrupt that was not enabled before it, so none is looked for.
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function('select'));
  },
};

/** Pushes an i32: whether a trap by its cause is one that leaves the run. */
function leaves(code: Code, cause: number): void {
  code.op('local.get', BASE).op('i32.load', SCRATCH.leaving);
  code.op('local.get', cause).op('i32.wrap_i64').op('i32.shr_u').i32(1).op('i32.and');
  code.op('local.get', cause).i64(0n).op('i64.ge_s').op('i32.and');
}
/** An environment call from S that someone answers at once is a step like any other. */
function answerCall(core: CoreModule, code: Code, cause: number): void {
  code.op('local.get', cause).i64(BigInt(Cause.EnvironmentCallFromS)).op('i64.eq').open('if');
  code.op('local.get', REMAINING).op('call', core.environmentCall).open('if');
  shorten(code);
  code.op('local.get', BASE).op('local.get', BASE).op('i64.load', word(WORD.pc)).i64(ECALL_BYTES).op('i64.add');
  code.op('i64.store', word(WORD.pc));
  code.op('local.get', BASE).op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('spend'));
  code.op('return_call', core.function('settle'));
  code.end();
  code.end();
}
const ECALL_BYTES = 4n;

/** Takes off what is left of the budget what GLOBAL.cut says. */
export function shorten(code: Code): void {
  code.op('local.get', REMAINING).i32(0).op('i32.load', GLOBAL.cut).op('i32.sub').op('local.set', REMAINING);
}

/** (block, remaining): stimecmp was written. */
const timed: CoreFunction = {
  type: CONTINUATION,
  emit(core, code) {
    code.op('local.get', REMAINING).op('call', core.timerWritten);
    shorten(code);
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function('boundary'));
  },
};

/** Pushes an i32: the interrupts that are pending and enabled, whatever mstatus says. */
function pendingInterrupts(code: Code): void {
  code.op('local.get', BASE).op('i32.load', word(WORD.mip)).op('local.get', BASE).op('i32.load', word(WORD.lines));
  code.op('i32.or').op('local.get', BASE).op('i32.load', word(WORD.mie)).op('i32.and');
}

/** (block, remaining): takes an interrupt if one is to be taken, and goes on. */
const lookingForInterrupts = (to: string): CoreFunction => ({
  type: CONTINUATION,
  emit(core, code) {
    const cause = code.local('i64');
    pendingInterrupts(code);
    code.open('if');
    // Without a step left, the interrupt is the next run's.
    code.op('local.get', REMAINING).open('if');
    code.op('local.get', BASE).op('call', core.definition(selectInterrupt)).op('drop').op('local.tee', cause);
    code.op('i64.eqz').op('i32.eqz').open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', cause).i64(0n);
    code.op('return_call', core.function('trap'));
    code.end();
    code.end();
    code.end();
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function(to));
  },
});
const boundary = lookingForInterrupts('resume');
/** The same where the state that spaces depend on has changed. */
const settle = lookingForInterrupts('select');

/** (block, budget): begins a run with so many steps. */
const enter: CoreFunction = {
  type: CONTINUATION,
  emit(core, code) {
    code.op('local.get', BASE).op('local.get', REMAINING).op('i32.store', SCRATCH.counted);
    pendingInterrupts(code);
    code.open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function('settle'));
    code.end();
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function('selectAndBegin'));
  },
};

/**
 * (block, remaining): goes on at the block's pc: in a region, if the jump cache knows one, else in the interpreter.
 * `begin` does so where control is not said to have arrived: a run begins wherever the last one ended.
 */
const goingOn = (arrives: number): CoreFunction => ({
  type: CONTINUATION,
  emit(core, code) {
    const pc = code.local('i64');
    const entry = code.local('i32');
    code.op('local.get', BASE).op('i64.load', word(WORD.pc)).op('local.set', pc);
    jumpEither(code, pc, () => code.op('local.get', BASE).op('i32.load', SCRATCH.fetchSpace), entry);
    code.open('if');
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', entry);
    code.op('i32.load', SPACE.jumps + ENTRY.entry);
    code.op('local.get', entry).op('i32.load', SPACE.jumps + ENTRY.function);
    code.op('return_call_indirect', core.module.typeIndex(STEPPER));
    code.end();
    tally(code, SCRATCH.jumpMisses);
    code.op('local.get', BASE).op('local.get', REMAINING).i32(arrives).op('return_call', core.function('interpret'));
  },
});
const resume = goingOn(ARRIVES);
const begin = goingOn(PLAIN);

/** (block, remaining): has the instruction at the block's pc interpreted, whatever begins there, and goes on. */
const step: CoreFunction = {
  type: CONTINUATION,
  emit(core, code) {
    code.op('local.get', BASE).op('local.get', REMAINING).i32(PLAIN).op('return_call', core.function('interpret'));
  },
};

/** (block, remaining, code): comes back to TypeScript, with all steps counted. */
const leave: CoreFunction = {
  type: STEPPER,
  emit(core, code) {
    const reason = 2;
    code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.function('count'));
    code.op('local.get', BASE).op('local.get', reason).op('i32.store', SCRATCH.exit);
    code.op('local.get', REMAINING);
  },
};

function leaveWith(code: Code, reason: number): void {
  code.op('local.get', BASE).i32(reason).op('i32.store', SCRATCH.exit).op('local.get', REMAINING).op('return');
}

/** (block, remaining): a region leaves for an address that it did not find in the jump cache's first slot. */
const missed: CoreFunction = {
  type: CONTINUATION,
  emit(core, code) {
    tally(code, SCRATCH.jumpExits);
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.function('resume'));
  },
};

/** Counts an event in a scratch word, or takes one back. */
export function tally(code: Code, at: number, events = 1n): void {
  code.op('local.get', BASE).op('local.get', BASE).op('i64.load', at).i64(events).op('i64.add').op('i64.store', at);
}

/** Pushes an i32: not zero where the block is a context's. */
export function isContext(code: Code): void {
  code.op('local.get', BASE).op('i32.load', SCRATCH.host).op('local.get', BASE).op('i32.ne');
}

/** Notes a fault that leaves the run without a step, and pushes what `leave` is called with. */
export function leaveWithFault(
  code: Code,
  cause: () => void,
  tval: () => void,
  reason: ExitCode = ExitCode.Fault,
): void {
  code.op('local.get', BASE);
  cause();
  code.op('i64.store', SCRATCH.cause).op('local.get', BASE);
  tval();
  code.op('i64.store', SCRATCH.tval);
  code.op('local.get', BASE).op('local.get', REMAINING).i32(reason);
}

/** Counts a trap that a context takes, by its cause in an i64 local. */
function tallyTrap(code: Code, cause: number): void {
  const at = code.local('i32');
  code.op('local.get', cause).i64(0n).op('i64.lt_s').open('if');
  tally(code, SCRATCH.interrupts);
  code.op('else');
  code.op('local.get', cause).op('i32.wrap_i64');
  code
    .i32(EXCEPTIONS - 1)
    .op('i32.and')
    .i32(Math.log2(word(1)))
    .op('i32.shl');
  code.op('local.get', BASE).op('i32.add').op('local.tee', at);
  code.op('local.get', at).op('i64.load', SCRATCH.exceptions).i64(1n).op('i64.add');
  code.op('i64.store', SCRATCH.exceptions).end();
}

export const STEPS = { count, spend, trap, timed, boundary, settle, enter, resume, begin, step, missed, leave };
