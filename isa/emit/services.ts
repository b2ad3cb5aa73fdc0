// What emitted code asks of the module that it is in: physical memory, and calls of other definitions. Every function
// that may raise yields two values: its result, or the exception's xtval, and the cause or NO_CAUSE.
// Left out: virtual memory, which instructions reach, and how is the translator's.

import { assert } from '../assert.ts';
import type { Definition } from '../vocabulary.ts';
import type { Code } from './wasm.ts';

/** In place of a cause: nothing was raised. */
export const NO_CAUSE = -1;

/** What an Emitter needs; each leaves its result on the stack. */
export interface Services {
  /** Calls a definition's function; the state block and the arguments are on the stack. */
  call(code: Code, definition: Definition): void;
  /** i32: whether the doubleword at the physical address on the stack is in main memory. */
  isMemory(code: Code): void;
  /** The doubleword at the physical address on the stack. */
  loadPhysical(code: Code): void;
  /** Address and value are on the stack. */
  storePhysical(code: Code): void;
}

function nothing(): void {
  assert(false, 'an instruction that reaches behind translation');
}
/** For the instructions that need none of it, which are all that are emitted in line. */
export const NO_SERVICES: Services = {
  call: nothing,
  isMemory: nothing,
  loadPhysical: nothing,
  storePhysical: nothing,
};
