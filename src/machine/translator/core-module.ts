// The builder of the core's module: named functions that may call one another, and the definitions of the privileged
// architecture that any of them calls. It gives emitted definitions physical memory: RAM in the linear memory, whose
// page-table entries are marked as they are read.
// Left out: what the functions do, which is in the files that core.ts lists.

import { assert } from '../../../isa/assert.ts';
import { DefinitionFunction } from '../../../isa/emit/definition-function.ts';
import { ModuleBuilder } from '../../../isa/emit/module-builder.ts';
import type { Services } from '../../../isa/emit/services.ts';
import { Code, type FunctionType, type ValueType } from '../../../isa/emit/wasm.ts';
import { pmp } from '../../../isa/pmp.ts';
import { recordDefinition } from '../../../isa/recorder.ts';
import type { Definition } from '../../../isa/vocabulary.ts';
import { RAM_BASE } from '../memory.ts';
import { GLOBAL, RAM_AT, SCRATCH } from '../memory-map.ts';

/** The type of all that emitted code goes on to: block, what is left of the budget, and an entry or 0; what is left then. */
export const STEPPER: FunctionType = { parameters: ['i32', 'i32', 'i32'], results: ['i32'] };
/** The same without an entry. */
export const CONTINUATION: FunctionType = { parameters: ['i32', 'i32'], results: ['i32'] };
export const TRAP: FunctionType = { parameters: ['i32', 'i32', 'i64', 'i64'], results: ['i32'] };

/** A function that is written by hand, of the parameters of its type in order. */
export interface CoreFunction {
  readonly type: FunctionType;
  emit(core: CoreModule, code: Code): void;
}

/** Functions in the place of the PMP's definitions. */
export const PERMITS = { fetch: 'permitsFetch', load: 'permitsLoad', store: 'permitsStore' } as const;
const DOUBLEWORD = 8n;

export class CoreModule implements Services {
  readonly module = new ModuleBuilder();
  /** Imported (place, bytes): page-table entries there are about to change; and (): they have changed. */
  readonly beforeTableStore: number;
  readonly afterTableStore: number;
  /**
   * Imported (remaining, the halves of a physical address, bytes) → whether anything is there that takes it, with the
   * value in GLOBAL.window. GLOBAL.cut says by how much the run is shorter for it.
   */
  readonly deviceLoad: number;
  readonly deviceStore: number;
  /**
   * Imported (the halves of a physical address, as the context that runs sees it) → whether its tables lie there; and
   * (the same, bytes): what they hold there has changed.
   */
  readonly isContextTable: number;
  readonly contextTableStored: number;
  /** Imported: (the number of an operation of floating point, rounding, three operands) → value and flags. */
  readonly softFloat: number;
  /** Imported (an instruction's bits, or 0): the context that runs has done this fence, or has written satp. */
  readonly contextFenced: number;
  /**
   * Imported (a page fault's cause, the halves of its address, what is left of the budget): the walk of the context that
   * runs allows what its root does not. → Whether it does now.
   */
  readonly contextLacks: number;
  /** Imported (what is left behind the step): it has written stimecmp. GLOBAL.cut says by how much the run is shorter. */
  readonly timerWritten: number;
  /** Imported (what is left before it): an environment call that would leave. → Whether it was answered; likewise. */
  readonly environmentCall: number;
  private readonly functions: Readonly<Record<string, CoreFunction>>;
  private readonly indices = new Map<string, number>();
  private readonly definitions = new Map<Definition, number>();
  /** The same definitions over a context's own memory. */
  private readonly contextDefinitions = new Map<Definition, number>();
  private readonly codes = new Map<string, Code>();

  constructor(functions: Readonly<Record<string, CoreFunction>>) {
    this.functions = functions;
    this.module.importTable('table');
    this.beforeTableStore = this.module.importFunction('beforeTableStore', { parameters: ['i32', 'i32'], results: [] });
    const device: FunctionType = { parameters: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };
    this.deviceLoad = this.module.importFunction('deviceLoad', device);
    this.deviceStore = this.module.importFunction('deviceStore', device);
    this.isContextTable = this.module.importFunction('isContextTable', {
      parameters: ['i32', 'i32'],
      results: ['i32'],
    });
    this.contextTableStored = this.module.importFunction('contextTableStored', {
      parameters: ['i32', 'i32', 'i32'],
      results: [],
    });
    this.contextFenced = this.module.importFunction('contextFenced', { parameters: ['i32'], results: [] });
    this.contextLacks = this.module.importFunction('contextLacks', {
      parameters: ['i32', 'i32', 'i32', 'i32'],
      results: ['i32'],
    });
    this.timerWritten = this.module.importFunction('timerWritten', { parameters: ['i32'], results: [] });
    this.environmentCall = this.module.importFunction('environmentCall', { parameters: ['i32'], results: ['i32'] });
    this.afterTableStore = this.module.importFunction('afterTableStore', { parameters: [], results: [] });
    this.softFloat = this.module.importFunction('softFloat', {
      parameters: ['i32', 'i32', 'i64', 'i64', 'i64'],
      results: ['i64', 'i32'],
    });
    for (const [name, { type }] of Object.entries(functions)) this.indices.set(name, this.module.declare(name, type));
  }

  /** The index of a function by its name in the core's list. */
  function(name: string): number {
    const index = this.indices.get(name);
    assert(index !== undefined, `the core has no function ${name}`);
    return index;
  }
  /** The index of a definition's function: (block, …parameters) → (result or xtval, cause or NO_CAUSE). */
  definition(definition: Definition): number {
    return this.declared(this.definitions, definition, definition.name);
  }
  /** The same over the memory that a context has. */
  contextDefinition(definition: Definition): number {
    return this.declared(this.contextDefinitions, definition, `${definition.name} of a context`);
  }
  private declared(among: Map<Definition, number>, definition: Definition, name: string): number {
    const known = among.get(definition);
    if (known !== undefined) return known;
    const parameters: ValueType[] = ['i32', ...definition.parameters.map(() => 'i64' as const)];
    const made = this.module.declare(name, { parameters, results: ['i64', 'i32'] });
    among.set(definition, made);
    return made;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    for (const [name, { type, emit }] of Object.entries(this.functions)) {
      const code = new Code(type.parameters.length);
      emit(this, code);
      this.finish(name, this.function(name), code);
    }
    // Emitting one may call for others, which this loop then comes to.
    for (const [definition, index] of this.definitions)
      this.finish(definition.name, index, new DefinitionFunction(recordDefinition(definition), this).emit());
    const memory = new ContextMemory(this);
    for (const [definition, index] of this.contextDefinitions)
      this.finish(
        `${definition.name} of a context`,
        index,
        new DefinitionFunction(recordDefinition(definition), memory).emit(),
      );
    return this.module.bytes();
  }
  private finish(name: string, index: number, code: Code): void {
    this.module.define(index, code);
    this.codes.set(name, code);
  }
  /** A function's body as WebAssembly text. */
  text(name: string): string | undefined {
    return this.codes.get(name)?.text();
  }

  // What definitions ask for.

  call(code: Code, definition: Definition): void {
    code.op('call', this.permits(definition) ?? this.definition(definition));
  }
  /** The index of what answers for a question of the PMP, whoever's it is. */
  permits(definition: Definition): number | undefined {
    const access = (['fetch', 'load', 'store'] as const).find((each) => pmp[each] === definition);
    return access && this.function(PERMITS[access]);
  }
  isMemory(code: Code): void {
    code
      .i64(RAM_BASE)
      .op('i64.sub')
      .i32(0)
      .op('i64.load', GLOBAL.ramBytes)
      .i64(DOUBLEWORD)
      .op('i64.sub')
      .op('i64.le_u');
  }
  loadPhysical(code: Code): void {
    code.op('call', this.function('readTable'));
  }
  storePhysical(code: Code): void {
    const value = code.scratch('i64');
    code.op('local.set', value).i64(RAM_BASE).op('i64.sub').op('i32.wrap_i64');
    code.op('local.get', value).op('i64.store', RAM_AT);
  }
}

/** What definitions that run on a context ask for: the memory that it has. */
class ContextMemory implements Services {
  private readonly core: CoreModule;

  constructor(core: CoreModule) {
    this.core = core;
  }

  call(code: Code, definition: Definition): void {
    code.op('call', this.core.permits(definition) ?? this.core.contextDefinition(definition));
  }
  isMemory(code: Code): void {
    code.op('local.get', BLOCK).op('i64.load', SCRATCH.ramBase).op('i64.sub');
    code.op('local.get', BLOCK).op('i64.load', SCRATCH.ramBytes).i64(DOUBLEWORD).op('i64.sub').op('i64.le_u');
  }
  loadPhysical(code: Code): void {
    code.op('local.get', BLOCK).op('call', this.core.function('readContextTable'));
  }
  storePhysical(code: Code): void {
    code.op('local.get', BLOCK).op('call', this.core.function('writeContextTable'));
  }
}
/** The parameter of a definition's function that says where its block is. */
const BLOCK = 0;
