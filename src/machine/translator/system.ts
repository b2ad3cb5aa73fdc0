// Instructions that touch the state which everything else depends on (CSR accesses, returns from traps), each form as
// a function of its own that the interpreter goes on to. From the words that its definition writes follows what must
// be done afterwards: choose the space anew, look for interrupts, have the next event recomputed.

import type { Decoded } from '../../../isa/decode.ts';
import type { Instruction } from '../../../isa/definition.ts';
import { Emitter } from '../../../isa/emit/emitter.ts';
import { ModuleBuilder } from '../../../isa/emit/module-builder.ts';
import { NO_SERVICES } from '../../../isa/emit/services.ts';
import { Code } from '../../../isa/emit/wasm.ts';
import type { Expr } from '../../../isa/expression.ts';
import { inputs, parts } from '../../../isa/expression.ts';
import { FIELDS, WORD, WORD_NAMES } from '../../../isa/layout.ts';
import { type Recording, recordInstruction } from '../../../isa/recorder.ts';
import { type End, nodesOf } from '../../../isa/tree.ts';
import { SCRATCH } from '../memory-map.ts';
import { CONTINUATION, STEPPER, TRAP } from './core-module.ts';
import { ExitCode } from './exits.ts';
import { RECORD } from './record.ts';
import { BASE, REMAINING, tally, word } from './steps.ts';

/** Words whose change moves the spaces, may let an interrupt in, or moves the next event. */
const SELECTING = new Set([WORD.mode, WORD.mstatus, WORD.satp]);
/** Of mstatus, what the spaces depend on: a write that leaves these as they were moves none. */
const SELECTING_BITS = [FIELDS.mstatus.MPRV, ...FIELDS.mstatus.MPP, FIELDS.mstatus.SUM, FIELDS.mstatus.MXR].reduce(
  (mask, bit) => mask | (1n << BigInt(bit)),
  0n,
);
const INTERRUPTING = new Set([WORD.mode, WORD.mstatus, WORD.mie, WORD.mip, WORD.mideleg]);
const TIMING = new Set([WORD.stimecmp]);
const COUNTERS = new Set([WORD.steps, WORD.retired]);
/** Words on which the number in SCRATCH.protection depends; the hart keeps that, so it must make the change. */
const PROTECTING = new Set(
  WORD_NAMES.flatMap((name, index) => (name.startsWith('pmp') || name === 'menvcfg' ? [index] : [])),
);

/** What an instruction's form is: its definition, and the encoded numbers that its recording depends on. */
export interface Form {
  readonly key: string;
  readonly instruction: Instruction;
  readonly recording: Recording;
  /** Where a context counts it, if it is sensitive. */
  readonly counter: number | undefined;
}

/** The form of an instruction, if a function may do it. */
export function formOf({ instruction, fields }: Decoded): Form | undefined {
  const { csr, rs1, uimm } = fields;
  // Whether rs1 or the immediate is 0 matters, not its value.
  const encoded = { csr: csr ?? 0, rs1: Math.min(rs1 ?? 0, 1), uimm: Math.min(uimm ?? 0, 1) };
  const key = `${instruction.name} ${encoded.csr} ${encoded.rs1} ${encoded.uimm}`;
  const known = forms.get(key);
  if (known !== undefined) return known;
  const recording = recordInstruction(instruction, encoded);
  const written = wordsWritten(recording);
  const waits = nodesOf(recording.tree).some((node) => node.kind === 'event' && node.event.kind === 'wait');
  const isOther = nodesOf(recording.tree).some((node) => node.kind === 'event' && node.event.kind !== 'wait');
  if (isOther || written.some((index) => PROTECTING.has(index))) return undefined;
  const isReturn = written.includes(WORD.mode);
  const csrs = isSensitiveCsr({ fields }) ? SCRATCH.csrs : undefined;
  const form = { key, instruction, recording, counter: waits ? SCRATCH.waits : isReturn ? SCRATCH.returns : csrs };
  forms.set(key, form);
  return form;
}
const forms = new Map<string, Form>();

/** CSRs of the floating-point unit, which mstatus.FS alone guards: fflags, frm and fcsr. */
const FLOATING = new Set([0x001, 0x002, 0x003]);
/** Whether an instruction reaches a CSR that unprivileged code of another machine would not have as its own. */
export function isSensitiveCsr({ fields }: Pick<Decoded, 'fields'>): boolean {
  const { csr } = fields;
  return csr !== undefined && !FLOATING.has(csr);
}

function wordsWritten({ tree }: Recording): number[] {
  return nodesOf(tree).flatMap((node) =>
    node.kind === 'leaf' && node.end.kind === 'done' ? node.end.writes.map((write) => write.word) : [],
  );
}

function reads({ tree }: Recording, words: ReadonlySet<number>): boolean {
  const seen = new Set<Expr>();
  const visit = (e: Expr): boolean => {
    if (seen.has(e)) return false;
    seen.add(e);
    return (e.kind === 'word' && words.has(e.index)) || parts(e).some(visit);
  };
  return nodesOf(tree).some((node) => {
    if (node.kind === 'if') return visit(node.question);
    if (node.kind === 'event') return inputs(node.event).some(visit);
    if (node.end.kind === 'raise') return visit(node.end.tval);
    if (node.end.kind === 'pass') return false;
    return (node.end.result !== undefined && visit(node.end.result)) || node.end.writes.some((w) => visit(w.value));
  });
}

/** A module of such functions, put into the table from an index on; `counts` what is sensitive in them. */
export class SystemModule {
  private readonly module = new ModuleBuilder();
  private readonly core: CoreImports;
  private readonly functions: number[] = [];
  private readonly at: number;
  private readonly counts: boolean;

  constructor(at: number, counts: boolean) {
    this.at = at;
    this.counts = counts;
    this.module.importTable('table', 'core');
    const imported = (name: string, type: Parameters<ModuleBuilder['importFunction']>[1]) =>
      this.module.importFunction(name, type, 'core');
    this.core = {
      count: imported('count', { parameters: ['i32', 'i32'], results: [] }),
      select: imported('select', CONTINUATION),
      settle: imported('settle', CONTINUATION),
      boundary: imported('boundary', CONTINUATION),
      timed: imported('timed', CONTINUATION),
      resume: imported('resume', CONTINUATION),
      trap: imported('trap', TRAP),
      leave: imported('leave', STEPPER),
      tellSatp: imported('tellSatp', { parameters: ['i32'], results: [] }),
    };
  }

  add({ key, recording, counter }: Form): void {
    const index = this.module.declare(key, STEPPER);
    const counted = this.counts ? counter : undefined;
    this.module.define(index, new SystemFunction(recording, this.core, counted).emit());
    this.functions.push(index);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    this.module.elements(this.at, this.functions);
    return this.module.bytes();
  }
}

type CoreImports = Readonly<
  Record<'count' | 'select' | 'settle' | 'boundary' | 'timed' | 'resume' | 'trap' | 'leave' | 'tellSatp', number>
>;

/** (block, remaining after this instruction, record). The block's pc is the instruction's. */
class SystemFunction extends Emitter {
  private readonly recording: Recording;
  private readonly core: CoreImports;
  private readonly record = 2;
  /** The scratch word that counts it. */
  private readonly counter: number | undefined;

  constructor(recording: Recording, core: CoreImports, counter: number | undefined) {
    super(new Code(STEPPER.parameters.length), NO_SERVICES);
    this.recording = recording;
    this.core = core;
    this.counter = counter;
  }

  emit(): Code {
    const { code, recording, core } = this;
    if (reads(recording, COUNTERS)) {
      // What counts is what retired before this instruction.
      code.op('local.get', BASE);
      this.before();
      code.op('call', core.count);
    }
    this.tree(recording);
    return code.op('unreachable');
  }

  /** Pushes what was left of the budget before this instruction. */
  private before(): void {
    this.code.op('local.get', REMAINING).i32(1).op('i32.add');
  }

  override parameter(name: string): void {
    const { code } = this;
    if (name === 'nextPc') {
      this.word(WORD.pc);
      code.op('local.get', this.record).op('i64.load8_u', RECORD.length).i64(3n).op('i64.shr_u').op('i64.add');
    } else if (name === 'instruction') code.op('local.get', this.record).op('i64.load32_u', RECORD.immediate);
    else if (name === 'uimm') code.op('local.get', this.record).op('i64.load16_u', RECORD.rs1);
    else {
      code.op('local.get', this.record).op('i32.load16_u', RECORD.rs1).op('local.get', BASE).op('i32.add');
      code.op('i64.load', 0);
    }
  }

  override time(): void {
    const { code } = this;
    code.op('local.get', BASE).op('i64.load', SCRATCH.now).op('local.get', BASE).op('i32.load', SCRATCH.budget);
    this.before();
    code.op('i32.sub').op('i64.extend_i32_u').op('i64.add').i64(STEPS_PER_TICK).op('i64.div_u');
    code.op('local.get', BASE).op('i64.load', SCRATCH.timeOffset).op('i64.add');
  }

  /** Nothing follows a wait. */
  protected override wait(): void {
    const { code, core } = this;
    code.op('local.get', BASE);
    this.parameter('nextPc');
    code.op('i64.store', word(WORD.pc));
    if (this.counter !== undefined) tally(code, this.counter);
    code.op('local.get', BASE).op('local.get', REMAINING).i32(ExitCode.Wait).op('return_call', core.leave);
  }
  protected override done({ writes, result }: End & { kind: 'done' }): void {
    const { code, core } = this;
    const words = writes.map((write) => write.word);
    if (!words.includes(WORD.pc)) {
      code.op('local.get', BASE);
      this.parameter('nextPc');
    }
    if (result !== undefined) {
      code.op('local.get', this.record).op('i32.load16_u', RECORD.rd).op('local.get', BASE).op('i32.add');
      this.value(result);
    }
    this.pushWrites(writes);
    if (words.includes(WORD.mode)) {
      // This step is still of the mode that it began in.
      code.op('local.get', BASE).op('local.get', REMAINING).op('call', core.count);
    }
    const onlyStatus = words.includes(WORD.mstatus) && !words.includes(WORD.mode) && !words.includes(WORD.satp);
    const before = onlyStatus ? code.scratch('i64') : undefined;
    if (before !== undefined) {
      this.word(WORD.mstatus);
      code.op('local.set', before);
    }
    this.storeWrites(writes);
    if (result !== undefined) code.op('i64.store', 0);
    if (!words.includes(WORD.pc)) code.op('i64.store', word(WORD.pc));
    const some = (set: ReadonlySet<number>) => words.some((index) => set.has(index));
    if (this.counter !== undefined) tally(code, this.counter);
    if (this.counter !== undefined && words.includes(WORD.satp)) code.op('local.get', BASE).op('call', core.tellSatp);
    if (before !== undefined) {
      this.word(WORD.mstatus);
      code.op('local.get', before).op('i64.xor').i64(SELECTING_BITS).op('i64.and').op('i64.eqz').open('if');
      code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', core.boundary).end();
    }
    code.op('local.get', BASE).op('local.get', REMAINING);
    if (some(TIMING)) code.op('return_call', core.timed);
    else if (some(SELECTING)) code.op('return_call', some(INTERRUPTING) ? core.settle : core.select);
    else code.op('return_call', some(INTERRUPTING) ? core.boundary : core.resume);
  }

  protected override raise(tval: () => void, cause: () => void): void {
    const { code } = this;
    const value = code.scratch('i64');
    tval();
    code.op('local.set', value);
    tally(code, SCRATCH.interpreted, -1n);
    code.op('local.get', BASE);
    this.before();
    cause();
    code.op('i64.extend_i32_u').op('local.get', value).op('return_call', this.core.trap);
  }
}

const STEPS_PER_TICK = 100n;
