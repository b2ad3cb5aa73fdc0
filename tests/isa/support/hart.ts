// A reference over test memory that runs single accesses and definitions: what faults yields `Raised` here instead of
// ending an instruction. With a buffer its state and RAM lie in that buffer, where emitted code finds them.

import { Reference } from '../../../isa/reference.ts';
import type { Raised } from '../../../isa/vocabulary.ts';
import type { Host } from './evaluate.ts';
import { TestMemory } from './machine.ts';

export class Hart extends Reference implements Host {
  readonly hart = this;
  readonly memory: TestMemory;

  constructor(place?: { readonly buffer: ArrayBuffer; readonly state: number; readonly ram: number }) {
    const memory = new TestMemory(place?.buffer, place?.ram);
    super(memory, place?.buffer, place?.state);
    this.memory = memory;
  }

  attempt<T>(access: (hart: Reference) => T | Raised): T | Raised {
    const outcome = access(this);
    return this.completed() ? outcome : { raised: true };
  }
}
