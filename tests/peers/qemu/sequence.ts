// Random code over the definitions of isa/: each step is an instruction with random operands, or a short group that
// belongs together, as LR and SC do. Chances keep pointers alive and branches short, so that a sequence lasts.

import { CSRS } from '../../../isa/csrs.ts';
import type { CompressedInstruction, Instruction } from '../../../isa/definition.ts';
import { COMPRESSED, INSTRUCTIONS } from '../../../isa/instructions.ts';
import type { PatternField } from '../../../isa/pattern.ts';
import { Code } from './encode.ts';
import { csrNumber } from './layout.ts';
import type { Random } from './random.ts';
import { legalConfig, type ModeName, POINTER_REGISTERS } from './state.ts';

type AnyInstruction = Instruction | CompressedInstruction;
type Kind = 'float' | 'arithmetic' | 'memory' | 'atomic' | 'branch' | 'csr' | 'compressed';

const isBranch = (i: Instruction) => i.pcRelative;
const isMemory = (i: AnyInstruction) => /^(c\.)?f?(l[bhwd]u?|s[bhwd])(sp)?$/.test(i.name);
const isCompressedJump = (i: AnyInstruction) => /^c\.(j|jr|jalr|beqz|bnez|ebreak)$/.test(i.name);
const PLAIN = ['I', 'M', 'Zba', 'Zbb', 'Zbs'];
const isPlain = (i: Instruction) => PLAIN.includes(i.extension) && !/^(jal|jalr|ecall|ebreak|fence)$/.test(i.name);

const POOL: Readonly<Record<Kind, readonly AnyInstruction[]>> = {
  arithmetic: INSTRUCTIONS.filter((i) => isPlain(i) && !isMemory(i) && !isBranch(i)),
  float: INSTRUCTIONS.filter((i) => ['F', 'D'].includes(i.extension) && !isMemory(i)),
  memory: [...INSTRUCTIONS, ...COMPRESSED].filter(isMemory),
  atomic: INSTRUCTIONS.filter((i) => i.extension === 'A'),
  branch: INSTRUCTIONS.filter(isBranch),
  csr: INSTRUCTIONS.filter((i) => i.extension === 'Zicsr'),
  compressed: COMPRESSED.filter((i) => !isCompressedJump(i) && !isMemory(i)),
};

const KINDS = {
  arithmetic: 26,
  float: 26,
  memory: 26,
  compressed: 14,
  csr: 12,
  atomic: 6,
  branch: 6,
  compressedJump: 3,
  reservation: 3,
  system: 4,
  garbage: 1,
  indirect: 2,
  protection: 1,
  modification: 1,
} as const;

/** CSRs by how interesting they are; any number at all, now and then. */
const COMMON = [
  'fcsr',
  'frm',
  'fflags',
  'sstatus',
  'sie',
  'sip',
  'stvec',
  'sscratch',
  'sepc',
  'scause',
  'stval',
  'satp',
  'scounteren',
];
const MACHINE = ['mstatus', 'mie', 'mip', 'mscratch', 'mepc', 'mcause', 'mtval', 'medeleg', 'mideleg', 'mcounteren'];
const COUNTER_NAMES = ['cycle', 'time', 'instret', 'hpmcounter3', 'hpmcounter31'];
const LOW_REGISTERS = 16;
/** The rounding mode that frm has. */
const DYNAMIC = 7;

/** Code of `length` steps, then something that surely ends the sequence. */
export function randomCode(random: Random, mode: ModeName, length: number): Uint8Array {
  const writer = new Writer(random, mode);
  for (let i = 0; i < length; i++) writer.step();
  writer.end();
  return writer.code.image();
}

class Writer {
  readonly code = new Code();
  private readonly random: Random;
  private readonly mode: ModeName;

  constructor(random: Random, mode: ModeName) {
    this.random = random;
    this.mode = mode;
  }

  step(): void {
    const { random } = this;
    const kind = random.weighted(KINDS);
    if (kind === 'reservation') this.reservation();
    else if (kind === 'system') this.system();
    else if (kind === 'garbage') this.garbage();
    else if (kind === 'indirect') this.indirect();
    else if (kind === 'protection') this.protection();
    else if (kind === 'modification') this.modification();
    else if (kind === 'compressedJump') this.compressedJump();
    else this.any(random.pick(POOL[kind]), kind);
  }

  end(): void {
    if (this.random.chance(60)) this.code.emit('ecall');
    // Nothing is mapped at address 0: a fault of fetching, which the S-mode handler passes on to M.
    this.code.emit('jalr', { rd: 0, rs1: 0, imm: 0 }).raw(0, 2);
  }

  private any(instruction: AnyInstruction, kind: Kind): void {
    const operands: Record<string, number> = {};
    for (const field of instruction.pattern.fields) operands[field.name] = this.operand(field, kind);
    this.code.emit(instruction.name, operands);
  }

  private operand(field: PatternField, kind: Kind): number {
    for (;;) {
      const value = this.candidate(field, kind);
      if (!field.excluded.includes(value)) return value;
    }
  }

  private candidate(field: PatternField, kind: Kind): number {
    const { random } = this;
    const { name, width, scale, signed } = field;
    if (field.register === 'f') return this.register(field);
    if (name === 'rm') return random.chance(75) ? DYNAMIC : random.below(random.chance(90) ? 5 : 8);
    if (field.register) {
      if (name === 'rs1' && (kind === 'memory' || kind === 'atomic') && random.chance(90)) return this.base(field);
      return name === 'rd' ? this.destination(field) : this.register(field);
    }
    if (name === 'csr') return this.csr();
    if (kind === 'branch') return 2 * (random.chance(95) ? random.between(2, 12) : random.between(-12, 12));
    if (kind === 'memory' && signed && random.chance(85)) return random.between(-64, 64);
    const raw = random.below(2 ** Math.min(width, 31));
    const sign = signed ? 2 ** (Math.min(width, 31) - 1) : 0;
    return Math.floor((raw - sign) / scale) * scale;
  }

  private register(field: PatternField): number {
    const { random } = this;
    if (field.prime) return random.between(8, 15);
    return random.chance(85) ? random.below(LOW_REGISTERS) : random.below(32);
  }

  /** Pointers are rarely overwritten. */
  private destination(field: PatternField): number {
    for (;;) {
      const register = this.register(field);
      if (!(POINTER_REGISTERS as readonly number[]).includes(register) || this.random.chance(6)) return register;
    }
  }

  private base(field: PatternField): number {
    const choices = POINTER_REGISTERS.filter((register) => !field.prime || register >= 8);
    return this.random.pick(choices);
  }

  private csr(): number {
    const { random } = this;
    const kind = random.weighted({ common: 50, machine: this.mode === 'M' ? 60 : 6, counter: 3, known: 4, any: 4 });
    if (kind === 'known') return random.pick(CSRS).number;
    if (kind === 'any') return random.below(1 << 12);
    return csrNumber(random.pick({ common: COMMON, machine: MACHINE, counter: COUNTER_NAMES }[kind]));
  }

  private compressedJump(): void {
    const name = this.random.pick(['c.j', 'c.beqz', 'c.bnez']);
    const rs1 = name === 'c.j' ? {} : { rs1: this.random.between(8, 15) };
    this.code.emit(name, { ...rs1, imm: 2 * this.random.between(2, 12) });
  }

  /** LR, perhaps something between, and SC to the same address. */
  private reservation(): void {
    const { random } = this;
    const width = random.pick(['w', 'd']);
    const rs1 = random.pick(POINTER_REGISTERS);
    const order = () => ({ aq: random.below(2), rl: random.below(2) });
    this.code.emit(`lr.${width}`, { rd: random.between(12, 15), rs1, ...order() });
    if (random.chance(50)) this.any(random.pick(POOL.arithmetic), 'arithmetic');
    this.code.emit(`sc.${width}`, { rd: random.between(12, 15), rs1, rs2: random.below(32), ...order() });
  }

  private system(): void {
    const { random, code, mode } = this;
    const plain = ['wfi', 'ecall', 'ebreak', 'c.ebreak', 'fence', 'fence.i', 'sfence.vma'];
    const kind = random.weighted({ plain: 60, xret: mode === 'U' ? 5 : 35, stray: 3 });
    if (kind === 'stray') code.emit(random.pick(['mret', 'sret']));
    else if (kind === 'xret') this.exceptionReturn();
    else {
      const name = random.pick(plain);
      const fence = { rs1: random.below(2) * random.below(32), rs2: random.below(2) * random.below(32) };
      code.emit(
        name,
        name === 'sfence.vma' ? fence : name === 'fence' ? { pred: random.below(16), succ: random.below(16) } : {},
      );
    }
  }

  /** Sets xepc to the instruction after the return, so that the sequence goes on in the mode that xPP names. */
  private exceptionReturn(): void {
    const { random, code, mode } = this;
    const name = mode === 'M' && random.chance(60) ? 'mret' : 'sret';
    const register = random.between(12, 15);
    const AFTER = 16;
    code.emit('auipc', { rd: register, imm: 0 }).emit('addi', { rd: register, rs1: register, imm: AFTER });
    code.emit('csrrw', { rd: 0, csr: csrNumber(name === 'mret' ? 'mepc' : 'sepc'), rs1: register }).emit(name);
  }

  private garbage(): void {
    const word = this.random.word();
    const full = (word & 3) === 3;
    this.code.raw(full ? word : word & 0xffff, full ? 4 : 2);
  }

  /** A jump to an instruction ahead by a register, odd addresses and links in the same register included. */
  private indirect(): void {
    const { random, code } = this;
    const register = random.between(12, 15);
    code.emit('auipc', { rd: register, imm: 0 });
    const ahead = random.between(10, 24);
    if (random.chance(50)) {
      code.emit('jalr', { rd: random.pick([0, 1, register]), rs1: register, imm: ahead });
    } else {
      code.emit('addi', { rd: register, rs1: register, imm: ahead });
      code.emit(random.pick(['c.jr', 'c.jalr']), { rs1: register });
    }
  }

  /** A PMP register, and the fence that makes the change seen. */
  private protection(): void {
    const { random, code } = this;
    const name = random.pick([
      'pmpcfg0',
      'pmpcfg0',
      'pmpcfg2',
      'pmpaddr0',
      'pmpaddr1',
      'pmpaddr2',
      'pmpaddr15',
      'pmpcfg1',
    ]);
    const operation = random.pick(['csrrw', 'csrrs', 'csrrc']);
    const rs1 = random.between(12, 15);
    if (name.startsWith('pmpcfg')) this.loadConfigs(rs1);
    else if (random.chance(80)) {
      // An address near the data: pointers are bare in M.
      code.emit('srli', { rd: rs1, rs1: random.pick(POINTER_REGISTERS), shamt: 2 });
      if (random.chance(40)) code.emit('ori', { rd: rs1, rs1, imm: 2 ** random.below(8) - 1 });
    }
    code.emit(operation, { rd: random.between(12, 15), csr: csrNumber(name), rs1 });
    code.emit('sfence.vma', { rs1: 0, rs2: 0 });
  }

  /** Four entries' configurations, without locks. */
  private loadConfigs(rd: number): void {
    const CONFIGS = 0x20;
    let word = 0;
    for (let i = 0; i < 4; i++) word = word * 256 + legalConfig(this.random.below(CONFIGS));
    const low = (word << 20) >> 20;
    this.code.emit('lui', { rd, imm: word - low }).emit('addi', { rd, rs1: rd, imm: low });
  }

  /** Stores an instruction over one ahead, with the fence that code needs. */
  private modification(): void {
    const { random, code } = this;
    const at = code.offset;
    const word = random.between(12, 14);
    const TARGET = 16;
    code.emit('auipc', { rd: 15, imm: 0 }).emit('addi', { rd: word, rs1: 0, imm: random.pick([0x001, 0x505, 0x585]) });
    code.emit('sh', { rs1: 15, rs2: word, imm: TARGET }).emit('fence.i');
    if (code.offset !== at + TARGET) throw new Error('the stored instruction lies elsewhere');
    code.emit('c.nop');
  }
}
