// The accesses of instructions to virtual memory, alike in both tiers: plain ones, reservations and atomic operations,
// once their place is found. Nothing changes before all that can fail is passed. Harts take turns, so an atomic
// operation is one as it stands.

import { Emitter, type VirtualAccess } from '../../../isa/emit/emitter.ts';
import { NO_CAUSE } from '../../../isa/emit/services.ts';
import type { OutcomeLocals } from '../../../isa/emit/values.ts';
import type { Code } from '../../../isa/emit/wasm.ts';
import { NO_RESERVATION, WORD } from '../../../isa/layout.ts';
import type { Width } from '../../../isa/vocabulary.ts';
import { RAM_BASE } from '../memory.ts';
import { RAM_AT } from '../memory-map.ts';
import { word } from './steps.ts';

export abstract class AccessEmitter extends Emitter {
  /**
   * Replaces the address on the stack by its place, less the offset that this returns; leaves where it is not known.
   */
  protected abstract find(access: 'load' | 'store', bytes: Width, isAtomic: boolean): number;

  protected override access(event: VirtualAccess): void {
    const { code } = this;
    switch (event.kind) {
      case 'load': {
        this.value(event.address);
        const offset = this.find('load', event.bytes, false);
        load(code, event.bytes, offset);
        this.yields(event);
        return;
      }
      case 'store': {
        this.value(event.address);
        const offset = this.find('store', event.bytes, false);
        this.value(event.value);
        store(code, event.bytes, offset);
        return;
      }
      case 'loadReserved': {
        this.value(event.address);
        this.find('load', event.bytes, true);
        const place = this.keepPlace();
        code.op('local.get', this.base);
        this.physical(place);
        code.op('i64.store', word(WORD.reservation));
        code.op('local.get', place);
        load(code, event.bytes, 0);
        this.yields(event);
        return;
      }
      case 'storeConditional': {
        this.value(event.address);
        this.find('store', event.bytes, true);
        const place = this.keepPlace();
        const failed = code.scratch('i64');
        this.physical(place);
        super.word(WORD.reservation);
        code.op('i64.ne').op('i64.extend_i32_u').op('local.set', failed);
        code.op('local.get', this.base).i64(NO_RESERVATION).op('i64.store', word(WORD.reservation));
        code.op('local.get', failed).op('i64.eqz').open('if');
        code.op('local.get', place);
        this.value(event.value);
        store(code, event.bytes, 0);
        code.end();
        code.op('local.get', failed);
        this.yields(event);
        return;
      }
      case 'amo': {
        this.value(event.address);
        this.find('store', event.bytes, true);
        const place = this.keepPlace();
        code.op('local.get', place);
        load(code, event.bytes, 0);
        if (event.bytes === 4) code.op('i64.extend32_s');
        this.yields(event);
        code.op('local.get', place);
        this.value(event.next);
        store(code, event.bytes, 0);
      }
    }
  }

  private keepPlace(): number {
    const place = this.code.scratch('i32');
    this.code.op('local.set', place);
    return place;
  }
  private physical(place: number): void {
    this.code
      .op('local.get', place)
      .op('i64.extend_i32_u')
      .i64(RAM_BASE - BigInt(RAM_AT))
      .op('i64.add');
  }
  /** The value on the stack is the event's outcome. */
  private yields(event: VirtualAccess): void {
    const outcome: OutcomeLocals = { value: this.code.scratch('i64'), cause: NO_CAUSE };
    this.code.op('local.set', outcome.value);
    this.values.outcomes.set(event.id, outcome);
  }
}

const LOADS = { 1: 'i64.load8_u', 2: 'i64.load16_u', 4: 'i64.load32_u', 8: 'i64.load' } as const;
const STORES = { 1: 'i64.store8', 2: 'i64.store16', 4: 'i64.store32', 8: 'i64.store' } as const;
function load(code: Code, bytes: Width, offset: number): void {
  code.op(LOADS[bytes], offset);
}
function store(code: Code, bytes: Width, offset: number): void {
  code.op(STORES[bytes], offset);
}
