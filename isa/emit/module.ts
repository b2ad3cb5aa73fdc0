// Modules of emitted functions: any definitions with all that they call, handlers, and regions. The functions run on a
// linear memory that holds state blocks, records and main memory; the caller says where.
// Left out: caching of compiled modules, which is the translator's.

import type { Decoded } from '../decode.ts';
import type { PatternField } from '../pattern.ts';
import { type Recording, recordDefinition } from '../recorder.ts';
import type { Definition } from '../vocabulary.ts';
import { DefinitionFunction, HandlerFunction, RegionFunction } from './functions.ts';
import { HostServices, type MainMemory } from './services.ts';
import type { Code } from './wasm.ts';

export class EmittedModule {
  private readonly services: HostServices;
  /** The bodies by the names they are exported under, for people. */
  private readonly codes = new Map<string, Code>();

  constructor(memory: MainMemory) {
    this.services = new HostServices(memory);
  }

  /** (block, …parameters) → (result or xtval, cause or NO_CAUSE), exported under the definition's name. */
  definition(definition: Definition): void {
    this.services.functionOf(definition);
  }

  /** (block, record) → (xtval, cause or NO_CAUSE). */
  handler(name: string, recording: Recording, fields: readonly PatternField[]): void {
    const index = this.services.module.declare(name, { parameters: ['i32', 'i32'], results: ['i64', 'i32'] });
    this.finish(name, index, new HandlerFunction(recording, fields, this.services).emit());
  }

  /** (block) → (xtval, cause or NO_CAUSE), with pc where the region ended. */
  region(name: string, instructions: readonly Decoded[], pc: bigint): void {
    const index = this.services.module.declare(name, { parameters: ['i32'], results: ['i64', 'i32'] });
    this.finish(name, index, new RegionFunction(instructions, pc, this.services).emit());
  }

  private finish(name: string, index: number, code: Code): void {
    this.services.module.define(index, code);
    this.codes.set(name, code);
  }

  /** The module, with every definition that something in it calls. */
  bytes(): Uint8Array {
    // Emitting one may call for others, which this loop then comes to.
    for (const [definition, index] of this.services.definitions) {
      const code = new DefinitionFunction(recordDefinition(definition), this.services).emit();
      this.finish(definition.name, index, code);
    }
    return this.services.module.bytes();
  }

  /** Bytes of one function's body. */
  sizeOf(name: string): number | undefined {
    return this.codes.get(name)?.size;
  }

  text(name: string): string | undefined {
    return this.codes.get(name)?.text();
  }
}
