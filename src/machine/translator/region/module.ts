// Several regions as one wasm module: a module costs far more than a function in it. Its functions are put into the
// core's table, where the jump cache finds them, and are known by nothing else.

import { ModuleBuilder } from '../../../../isa/emit/module-builder.ts';
import { NO_SERVICES } from '../../../../isa/emit/services.ts';
import type { Code } from '../../../../isa/emit/wasm.ts';
import type { Reach } from '../access.ts';
import { CONTINUATION, STEPPER, TRAP } from '../core-module.ts';
import { NUMBERED_FLOAT } from '../floats.ts';
import type { RegionImports } from './blocks.ts';
import { RegionFunction } from './function.ts';
import type { Graph } from './graph.ts';

export class RegionModule {
  private readonly module = new ModuleBuilder();
  private readonly imports: RegionImports;
  private readonly functions: number[] = [];
  private readonly codes: Code[] = [];

  /** @param counts whether sensitive instructions are counted. */
  constructor(counts = false) {
    const { module } = this;
    module.importTable('table', 'core');
    this.imports = {
      step: module.importFunction('step', CONTINUATION, 'core'),
      missed: module.importFunction('missed', CONTINUATION, 'core'),
      trap: module.importFunction('trap', TRAP, 'core'),
      float: module.importFunction('float', NUMBERED_FLOAT, 'core'),
      stepperType: module.typeIndex(STEPPER),
      counts,
    };
  }

  /** Regions so far. */
  get size(): number {
    return this.functions.length;
  }

  add(graph: Graph, reach: Reach): void {
    const index = this.module.declare(`0x${graph.entries[0]?.toString(16)}`, STEPPER, false);
    const code = new RegionFunction(graph, reach, this.imports, NO_SERVICES).emit();
    this.module.define(index, code);
    this.functions.push(index);
    this.codes.push(code);
  }

  /** The module; its functions go to the table from this index on, in the order in which they were added. */
  bytes(tableIndex: number): Uint8Array<ArrayBuffer> {
    this.module.elements(tableIndex, this.functions);
    return this.module.bytes();
  }

  /** The body of one region as WebAssembly text. */
  text(index: number): string | undefined {
    return this.codes[index]?.text();
  }
}
