// A guest of the page's machine, with all that shows it, stops it and takes it back. Several share one machine.
// Left out: how it is run, which the laboratory and its runner know.

import type { LineTable } from '../../asm/line-table.ts';
import type { Scout } from '../../debug/gdb/scout.ts';
import type { StopPoints } from '../../debug/gdb/stop-points.ts';
import type { Timeline } from '../../debug/gdb/timeline.ts';
import type { SymbolTable } from '../../debug/symbols.ts';
import type { ConsoleInput } from '../../devices/console-input.ts';
import type { SystemGuest } from '../../session/system.ts';
import type { Breaks } from './breaks.ts';
import type { ExitTape } from './exit-tape.ts';
import type { Recorder } from './recorder.ts';

export interface LabGuest {
  readonly guest: SystemGuest;
  readonly timeline: Timeline;
  readonly symbols: SymbolTable;
  readonly lines: LineTable;
  readonly recorder: Recorder;
  readonly tape: ExitTape;
  readonly input: ConsoleInput;
  breaks: Breaks;
  /** All that stops it now, and who runs it up to there. */
  readonly points: StopPoints;
  readonly scout: Scout;
  /** Console bytes that the page does not have yet, and all. */
  output: number[];
  readonly console: number[];
  waiting: boolean;
}
