// The baseline tier: an interpreter in wasm, a loop around one br_table over pre-decoded records, with a handler for
// each instruction from its own definition. Where an instruction is follows from its record's place, so going on is
// one addition. It ends in a tail call whatever happens: a region, a trap, a refill, or back to TypeScript.

import { Cause } from '../../../isa/causes.ts';
import type { Instruction } from '../../../isa/definition.ts';
import type { FloatEvent } from '../../../isa/emit/emitter.ts';
import type { Code, Label } from '../../../isa/emit/wasm.ts';
import type { Extension } from '../../../isa/extensions.ts';
import { MOST_FLOAT_OPERANDS, Rounding } from '../../../isa/float/operation.ts';
import { DYNAMIC, isFloating, UNIT_READY } from '../../../isa/floating.ts';
import { INSTRUCTIONS } from '../../../isa/instructions.ts';
import { FIELDS, FILE_WORDS, FloatStatus, WORD } from '../../../isa/layout.ts';
import { recordInstruction } from '../../../isa/recorder.ts';
import type { End } from '../../../isa/tree.ts';
import type { Width } from '../../../isa/vocabulary.ts';
import {
  ENTRY,
  FETCH_ENTRIES,
  FRAME_BYTES,
  FRAME_SHIFT,
  GLOBAL,
  RECORDS_PER_FRAME,
  SCRATCH,
  SPACE,
} from '../memory-map.ts';
import { lookUp } from './access.ts';
import { AccessEmitter } from './access-emitter.ts';
import { type CoreFunction, type CoreModule, STEPPER } from './core-module.ts';
import { ExitCode } from './exits.ts';
import { floatName, raiseFlags } from './floats.ts';
import { jumpEither } from './jumps.ts';
import { FIRST_INSTRUCTION, RECORD, RECORD_BYTES } from './record.ts';
import { KIND } from './refill.ts';
import { BASE, REMAINING, tally, word } from './steps.ts';

/** What is left to functions of its own (system.ts), or to the reference. */
const ELSEWHERE: ReadonlySet<Extension> = new Set(['Zicsr', 'Zicbom', 'Zicboz']);
/** Instructions that are no access to a CSR, no return from a trap, no wait and no operation on a cache have a handler. */
export const HANDLED: readonly Instruction[] = INSTRUCTIONS.filter(
  ({ name, extension }) => !ELSEWHERE.has(extension) && !['sret', 'mret', 'wfi'].includes(name),
);
/** By instruction: the number of its handler. */
export const HANDLERS: ReadonlyMap<Instruction, number> = new Map(
  HANDLED.map((instruction, index) => [instruction, FIRST_INSTRUCTION + index]),
);

/** Log₂ of a record's bytes for each byte of an instruction's address. */
const SPREAD = Math.log2(RECORD_BYTES / 2);
const FRAME_RECORD_BYTES = RECORDS_PER_FRAME * RECORD_BYTES;
const ENTRY_SHIFT = 4;

/** The interpreter's locals, and the places that its handlers leave to. */
interface Frame {
  /** i32: the record that runs, and where its frame's records begin. */
  readonly record: number;
  readonly records: number;
  /** i64: the virtual address of the page that runs. */
  readonly page: number;
  /** i32: the data space. */
  readonly space: number;
  /** i32: the handler that runs next. */
  readonly handler: number;
  /** i64: where to jump; what is accessed, or a trap's value; i32: the kind of access, or a trap's cause. */
  readonly target: number;
  readonly address: number;
  readonly kind: number;
  /** `record` and `handler` are set. */
  readonly dispatch: Label;
  /** A jump within the page has set `record`; one that may leave it, `target`. */
  readonly arrive: Label;
  readonly jump: Label;
  readonly trap: Label;
  /** A fence is done that is told of. */
  readonly fenced: Label;
  readonly loadMiss: Label;
  readonly storeMiss: Label;
  /** What runs is the reference's. */
  readonly aside: Label;
}

type Places = 'dispatch' | 'arrive' | 'jump' | 'trap' | 'fenced' | 'loadMiss' | 'storeMiss' | 'aside';

/** Pushes the virtual address of the record that runs. */
function pushPc(code: Code, { page, record, records }: Pick<Frame, 'page' | 'record' | 'records'>): void {
  code.op('local.get', page).op('local.get', record).op('local.get', records).op('i32.sub');
  code.i32(SPREAD).op('i32.shr_u').op('i64.extend_i32_u').op('i64.add');
}

/** Which half of a record says where an operand is. */
const SOURCES = { rs1: RECORD.rs1, fs1: RECORD.rs1, rs2: RECORD.rs2, fs2: RECORD.rs2 } as const;
/** Where an instruction has its rounding mode and its third source. */
const RM_LOW = 12;
const FS3_LOW = 27;
const WORD_SHIFT = 3;
const FS_MASK = FloatStatus.Dirty << FIELDS.mstatus.FS[1];

class Handler extends AccessEmitter {
  private readonly core: CoreModule;
  /** i32: the rounding mode that the instruction has, where it has one. */
  private rounding: number | undefined;
  private readonly frame: Frame;
  private readonly instruction: Instruction;

  constructor(code: Code, core: CoreModule, frame: Frame, instruction: Instruction) {
    super(code, core);
    this.core = core;
    this.frame = frame;
    this.instruction = instruction;
  }

  emit(): void {
    const { instruction } = this;
    if (!isFloating(instruction)) {
      this.tree(recordInstruction(instruction));
      return;
    }
    const mark = this.code.mark();
    this.lookAtUnit();
    this.tree(recordInstruction(instruction, { rm: DYNAMIC }, UNIT_READY));
    this.code.reset(mark);
  }

  /**
   * Leaves where the unit is not in use or its rounding mode is reserved, and finds the mode: the definition is emitted
   * for one alone, but computes in it.
   */
  private lookAtUnit(): void {
    const { code, frame } = this;
    code.op('local.get', BASE).op('i32.load', word(WORD.mstatus)).i32(FS_MASK).op('i32.and').i32(FS_MASK).op('i32.ne');
    code.leaveIf(frame.aside);
    if (!this.instruction.pattern.fields.some(({ name }) => name === 'rm')) return;
    const rounding = code.scratch('i32');
    code.op('local.get', frame.record).op('i32.load', RECORD.immediate).i32(RM_LOW).op('i32.shr_u');
    code.i32(DYNAMIC).op('i32.and').op('local.tee', rounding).i32(DYNAMIC).op('i32.eq').open('if');
    code.op('local.get', BASE).op('i32.load8_u', word(WORD.fcsr)).i32(FIELDS.fcsr.FRM[1]).op('i32.shr_u');
    code.op('local.set', rounding).end();
    code.op('local.get', rounding).i32(Rounding.RMM).op('i32.gt_u').leaveIf(frame.aside);
    this.rounding = rounding;
  }

  protected override float({ id, operation, format, rounding, operands }: FloatEvent): void {
    const { code } = this;
    if (this.rounding !== undefined) code.op('local.get', this.rounding);
    else {
      this.value(rounding);
      code.op('i32.wrap_i64');
    }
    for (let index = 0; index < MOST_FLOAT_OPERANDS; index++) {
      const operand = operands[index];
      if (operand === undefined) code.i64(0n);
      else this.value(operand);
    }
    const [value, flags] = [code.scratch('i64'), code.scratch('i32')];
    code
      .op('call', this.core.function(floatName(operation, format)))
      .op('local.set', flags)
      .op('local.set', value);
    raiseFlags(code, flags);
    this.values.outcomes.set(id, { value, cause: flags }); // it raises nothing
  }

  override parameter(name: string): void {
    const { code, frame } = this;
    if (name === 'nextPc') {
      pushPc(code, frame);
      code.op('local.get', frame.record).op('i64.load8_u', RECORD.length);
      code.i64(BigInt(SPREAD)).op('i64.shr_u').op('i64.add');
    } else if (name === 'instruction') code.op('local.get', frame.record).op('i64.load32_u', RECORD.immediate);
    else if (name in SOURCES) {
      this.register(SOURCES[name as keyof typeof SOURCES]);
      code.op('i64.load', 0);
    } else if (name === 'fs3') {
      code.op('local.get', frame.record).op('i32.load', RECORD.immediate).i32(FS3_LOW).op('i32.shr_u');
      code.i32(WORD_SHIFT).op('i32.shl').op('local.get', this.base).op('i32.add').op('i64.load', word(FILE_WORDS.f));
    } else code.op('local.get', frame.record).op('i64.load32_s', RECORD.immediate);
  }
  override word(index: number): void {
    if (index === WORD.pc) pushPc(this.code, this.frame);
    else super.word(index);
  }

  protected override fence(what: 'instructions' | 'translations'): void {
    if (what !== 'translations') return;
    const { code } = this;
    tally(code, SCRATCH.fences);
    code.op('local.get', BASE).op('i32.load', SCRATCH.tellsFences);
    code.leaveIf(this.frame.fenced);
  }

  /** Where the register is whose offset is in this half of the record. */
  private register(half: number): void {
    this.code.op('local.get', this.frame.record).op('i32.load16_u', half).op('local.get', this.base).op('i32.add');
  }

  protected override done({ writes, result }: End & { kind: 'done' }): void {
    const { code, frame } = this;
    const jump = writes.find(({ word: index }) => index === WORD.pc);
    // rd may be rs1, so where to jump is known before rd is written.
    if (jump !== undefined && !this.instruction.pcRelative) {
      this.value(jump.value);
      code.op('local.set', frame.target);
    }
    if (result !== undefined) {
      this.register(RECORD.rd);
      this.value(result);
      code.op('i64.store', 0);
    }
    if (jump === undefined) this.goOn();
    else if (this.instruction.pcRelative) this.jumpRelative();
    else this.jumpToTarget();
  }

  private goOn(): void {
    const { code, frame } = this;
    code.op('local.get', frame.record).op('local.get', frame.record).op('i32.load8_u', RECORD.length);
    code.op('i32.add').op('local.tee', frame.record).op('i32.load8_u', RECORD.handler).op('local.set', frame.handler);
    code.leave(frame.dispatch);
  }
  private jumpRelative(): void {
    const { code, frame } = this;
    const to = code.scratch('i32');
    code.op('local.get', frame.record).op('i32.load', RECORD.immediate).i32(SPREAD).op('i32.shl');
    code.op('local.get', frame.record).op('i32.add').op('local.tee', to);
    code.op('local.get', frame.records).op('i32.sub').i32(FRAME_RECORD_BYTES).op('i32.lt_u').open('if');
    code.op('local.get', to).op('local.set', frame.record);
    code.leave(frame.arrive);
    code.end();
    pushPc(code, frame);
    code.op('local.get', frame.record).op('i64.load32_s', RECORD.immediate).op('i64.add').op('local.set', frame.target);
    code.leave(frame.jump);
  }
  private jumpToTarget(): void {
    const { code, frame } = this;
    const offset = code.scratch('i64');
    code.op('local.get', frame.target).op('local.get', frame.page).op('i64.xor').op('local.tee', offset);
    code.i64(BigInt(FRAME_BYTES)).op('i64.lt_u').open('if');
    code.op('local.get', offset).op('i32.wrap_i64').i32(SPREAD).op('i32.shl').op('local.get', frame.records);
    code.op('i32.add').op('local.set', frame.record);
    code.leave(frame.arrive);
    code.end();
    code.leave(frame.jump);
  }

  protected override raise(tval: () => void, cause: () => void): void {
    tval();
    this.code.op('local.set', this.frame.address);
    cause();
    this.code.op('local.set', this.frame.kind);
    this.code.leave(this.frame.trap);
  }

  /** The place of the address on the stack, less the offset that this returns. */
  protected override find(access: 'load' | 'store', bytes: Width, isAtomic: boolean): number {
    const { code, frame } = this;
    code.op('local.set', frame.address);
    const missIf = () => {
      code.open('if');
      code.i32(bytes | (isAtomic ? KIND.atomic : 0)).op('local.set', frame.kind);
      code.leave(access === 'load' ? frame.loadMiss : frame.storeMiss);
      code.end();
    };
    const { space, address } = frame;
    return lookUp(code, { access, bytes, isAtomic, reach: { kind: 'tlb' }, space, address, missIf });
  }
}

/**
 * (block, remaining, plain): interprets from the block's pc on. Where `plain` is 0 control has arrived there, which
 * counts, and a region may begin; where it is 1 the first instruction is interpreted whatever else begins there.
 */
export const interpret: CoreFunction = {
  type: STEPPER,
  emit: (core, code) => new Interpreter(core, code).emit(),
};

class Interpreter {
  private readonly core: CoreModule;
  private readonly code: Code;
  private readonly plain = 2;
  /** i32: what was left of the budget at the beginning. */
  private readonly began: number;
  /** i32: an entry of the TLB or of the jump cache. */
  private readonly entry: number;
  private readonly locals: Omit<Frame, Places>;

  constructor(core: CoreModule, code: Code) {
    this.core = core;
    this.code = code;
    this.began = code.local('i32');
    this.entry = code.local('i32');
    this.locals = {
      record: code.local('i32'),
      records: code.local('i32'),
      handler: code.local('i32'),
      space: code.local('i32'),
      kind: code.local('i32'),
      page: code.local('i64'),
      target: code.local('i64'),
      address: code.local('i64'),
    };
  }

  emit(): void {
    const { code, locals } = this;
    const { record, handler, target } = locals;
    code.op('local.get', REMAINING).op('local.set', this.began);
    code.op('local.get', BASE).op('i32.load', SCRATCH.dataSpace).op('local.set', locals.space);
    code.op('local.get', BASE).op('i64.load', word(WORD.pc)).op('local.set', target);

    const fetchMiss = code.open('block');
    const storeMiss = code.open('block');
    const loadMiss = code.open('block');
    const trap = code.open('block');
    const aside = code.open('block');
    const fenced = code.open('block');
    const budget = code.open('block');
    const hot = code.open('block');
    const jump = code.open('loop');
    this.findRecord(fetchMiss);
    const arrive = code.open('loop');
    code.op('local.get', this.plain).op('i32.eqz').open('if');
    this.warm(hot);
    code.end();
    code.op('local.get', record).op('local.get', this.plain).op('i32.add').op('i32.load8_u', RECORD.handler);
    code.op('local.set', handler).i32(0).op('local.set', this.plain);
    const dispatch = code.open('loop');
    code.op('local.get', REMAINING).i32(1).op('i32.sub').op('local.tee', REMAINING).i32(0).op('i32.lt_s');
    code.leaveIf(budget);
    this.handlers({ ...locals, dispatch, arrive, jump, trap, fenced, loadMiss, storeMiss, aside }, hot);
    for (let loops = 0; loops < 3; loops++) code.end();

    code.end(); // hot
    this.storePc();
    this.leaveFor(ExitCode.Hot);
    code.end(); // budget
    this.storePc();
    this.giveBack();
    this.leaveFor(ExitCode.Budget);
    code.end(); // fenced
    this.tellOfFence();
    code.end(); // aside
    this.aside();
    code.end(); // trap
    this.storePc();
    this.giveBack();
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', locals.kind).op('i64.extend_i32_u');
    code.op('local.get', locals.address).op('return_call', this.core.function('trap'));
    code.end(); // loadMiss
    this.refill('refillLoad');
    code.end(); // storeMiss
    this.refill('refillStore');
    code.end(); // fetchMiss
    code.op('local.get', BASE).op('local.get', target).op('i64.store', word(WORD.pc));
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', target).op('local.get', this.plain);
    code.op('return_call', this.core.function('refillFetch'));
  }

  /** One block a handler, in the order of their numbers, behind a br_table on `handler`. */
  private handlers(frame: Frame, hot: Label): void {
    const { code } = this;
    const special = [
      () => this.undecoded(),
      () => this.nextPage(frame),
      () => this.enter(frame, hot),
      () => this.illegal(frame),
      () => this.system(),
      () => code.leave(frame.aside),
    ];
    const emitters = [
      ...special,
      ...HANDLED.map((instruction) => () => new Handler(code, this.core, frame, instruction).emit()),
    ];
    const labels = emitters.map(() => code.open('block')).reverse();
    code.op('local.get', frame.handler);
    code.leaveTable(labels, labels[0] as Label);
    for (const emit of emitters) {
      code.end();
      emit();
    }
  }

  /** Finds the record of `target` and its page. */
  private findRecord(fetchMiss: Label): void {
    const { code, entry } = this;
    const { target, page, record, records } = this.locals;
    code
      .op('local.get', target)
      .op('i32.wrap_i64')
      .i32(FRAME_SHIFT - ENTRY_SHIFT)
      .op('i32.shr_u');
    code
      .i32((FETCH_ENTRIES - 1) << ENTRY_SHIFT)
      .op('i32.and')
      .op('local.get', BASE)
      .op('i32.load', SCRATCH.fetchSpace);
    code
      .op('i32.add')
      .op('local.tee', entry)
      .op('i64.load', SPACE.fetch + ENTRY.tag)
      .op('local.tee', page);
    code.op('local.get', target).op('i64.xor').i64(BigInt(FRAME_BYTES)).op('i64.ge_u');
    code.leaveIf(fetchMiss);
    code
      .op('local.get', entry)
      .op('i32.load', SPACE.fetch + ENTRY.place)
      .op('local.tee', records);
    code
      .op('local.get', target)
      .op('i32.wrap_i64')
      .i32(FRAME_BYTES - 1)
      .op('i32.and')
      .i32(SPREAD)
      .op('i32.shl');
    code.op('i32.add').op('local.set', record);
  }

  /** Control arrives at the record: leaves to `hot` when that was as often as the record says. */
  private warm(hot: Label): void {
    const { code } = this;
    const { record } = this.locals;
    const heat = code.scratch('i32');
    code.op('local.get', record).op('local.get', record).op('i32.load16_u', RECORD.heat).i32(1).op('i32.sub');
    code.op('local.tee', heat).op('i32.store16', RECORD.heat).op('local.get', heat).op('i32.eqz');
    code.leaveIf(hot);
  }

  // Handlers that are no instruction's.

  private undecoded(): void {
    this.code.i32(0).op('local.get', this.locals.record).op('i32.store', GLOBAL.record);
    this.storePc();
    this.giveBack();
    this.leaveFor(ExitCode.Decode);
  }
  private nextPage({ page, target, jump }: Frame): void {
    this.giveBack();
    this.code.op('local.get', page).i64(BigInt(FRAME_BYTES)).op('i64.add').op('local.set', target);
    this.code.leave(jump);
  }
  private enter({ target }: Frame, hot: Label): void {
    const { code, entry } = this;
    this.giveBack();
    pushPc(code, this.locals);
    code.op('local.set', target);
    jumpEither(code, target, () => code.op('local.get', BASE).op('i32.load', SCRATCH.fetchSpace), entry);
    code.open('if');
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', entry);
    code.op('i32.load', SPACE.jumps + ENTRY.entry);
    code.op('local.get', entry).op('i32.load', SPACE.jumps + ENTRY.function);
    code.op('return_call_indirect', this.core.module.typeIndex(STEPPER));
    code.end();
    code.leave(hot);
  }
  private illegal({ record, address, kind, trap }: Frame): void {
    const { code } = this;
    code.op('local.get', record).op('i64.load32_u', RECORD.immediate).op('local.set', address);
    code.i32(Cause.IllegalInstruction).op('local.set', kind);
    code.leave(trap);
  }
  private system(): void {
    const { code } = this;
    const { record } = this.locals;
    this.storePc();
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING).op('local.get', record);
    code.op('local.get', record).op('i32.load16_u', RECORD.rs2);
    code.op('return_call_indirect', this.core.module.typeIndex(STEPPER));
  }
  private aside(): void {
    this.code.i32(0).op('local.get', this.locals.record).op('i32.store', GLOBAL.record);
    this.storePc();
    this.giveBack();
    this.leaveFor(ExitCode.Aside);
  }

  // Ways out.

  /** The fence has retired; whoever is told may change what the next instruction is. */
  private tellOfFence(): void {
    const { code } = this;
    const { record } = this.locals;
    code.op('local.get', record).op('i32.load', RECORD.immediate).op('call', this.core.contextFenced);
    code.op('local.get', BASE);
    pushPc(code, this.locals);
    code.op('local.get', record).op('i64.load8_u', RECORD.length).i64(BigInt(SPREAD)).op('i64.shr_u').op('i64.add');
    code.op('i64.store', word(WORD.pc));
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING).op('return_call', this.core.function('resume'));
  }
  private refill(name: string): void {
    const { code } = this;
    this.storePc();
    this.giveBack();
    this.count();
    code.op('local.get', BASE).op('local.get', REMAINING);
    code.op('local.get', this.locals.address).op('local.get', this.locals.kind);
    code.op('return_call', this.core.function(name));
  }
  private leaveFor(reason: number): void {
    this.count();
    this.code.op('local.get', BASE).op('local.get', REMAINING).i32(reason);
    this.code.op('return_call', this.core.function('leave'));
  }
  private storePc(): void {
    this.code.op('local.get', BASE);
    pushPc(this.code, this.locals);
    this.code.op('i64.store', word(WORD.pc));
  }
  /** The step that dispatching took off the budget was not taken. */
  private giveBack(): void {
    this.code.op('local.get', REMAINING).i32(1).op('i32.add').op('local.set', REMAINING);
  }
  /** Counts what was interpreted, before a tail call. */
  private count(): void {
    const { code } = this;
    code.op('local.get', BASE).op('local.get', BASE).op('i64.load', SCRATCH.interpreted);
    code.op('local.get', this.began).op('local.get', REMAINING).op('i32.sub').op('i64.extend_i32_u').op('i64.add');
    code.op('i64.store', SCRATCH.interpreted);
  }
}
