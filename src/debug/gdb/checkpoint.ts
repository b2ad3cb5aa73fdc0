// A guest's whole state at one step, kept in memory: the words of its harts, its RAM page by page (a page that has not
// changed since the checkpoint before is kept once for both), and every object that its board is made of. Objects are
// found by walking, so a new device needs no code here. Left out: what is derived from all that, translations and
// shadow page tables among it, which follow when RAM and words are written back.

import type { PrivilegedState } from '../../../isa/state.ts';
import type { DebuggedGuest } from './guest.ts';

const PAGE_BYTES = 4096;
type Pages = ReadonlyMap<number, Uint32Array>;

export interface Checkpoint {
  /** The steps that the guest had taken, and the inputs that it had been given. */
  readonly position: number;
  readonly inputs: number;
  /** Console bytes that it had written. */
  readonly written: number;
  readonly words: readonly BigUint64Array[];
  readonly pages: Pages;
  /** Bytes of those that the checkpoint before it does not share. */
  readonly freshBytes: number;
  readonly objects: readonly (() => void)[];
}

/** @param before the checkpoint whose unchanged pages are shared. */
export function takeCheckpoint(
  guest: DebuggedGuest,
  at: Pick<Checkpoint, 'position' | 'inputs' | 'written'>,
  before: Checkpoint | undefined,
): Checkpoint {
  const pages = new Map<number, Uint32Array>();
  let freshBytes = 0;
  for (const frame of frames(guest)) {
    const now = page(guest, frame);
    const then = before?.pages.get(frame);
    const isShared = then !== undefined && equal(now, then);
    pages.set(frame, isShared ? then : now);
    if (!isShared) freshBytes += PAGE_BYTES;
  }
  return { ...at, words: guest.states.map(({ words }) => words.slice()), pages, freshBytes, objects: capture(guest) };
}

/** Puts a guest back where it was. */
export function restoreCheckpoint(guest: DebuggedGuest, { words, pages, objects }: Checkpoint): void {
  const { ram } = guest.board;
  const write = (frame: number, data: Uint32Array) =>
    ram.copyIn(ram.base + BigInt(frame * PAGE_BYTES), new Uint8Array(data.buffer));
  const zeros = new Uint32Array(PAGE_BYTES / Uint32Array.BYTES_PER_ELEMENT);
  const present = new Set(frames(guest));
  for (const frame of present) if (!pages.has(frame)) write(frame, zeros);
  for (const [frame, data] of pages) if (!present.has(frame) || !equal(page(guest, frame), data)) write(frame, data);
  guest.vm?.ledger.update();
  for (const putBack of objects) putBack();
  for (const [hart, state] of guest.states.entries()) restoreWords(state, words[hart] as BigUint64Array);
}

/** Word by word, so that whoever derived something from one hears of it. */
function restoreWords(state: PrivilegedState, words: BigUint64Array): void {
  for (const [index, value] of words.entries()) state.setWord(index, value);
}

/** Bytes of pages that these checkpoints hold together. */
export function pageBytes(checkpoints: readonly Checkpoint[]): number {
  return new Set(checkpoints.flatMap(({ pages }) => [...pages.values()])).size * PAGE_BYTES;
}

/** Frames of RAM, counted from its start, that are not all zeros. */
function frames({ vm, hardware, board }: DebuggedGuest): readonly number[] {
  return vm?.ram.frames() ?? hardware.frames(board.ram.base as Parameters<typeof hardware.frames>[0], board.ram.bytes);
}
const page = ({ board: { ram } }: DebuggedGuest, frame: number) =>
  new Uint32Array(ram.copyOut(ram.base + BigInt(frame * PAGE_BYTES), PAGE_BYTES).buffer);

function equal(one: Uint32Array, other: Uint32Array): boolean {
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}

/** What puts back each object that the board reaches, the ledger, and whose turn it is. */
function capture({ board, states, interleaver, vm }: DebuggedGuest): (() => void)[] {
  vm?.ledger.update();
  const seen = new Set<object>([...states, board.ram]);
  const found: (() => void)[] = [captureOwn(interleaver, (value) => typeof value !== 'object')];
  const waiting: unknown[] = [board, vm?.ledger ?? null];
  for (let value = waiting.pop(); value !== undefined || waiting.length > 0; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    found.push(captureObject(value, waiting));
  }
  return found;
}

function captureObject(object: object, waiting: unknown[]): () => void {
  if (Array.isArray(object)) {
    const items = object.slice();
    for (const item of items) waiting.push(item ?? null);
    return () => {
      object.length = 0;
      for (const item of items) object.push(item);
    };
  }
  if (ArrayBuffer.isView(object)) {
    const live = new Uint8Array(object.buffer, object.byteOffset, object.byteLength);
    const bytes = live.slice();
    return () => live.set(bytes);
  }
  if (object instanceof Map) {
    const entries = [...object];
    for (const [, value] of entries) waiting.push(value ?? null);
    return () => {
      object.clear();
      for (const [key, value] of entries) object.set(key, value);
    };
  }
  if (object instanceof Set) {
    const values = [...object];
    return () => {
      object.clear();
      for (const value of values) object.add(value);
    };
  }
  for (const value of Object.values(object)) waiting.push(value ?? null);
  return captureOwn(object, () => true);
}

/** An object's own values, of those that `isKept` takes. */
function captureOwn(object: object, isKept: (value: unknown) => boolean): () => void {
  const live = object as Record<string, unknown>; // its own properties, by name
  const entries = Object.entries(live).filter(([, value]) => isKept(value));
  return () => {
    for (const [key, value] of entries) live[key] = value;
  };
}
