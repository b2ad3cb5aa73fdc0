// The SBI's console: DBCN, which reads and writes buffers in RAM, and the two legacy calls for one character.
// A call moves at most a page, as the specification lets it ("may write fewer"), so that no call takes long.

import { answer, type Call, type Reply, SbiError } from './sbi-call.ts';

const DebugConsole = { write: 0, read: 1, writeByte: 2 } as const;
const LARGEST_TRANSFER = 4096n;
const BYTE = 0xff;
const NO_CHARACTER = -1;

export function debugConsole(call: Call): Reply {
  const { board, number } = call;
  switch (number) {
    case DebugConsole.write: {
      const buffer = bufferOf(call);
      if (buffer === undefined) return SbiError.InvalidParameter;
      for (const byte of board.ram.copyOut(buffer.address, buffer.bytes)) board.console.output(byte);
      return answer(buffer.bytes);
    }
    case DebugConsole.read: {
      const buffer = bufferOf(call);
      return buffer === undefined ? SbiError.InvalidParameter : answer(readInto(call, buffer));
    }
    case DebugConsole.writeByte:
      board.console.output(call.argumentHalf(0, 0) & BYTE);
      return answer(0);
    default:
      return SbiError.NotSupported;
  }
}

interface Buffer {
  readonly address: bigint;
  readonly bytes: number;
}

/** The buffer that a0 to a2 describe, all of which must lie in RAM; of a long one, its beginning. */
function bufferOf(call: Call): Buffer | undefined {
  const length = call.argument(0);
  const address = call.argument(1);
  const addressHigh = call.argument(2);
  const { base, bytes } = call.board.ram;
  if (addressHigh !== 0n || address < base || address + length > base + BigInt(bytes)) return undefined;
  return { address, bytes: Number(length < LARGEST_TRANSFER ? length : LARGEST_TRANSFER) };
}

function readInto({ board }: Call, { address, bytes }: Buffer): number {
  const typed: number[] = [];
  while (typed.length < bytes) {
    const byte = board.uart.takeTyped();
    if (byte === undefined) break;
    typed.push(byte);
  }
  if (typed.length > 0) board.ram.copyIn(address, Uint8Array.from(typed));
  return typed.length;
}

export function putCharacter(call: Call): number {
  call.board.console.output(call.argumentHalf(0, 0) & BYTE);
  return 0;
}

export function getCharacter({ board }: Call): number {
  return board.uart.takeTyped() ?? NO_CHARACTER;
}
