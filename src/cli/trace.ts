// --trace: the file that a trace goes to, in the format that its name asks for: a value change dump (.vcd), one for each
// machine since each has a time of its own, or Chrome's trace events in one file. None grows past --trace-size.

import { sizeText } from '../debug/bounded-text.ts';
import { CHROME_END, CHROME_RESERVE, CHROME_START, ChromeTrace } from '../debug/trace/chrome.ts';
import { type TraceSink, traced } from '../debug/trace/source.ts';
import { VCD_RESERVE, VcdTrace } from '../debug/trace/vcd.ts';
import { STATE_BLOCKS } from '../machine/hardware.ts';
import { MOST_HARTS } from '../platform/memory-map.ts';
import type { Wrap } from '../session/system.ts';
import { BoundedFile } from './bounded-file.ts';
import type { PlannedGuest } from './machine-options.ts';

const VCD = /\.vcd$/i;
const OPTION = '--trace';

export interface OpenedTrace {
  readonly wrap: Wrap;
  /** Writes what is left. */
  close(): void;
}

/** @param most bytes of each file. */
export function openTrace(file: string, planned: readonly PlannedGuest[], most: number): OpenedTrace {
  return VCD.test(file) ? openVcd(file, planned, most) : openChrome(file, planned, most);
}

function openChrome(file: string, planned: readonly PlannedGuest[], most: number): OpenedTrace {
  const harts = Math.min(planned.length * MOST_HARTS, STATE_BLOCKS);
  const text = new BoundedFile({
    option: OPTION,
    file,
    most,
    reserve: CHROME_RESERVE.end + harts * CHROME_RESERVE.hart,
  });
  text.write(CHROME_START);
  const sinks: ChromeTrace[] = [];
  return {
    wrap: (executor, guest, index) =>
      traced(executor, guest, ({ name, states }) => {
        const { symbols } = (planned[index] as PlannedGuest).named;
        const sink = new ChromeTrace({ text, process: index + 1, name, harts: states.length, symbols });
        sinks.push(sink);
        return sink;
      }),
    close: () => {
      for (const sink of sinks) sink.close();
      if (text.isFull) text.last(sinks[0]?.noRoom() ?? '');
      text.last(CHROME_END);
      text.close();
      if (text.isFull) tell(file, most);
    },
  };
}

function openVcd(file: string, planned: readonly PlannedGuest[], most: number): OpenedTrace {
  const names = planned.map(({ name }) => (planned.length > 1 ? file.replace(VCD, `-${name}.vcd`) : file));
  const opened = names.map((each) => new BoundedFile({ option: OPTION, file: each, most, reserve: VCD_RESERVE }));
  const sinks: TraceSink[] = [];
  return {
    wrap: (executor, guest, index) =>
      traced(executor, guest, ({ name, states }) => {
        const sink = new VcdTrace({ text: opened[index] as BoundedFile, name, states });
        sinks.push(sink);
        return sink;
      }),
    close: () => {
      for (const sink of sinks) sink.close();
      for (const [index, text] of opened.entries()) {
        text.close();
        if (text.isFull) tell(names[index] as string, most);
      }
    },
  };
}

function tell(file: string, most: number): void {
  process.stderr.write(`trapeze: ${file} ends where it reached ${sizeText(most)} (--trace-size)\n`);
}
