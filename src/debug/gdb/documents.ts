// The XML documents that GDB asks for, and the parts in which it does (qXfer): the registers, the map of memory, and
// the threads. Left out: libraries and the auxiliary vector, which are an operating system's to tell.

import { number } from './hexadecimal.ts';
import { LONGEST_PACKET } from './packets.ts';
import { targetDescription } from './registers.ts';
import type { Threads } from './threads.ts';

/** Virtual addresses are anywhere; what is not mapped is found when it is read. */
const MEMORY_MAP = `<?xml version="1.0"?>
<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
<memory-map><memory type="ram" start="0x0" length="0xffffffffffffffff"/></memory-map>
`;
/** Characters of a document in one packet; each may be escaped. */
const MOST_PART = LONGEST_PACKET / 2 - 8;
const ERROR = { argument: 'E16', annex: 'E00' } as const;

/** @param text `OBJECT:read:ANNEX:OFFSET,LENGTH`, of a qXfer packet. */
export function transfer(threads: Threads, text: string): string {
  const [object, action, annex, range] = text.split(':');
  if (action !== 'read') return '';
  const [offset, length] = (range ?? '').split(',').map(number);
  if (offset === undefined || length === undefined) return ERROR.argument;
  const document = documentOf(threads, object, annex);
  if (document === undefined) return object === 'features' ? ERROR.annex : '';
  const part = document.slice(Number(offset), Number(offset) + Math.min(Number(length), MOST_PART));
  return (Number(offset) + part.length < document.length ? 'm' : 'l') + part;
}

function documentOf(threads: Threads, object: string | undefined, annex: string | undefined): string | undefined {
  if (object === 'features') return annex === 'target.xml' ? targetDescription() : undefined;
  if (object === 'memory-map') return MEMORY_MAP;
  if (object !== 'threads') return undefined;
  const lines = threads
    .alive()
    .map(
      (thread) =>
        `<thread id="${threads.idOf(thread)}" core="${thread.hart}" name="${escaped(threads.describe(thread))}"/>`,
    );
  return `<?xml version="1.0"?>\n<threads>\n${lines.join('\n')}\n</threads>\n`;
}

const escaped = (text: string) => text.replaceAll(/[<>&"']|[^ -~]/g, '_');
