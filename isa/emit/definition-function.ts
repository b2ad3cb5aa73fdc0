// A recorded definition as a wasm function that others call, on the state block whose address is its first parameter.

import type { Recording } from '../recorder.ts';
import type { End } from '../tree.ts';
import { Emitter } from './emitter.ts';
import { NO_CAUSE, type Services } from './services.ts';
import { Code } from './wasm.ts';

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
  protected override done({ writes, result }: End & { kind: 'done' }): void {
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
