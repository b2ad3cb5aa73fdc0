// A module of definitions with all that they call, over a linear memory that holds state blocks and main memory where
// the caller says: the privileged architecture for whoever needs it alone.

import { recordDefinition } from '../recorder.ts';
import type { Definition } from '../vocabulary.ts';
import { DefinitionFunction } from './definition-function.ts';
import { ModuleBuilder } from './module-builder.ts';
import type { Services } from './services.ts';
import type { Code } from './wasm.ts';

/** Where main memory is: its guest-physical addresses, and its place in the linear memory. */
export interface MainMemory {
  readonly address: bigint;
  readonly bytes: number;
  readonly offset: number;
}

const DOUBLEWORD = 8n;

export class DefinitionModule implements Services {
  private readonly module = new ModuleBuilder();
  private readonly memory: MainMemory;
  private readonly indices = new Map<Definition, number>();
  /** The bodies by the names they are exported under, for people. */
  private readonly codes = new Map<string, Code>();

  constructor(memory: MainMemory) {
    this.memory = memory;
  }

  /** (block, …parameters) → (result or xtval, cause or NO_CAUSE), exported under the definition's name. */
  add(definition: Definition): number {
    const known = this.indices.get(definition);
    if (known !== undefined) return known;
    const parameters = ['i32' as const, ...definition.parameters.map(() => 'i64' as const)];
    const made = this.module.declare(definition.name, { parameters, results: ['i64', 'i32'] });
    this.indices.set(definition, made);
    return made;
  }

  /** The module, with every definition that something in it calls. */
  bytes(): Uint8Array<ArrayBuffer> {
    // Emitting one may call for others, which this loop then comes to.
    for (const [definition, index] of this.indices) {
      const code = new DefinitionFunction(recordDefinition(definition), this).emit();
      this.module.define(index, code);
      this.codes.set(definition.name, code);
    }
    return this.module.bytes();
  }
  /** Bytes of one function's body. */
  sizeOf(name: string): number | undefined {
    return this.codes.get(name)?.size;
  }

  call(code: Code, definition: Definition): void {
    code.op('call', this.add(definition));
  }
  isMemory(code: Code): void {
    code.i64(this.memory.address).op('i64.sub');
    code.i64(BigInt(this.memory.bytes) - DOUBLEWORD).op('i64.le_u');
  }
  loadPhysical(code: Code): void {
    code.i64(this.memory.address).op('i64.sub').op('i32.wrap_i64').op('i64.load', this.memory.offset);
  }
  storePhysical(code: Code): void {
    const value = code.scratch('i64');
    code.op('local.set', value);
    code.i64(this.memory.address).op('i64.sub').op('i32.wrap_i64');
    code.op('local.get', value).op('i64.store', this.memory.offset);
  }
}
