// --trace: the file that a trace goes to, in the format that its name asks for: a value change dump (.vcd), one for each
// machine since each has a time of its own, or Chrome's trace events in one file. Written in large pieces.

import { CHROME_END, CHROME_START, ChromeTrace, MOST_EVENTS } from '../debug/trace/chrome.ts';
import { type TraceSink, traced } from '../debug/trace/source.ts';
import { VcdTrace } from '../debug/trace/vcd.ts';
import type { Wrap } from '../session/system.ts';
import type { PlannedGuest } from './machine-options.ts';
import { openOutput } from './output.ts';

const PIECE = 64 * 1024;
const VCD = /\.vcd$/i;

export interface OpenedTrace {
  readonly wrap: Wrap;
  /** Writes what is left. */
  close(): void;
}

export function openTrace(file: string, planned: readonly PlannedGuest[]): OpenedTrace {
  return VCD.test(file) ? openVcd(file, planned) : openChrome(file, planned);
}

function openChrome(file: string, planned: readonly PlannedGuest[]): OpenedTrace {
  const output = buffered(file);
  output.write(CHROME_START);
  const room = { events: MOST_EVENTS };
  const sinks: TraceSink[] = [];
  return {
    wrap: (executor, guest, index) =>
      traced(executor, guest, ({ name, states }) => {
        const { symbols } = (planned[index] as PlannedGuest).named;
        const { write } = output;
        const sink = new ChromeTrace({ write, process: index + 1, name, harts: states.length, symbols, room });
        sinks.push(sink);
        return sink;
      }),
    close: () => {
      for (const sink of sinks) sink.close();
      output.write(CHROME_END);
      output.close();
      if (room.events < 0)
        process.stderr.write(`trapeze: ${file} has the first ${MOST_EVENTS} events; there were more\n`);
    },
  };
}

function openVcd(file: string, planned: readonly PlannedGuest[]): OpenedTrace {
  const opened = planned.map(({ name }) => buffered(planned.length > 1 ? file.replace(VCD, `-${name}.vcd`) : file));
  const sinks: TraceSink[] = [];
  return {
    wrap: (executor, guest, index) =>
      traced(executor, guest, ({ name, states }) => {
        const { write } = opened[index] as { write: (text: string) => void };
        const sink = new VcdTrace({ write, name, states });
        sinks.push(sink);
        return sink;
      }),
    close: () => {
      for (const sink of sinks) sink.close();
      for (const output of opened) output.close();
    },
  };
}

/** A file that is written a piece at a time. */
function buffered(file: string) {
  const output = openOutput('--trace', file);
  let piece = '';
  const flush = () => {
    output.write(piece);
    piece = '';
  };
  return {
    write: (text: string) => {
      piece += text;
      if (piece.length >= PIECE) flush();
    },
    close: () => {
      flush();
      output.close();
    },
  };
}
