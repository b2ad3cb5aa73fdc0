// What emitted code asks of the module that it is in: physical memory, calls of other definitions, the upper halves of
// products. Every function that may raise yields two values: its result, or the exception's xtval, and the cause or
// NO_CAUSE. HostServices is a module whose virtual memory is behind imported functions: each access is the host's.
// Left out: the TLB in front of virtual memory, which is the translator's.

import type { Event } from '../expression.ts';
import type { Definition, Width } from '../vocabulary.ts';
import { ModuleBuilder } from './module-builder.ts';
import { Code, type FunctionType } from './wasm.ts';

/** In place of a cause: nothing was raised. */
export const NO_CAUSE = -1;

export type Multiplication = 'mulHigh' | 'mulHighUnsigned' | 'mulHighSignedUnsigned';
export type VirtualAccess = Extract<Event, { kind: 'load' | 'store' | 'loadReserved' | 'storeConditional' | 'amo' }>;

/** Where main memory is: its guest-physical addresses, and its place in the linear memory. */
export interface MainMemory {
  readonly address: bigint;
  readonly bytes: number;
  readonly offset: number;
}

const RAISES = ['i64', 'i32'] as const;
const READ: FunctionType = { parameters: ['i64', 'i32'], results: RAISES };
const WRITE: FunctionType = { parameters: ['i64', 'i64', 'i32'], results: RAISES };
const PAIR: FunctionType = { parameters: ['i64', 'i64'], results: ['i64'] };
const DOUBLEWORD = 8n;

/** The imports of a module, by name. */
export interface HostFunctions {
  load(address: bigint, bytes: Width): [bigint, number];
  store(address: bigint, value: bigint, bytes: Width): [bigint, number];
  loadReserved(address: bigint, bytes: Width): [bigint, number];
  storeConditional(address: bigint, value: bigint, bytes: Width): [bigint, number];
  /** Like a store's address, yielding what is there, sign-extended; `amoStore` follows and cannot fault. */
  amoLoad(address: bigint, bytes: Width): [bigint, number];
  amoStore(value: bigint, bytes: Width): void;
  time(): bigint;
  wait(): void;
  fence(what: number): void;
}

export const FENCES = ['instructions', 'translations'] as const;

/** What an Emitter needs; each leaves its result on the stack. */
export interface Services {
  /** Calls a definition's function; the state block and the arguments are on the stack. */
  call(code: Code, definition: Definition): void;
  /** A virtual access, its inputs on the stack; leaves value and cause. */
  access(code: Code, event: VirtualAccess): void;
  /** Stores what an AMO computed, which is on the stack. */
  finishAmo(code: Code, bytes: Width): void;
  /** i32: whether the doubleword at the physical address on the stack is in main memory. */
  isMemory(code: Code): void;
  /** The doubleword at the physical address on the stack. */
  loadPhysical(code: Code): void;
  /** Address and value are on the stack. */
  storePhysical(code: Code): void;
  control(code: Code, event: Extract<Event, { kind: 'wait' | 'fence' }>): void;
  time(code: Code): void;
  /** The upper half of a product whose factors are on the stack. */
  multiplyHigh(code: Code, operation: Multiplication): void;
}

export class HostServices implements Services {
  readonly module = new ModuleBuilder();
  /** Definitions that have a function, in order; whoever builds the module gives each its code. */
  readonly definitions = new Map<Definition, number>();
  private readonly memory: MainMemory;
  private readonly imports: Readonly<Record<keyof HostFunctions, number>>;
  private readonly multiplications: Readonly<Record<Multiplication, number>>;

  constructor(memory: MainMemory) {
    const { module } = this;
    this.memory = memory;
    this.imports = {
      load: module.importFunction('load', READ),
      store: module.importFunction('store', WRITE),
      loadReserved: module.importFunction('loadReserved', READ),
      storeConditional: module.importFunction('storeConditional', WRITE),
      amoLoad: module.importFunction('amoLoad', READ),
      amoStore: module.importFunction('amoStore', { parameters: ['i64', 'i32'], results: [] }),
      time: module.importFunction('time', { parameters: [], results: ['i64'] }),
      wait: module.importFunction('wait', { parameters: [], results: [] }),
      fence: module.importFunction('fence', { parameters: ['i32'], results: [] }),
    };
    const mulHighUnsigned = module.declare('mulHighUnsigned', PAIR);
    const mulHigh = module.declare('mulHigh', PAIR);
    const mulHighSignedUnsigned = module.declare('mulHighSignedUnsigned', PAIR);
    module.define(mulHighUnsigned, upperHalf());
    module.define(mulHigh, corrected(mulHighUnsigned, [0, 1]));
    module.define(mulHighSignedUnsigned, corrected(mulHighUnsigned, [0]));
    this.multiplications = { mulHigh, mulHighUnsigned, mulHighSignedUnsigned };
  }

  call(code: Code, definition: Definition): void {
    code.op('call', this.functionOf(definition));
  }

  functionOf(definition: Definition): number {
    const known = this.definitions.get(definition);
    if (known !== undefined) return known;
    const parameters = ['i32' as const, ...definition.parameters.map(() => 'i64' as const)];
    const made = this.module.declare(definition.name, { parameters, results: RAISES });
    this.definitions.set(definition, made);
    return made;
  }

  access(code: Code, { kind, bytes }: VirtualAccess): void {
    code.op('i32.const', bytes).op('call', this.imports[kind === 'amo' ? 'amoLoad' : kind]);
  }
  finishAmo(code: Code, bytes: Width): void {
    code.op('i32.const', bytes).op('call', this.imports.amoStore);
  }

  isMemory(code: Code): void {
    code.i64(this.memory.address).op('i64.sub');
    code.i64(BigInt(this.memory.bytes) - DOUBLEWORD).op('i64.le_u');
  }
  loadPhysical(code: Code): void {
    code.i64(this.memory.address).op('i64.sub').op('i32.wrap_i64').op('i64.load', this.memory.offset);
  }
  storePhysical(code: Code): void {
    const mark = code.mark();
    const value = code.scratch('i64');
    code.op('local.set', value);
    code.i64(this.memory.address).op('i64.sub').op('i32.wrap_i64');
    code.op('local.get', value).op('i64.store', this.memory.offset);
    code.reset(mark);
  }

  control(code: Code, event: Extract<Event, { kind: 'wait' | 'fence' }>): void {
    if (event.kind === 'wait') code.op('call', this.imports.wait);
    else code.op('i32.const', FENCES.indexOf(event.what)).op('call', this.imports.fence);
  }
  time(code: Code): void {
    code.op('call', this.imports.time);
  }
  multiplyHigh(code: Code, operation: Multiplication): void {
    code.op('call', this.multiplications[operation]);
  }
}

const HALF = 32n;
const LOW_HALF = 0xffff_ffffn;
const SIGN = 63n;

/** The upper half of an unsigned product, from products of halves; wasm has none of its own. */
function upperHalf(): Code {
  const code = new Code(2);
  const low = (factor: number) => code.op('local.get', factor).i64(LOW_HALF).op('i64.and');
  const high = (factor: number) => code.op('local.get', factor).i64(HALF).op('i64.shr_u');
  const middle = code.local('i64');
  // middle = high(a) · low(b) + the carry of low(a) · low(b); none of these sums overflows.
  high(0);
  low(1).op('i64.mul');
  low(0);
  low(1).op('i64.mul').i64(HALF).op('i64.shr_u').op('i64.add').op('local.set', middle);
  high(0);
  high(1).op('i64.mul');
  code.op('local.get', middle).i64(HALF).op('i64.shr_u').op('i64.add');
  low(0);
  high(1).op('i64.mul');
  code.op('local.get', middle).i64(LOW_HALF).op('i64.and').op('i64.add').i64(HALF).op('i64.shr_u').op('i64.add');
  return code;
}

/** The same where some factors are signed: less the other factor for each negative one. */
function corrected(unsigned: number, signedFactors: readonly number[]): Code {
  const code = new Code(2);
  code.op('local.get', 0).op('local.get', 1).op('call', unsigned);
  for (const factor of signedFactors) {
    code
      .op('local.get', 1 - factor)
      .op('local.get', factor)
      .i64(SIGN)
      .op('i64.shr_s')
      .op('i64.and')
      .op('i64.sub');
  }
  return code;
}
