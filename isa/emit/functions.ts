// The three forms in which a tree is emitted: a definition that others call, a handler of a pre-decoded interpreter, and
// a region of instructions whose operands are known. All run on the state block whose address is their first parameter.
// A region here is straight code with its registers in memory; control flow and locals for them are the translator's.

import type { Decoded } from '../decode.ts';
import { WORD, X0 } from '../layout.ts';
import type { PatternField } from '../pattern.ts';
import { type Recording, recordInstruction } from '../recorder.ts';
import type { End, Write } from '../tree.ts';
import { Emitter } from './emitter.ts';
import { RECORD } from './record.ts';
import { NO_CAUSE, type Services } from './services.ts';
import { Code, type Label } from './wasm.ts';

const BYTES_PER_WORD = 8;
const WORD_SHIFT = 3;

type Done = End & { kind: 'done' };

/** A definition as a function of its parameters. */
export class DefinitionFunction extends Emitter {
  private readonly recording: Recording;

  constructor(recording: Recording, services: Services) {
    super(new Code(recording.parameters.length + 1), services);
    this.recording = recording;
  }

  emit(): Code {
    this.tree(this.recording);
    return this.code.op('unreachable');
  }

  override parameter(name: string): void {
    this.code.op('local.get', this.recording.parameters.indexOf(name) + 1);
  }
  protected override done({ writes, result }: Done): void {
    if (result === undefined) this.code.i64(0n);
    else this.value(result);
    this.pushWrites(writes);
    this.storeWrites(writes);
    this.code.op('i32.const', NO_CAUSE).op('return');
  }
  protected override raise(tval: () => void, cause: () => void): void {
    tval();
    cause();
    this.code.op('return');
  }
}

/** An instruction as a function of a record (record.ts), which names its registers and holds its immediate. */
export class HandlerFunction extends Emitter {
  private readonly recording: Recording;
  private readonly fields: ReadonlyMap<string, PatternField>;
  private readonly record = 1;

  constructor(recording: Recording, fields: readonly PatternField[], services: Services) {
    super(new Code(2), services);
    this.recording = recording;
    this.fields = new Map(fields.map((field) => [field.name, field]));
  }

  emit(): Code {
    this.tree(this.recording);
    return this.code.op('unreachable');
  }

  override parameter(name: string): void {
    const { code } = this;
    if (name === 'nextPc') {
      this.word(WORD.pc);
      code.op('local.get', this.record).op('i64.load8_u', RECORD.length).op('i64.add');
    } else if (name === 'instruction') code.op('local.get', this.record).op('i64.load32_u', RECORD.bits);
    else if (this.fields.get(name)?.register === true) {
      this.address(name === 'rs1' ? RECORD.rs1 : RECORD.rs2);
      code.op('i64.load', X0);
    } else code.op('local.get', this.record).op('i64.load32_s', RECORD.immediate);
  }

  /** Where the register is whose number is in this byte of the record. */
  private address(field: number): void {
    const { code } = this;
    code.op('local.get', this.record).op('i32.load8_u', field);
    code.op('i32.const', WORD_SHIFT).op('i32.shl').op('local.get', this.base).op('i32.add');
  }

  protected override done({ writes, result }: Done): void {
    const { code } = this;
    if (result !== undefined) {
      this.address(RECORD.rd); // of x0 the decoder made the sink
      this.value(result);
    }
    const jumps = writes.some(({ word }) => word === WORD.pc);
    if (!jumps) {
      code.op('local.get', this.base);
      this.parameter('nextPc');
    }
    this.pushWrites(writes);
    this.storeWrites(writes);
    if (!jumps) code.op('i64.store', WORD.pc * BYTES_PER_WORD);
    if (result !== undefined) code.op('i64.store', 0);
    code.i64(0n).op('i32.const', NO_CAUSE).op('return');
  }
  protected override raise(tval: () => void, cause: () => void): void {
    tval();
    cause();
    this.code.op('return');
  }
}

/** Instructions in a row from a known address: register numbers, immediates and pc are constants. */
export class RegionFunction extends Emitter {
  private readonly instructions: readonly Decoded[];
  private pc: bigint;
  private now: Decoded | undefined;
  private next: Label | undefined;

  constructor(instructions: readonly Decoded[], pc: bigint, services: Services) {
    super(new Code(1), services);
    this.instructions = instructions;
    this.pc = pc;
  }

  emit(): Code {
    const { code } = this;
    for (const decoded of this.instructions) {
      this.now = decoded;
      this.next = code.open('block');
      this.tree(recordInstruction(decoded.instruction, decoded.fields));
      code.end();
      this.pc = BigInt.asUintN(64, this.pc + BigInt(decoded.bytes));
    }
    this.storePc();
    return code.i64(0n).op('i32.const', NO_CAUSE);
  }

  override parameter(name: string): void {
    const { code } = this;
    const { instruction, fields, bits, bytes } = this.now as Decoded;
    if (name === 'nextPc') code.i64(this.pc + BigInt(bytes));
    else if (name === 'instruction') code.i64(BigInt(bits));
    else {
      const number = fields[name] as number;
      const register = instruction.pattern.fields.some((field) => field.name === name && field.register);
      if (register && number !== 0) this.word(X0 + number);
      else code.i64(BigInt(register ? 0 : number));
    }
  }
  override word(index: number): void {
    if (index === WORD.pc) this.code.i64(this.pc);
    else super.word(index);
  }

  protected override done({ writes, result }: Done): void {
    const rd = (this.now as Decoded).fields['rd'] ?? 0;
    const all: Write[] = [...(result === undefined || rd === 0 ? [] : [{ word: X0 + rd, value: result }]), ...writes];
    this.pushWrites(all);
    this.storeWrites(all);
    if (writes.some(({ word }) => word === WORD.pc)) this.code.i64(0n).op('i32.const', NO_CAUSE).op('return');
    else this.code.leave(this.next as Label);
  }
  protected override raise(tval: () => void, cause: () => void): void {
    tval();
    cause();
    this.storePc(); // below the pair on the stack
    this.code.op('return');
  }
  private storePc(): void {
    this.code
      .op('local.get', this.base)
      .i64(this.pc)
      .op('i64.store', WORD.pc * BYTES_PER_WORD);
  }
}
