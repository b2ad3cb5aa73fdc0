// The last exits of a guest, each with the words of its virtual CPU before and after, so that any of them can be
// explained later. The page is sent columns of what it draws; words stay here until somebody asks.

import { WORD } from '../../../isa/layout.ts';
import type { SeenExit } from '../../debug/explain-exit.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';
import type { ExitEvent } from '../../hypervisor/virtual-machine.ts';
import type { ExitColumns } from '../protocol.ts';

interface Taped extends SeenExit {
  readonly serial: number;
  readonly step: number;
  readonly cpu: number;
}

/** Exits that can still be explained; the page draws as many. */
export const TAPE_LENGTH = 4096;

export class ExitTape {
  private readonly tape: Taped[] = [];
  private sent = 0;
  /** Exits so far. */
  count = 0;
  private readonly indices = new Map(EXIT_REASONS.map((reason, index) => [reason, index]));

  add({ reason, cpu, before, instruction, cause, tval, step }: ExitEvent): void {
    const serial = this.count++;
    const after = cpu.words.slice();
    this.tape[serial % TAPE_LENGTH] = {
      serial,
      step,
      cpu: Number(cpu.mhartid),
      reason,
      before,
      after,
      instruction,
      cause,
      tval,
    };
  }

  get(serial: number): Taped | undefined {
    const found = this.tape[serial % TAPE_LENGTH];
    return found?.serial === serial ? found : undefined;
  }
  get last(): Taped | undefined {
    return this.get(this.count - 1);
  }

  /** The run went back to this step: what came later has not happened. */
  cut(step: number): void {
    while (this.count > 0 && (this.last?.step ?? -1) >= step) this.count--;
    this.sent = Math.min(this.sent, this.count);
  }

  /** What came since it was last asked, as far as it is still here. */
  take(): ExitColumns {
    const from = Math.max(this.sent, this.count - TAPE_LENGTH);
    const length = this.count - from;
    const columns = {
      serial: new Float64Array(length),
      step: new Float64Array(length),
      reason: new Uint8Array(length),
      from: new Uint8Array(length),
      to: new Uint8Array(length),
      cpu: new Uint8Array(length),
    };
    for (let i = 0; i < length; i++) {
      const taped = this.get(from + i);
      if (taped === undefined) continue;
      columns.serial[i] = taped.serial;
      columns.step[i] = taped.step;
      columns.reason[i] = this.indices.get(taped.reason) ?? 0;
      columns.from[i] = Number(taped.before[WORD.mode]);
      columns.to[i] = Number(taped.after[WORD.mode]);
      columns.cpu[i] = taped.cpu;
    }
    this.sent = this.count;
    return columns;
  }
}
