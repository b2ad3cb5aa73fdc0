// Pre-decoded instructions, by frame: which frames have records, and decoding as control first comes to an
// instruction. A frame's records go with the bytes that they were decoded from; a pool bounds them all.

import type { Decoded } from '../../../isa/decode.ts';
import { instructionBytes, isPresent } from '../../../isa/decode.ts';
import { decodeOnce } from '../decode-once.ts';
import type { Memory } from '../memory.ts';
import {
  FRAME,
  FRAME_BYTES,
  FRAME_SHIFT,
  LINE_SHIFT,
  RAM_AT,
  RECORD_FRAME_BYTES,
  RECORD_FRAMES,
  RECORD_SHIFT,
  RECORDS_AT,
  RECORDS_PER_FRAME,
} from '../memory-map.ts';
import { HANDLERS } from './interpreter.ts';
import { Handler, RECORD, type RecordOf, writeIllegal, writeRecord } from './record.ts';

/** Instructions that are decoded at once at most. */
const AHEAD = 32;
const UNCONDITIONAL = new Set(['jal', 'jalr', 'mret', 'sret', 'ecall', 'ebreak']);
const NO_RECORDS = 0;

export interface RecordsOptions {
  readonly memory: Memory;
  /** How often control may arrive at an instruction before it is hot. */
  readonly heat: number;
  /** Index of the function that does an instruction without a handler; undefined where the reference does. */
  readonly systemFunction: (decoded: Decoded) => number | undefined;
  /** Whether the reference does whatever is at this offset of a frame. */
  readonly isAside: (offset: number) => boolean;
  /** Says that code was decoded from these lines of a frame. */
  readonly mark: (frame: number, lines: bigint) => void;
}

export class Records {
  private readonly options: RecordsOptions;
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  /** By frame, the place of its records or 0. */
  private readonly places: Uint32Array;
  /** Frames that have records, in the order of their places. */
  private readonly frames: number[] = [];

  constructor(options: RecordsOptions) {
    const { memory } = options;
    this.options = options;
    this.view = new DataView(memory.buffer);
    this.bytes = new Uint8Array(memory.buffer);
    this.places = new Uint32Array(memory.buffer, FRAME.records, memory.ramBytes >>> FRAME_SHIFT);
  }

  /** Gives a frame records, none of them decoded. False: there is no room. */
  allocate(frame: number): boolean {
    if (this.frames.length === RECORD_FRAMES) return false;
    const place = RECORDS_AT + this.frames.length * RECORD_FRAME_BYTES;
    this.frames.push(frame);
    this.places[frame] = place;
    this.bytes.fill(0, place, place + RECORD_FRAME_BYTES);
    const last = place + (RECORDS_PER_FRAME << RECORD_SHIFT);
    this.bytes[last + RECORD.handler] = Handler.NextPage;
    this.bytes[last + RECORD.plain] = Handler.NextPage;
    return true;
  }

  /** Takes all frames' records away. */
  clear(): void {
    for (const frame of this.frames.splice(0)) this.places[frame] = NO_RECORDS;
  }

  /** The place of the record of a frame's byte; undefined where the frame has no records. */
  at(frame: number, offset: number): number | undefined {
    const place = this.places[frame];
    return place === undefined || place === NO_RECORDS ? undefined : place + ((offset >>> 1) << RECORD_SHIFT);
  }

  /** The frame whose records are the `index`th. */
  frameOf(index: number): number | undefined {
    return this.frames[index];
  }

  /**
   * Decodes at a record's place, and on while control goes on from there.
   * @param extensions what the hart has; all that run code of this frame have the same.
   */
  decode(place: number, extensions: number): void {
    const index = Math.floor((place - RECORDS_AT) / RECORD_FRAME_BYTES);
    const frame = this.frames[index] as number; // whoever asks has a record of it
    const start = RECORDS_AT + index * RECORD_FRAME_BYTES;
    let offset = ((place - start) >>> RECORD_SHIFT) * 2;
    let lines = 0n;
    for (let count = 0; count < AHEAD && offset < FRAME_BYTES; count++) {
      const at = start + ((offset >>> 1) << RECORD_SHIFT);
      if (this.bytes[at + RECORD.handler] !== Handler.Undecoded) break;
      const decoded = this.decodeAt(frame, offset, at, extensions);
      lines |= 1n << BigInt(offset >>> LINE_SHIFT);
      const bytes = decoded?.bytes ?? 2;
      lines |= 1n << BigInt(Math.min(offset + bytes - 1, FRAME_BYTES - 1) >>> LINE_SHIFT);
      if (decoded === undefined || UNCONDITIONAL.has(decoded.instruction.name)) break;
      offset += bytes;
    }
    this.options.mark(frame, lines);
  }

  private decodeAt(frame: number, offset: number, at: number, extensions: number): Decoded | undefined {
    const place = RAM_AT + frame * FRAME_BYTES + offset;
    const low = this.view.getUint16(place, true);
    // Where its other half is another frame's, the reference fetches it.
    if ((instructionBytes(low) === 4 && offset + 2 === FRAME_BYTES) || this.options.isAside(offset)) {
      this.bytes[at + RECORD.handler] = Handler.Aside;
      this.bytes[at + RECORD.plain] = Handler.Aside;
      return undefined;
    }
    const bits = instructionBytes(low) === 2 ? low : this.view.getUint32(place, true);
    const found = decodeOnce(bits);
    const decoded = found && isPresent(found, extensions) ? found : undefined;
    if (decoded === undefined) writeIllegal(this.view, at, bits);
    else writeRecord(this.view, at, decoded, this.recordOf(decoded));
    return decoded;
  }

  private recordOf(decoded: Decoded): RecordOf {
    const { heat } = this.options;
    const handler = HANDLERS.get(decoded.instruction);
    if (handler !== undefined) return { handler, heat };
    const index = this.options.systemFunction(decoded);
    return index === undefined ? { handler: Handler.Aside, heat } : { handler: Handler.System, heat, function: index };
  }

  /** Bytes of a frame change: the records that were decoded from them go. */
  drop(frame: number, offset: number, bytes: number): void {
    const first = this.at(frame, Math.max(offset - 2, 0));
    const last = this.at(frame, offset + bytes - 1);
    if (first === undefined || last === undefined) return;
    for (let at = first; at <= last; at += 1 << RECORD_SHIFT) this.forget(at);
  }
  /** Whether an instruction in these bytes of a frame is decoded. */
  isDecoded(frame: number, offset: number, bytes: number): boolean {
    const first = this.at(frame, Math.max(offset - 2, 0));
    const last = this.at(frame, offset + bytes - 1);
    if (first === undefined || last === undefined) return false;
    for (let at = first; at <= last; at += 1 << RECORD_SHIFT) {
      if (this.bytes[at + RECORD.plain] !== Handler.Undecoded) return true;
    }
    return false;
  }
  /** Has the instruction of a record decoded anew when control next comes to it. */
  forget(at: number): void {
    this.bytes[at + RECORD.handler] = Handler.Undecoded;
    this.bytes[at + RECORD.plain] = Handler.Undecoded;
  }

  /** Has the interpreter look for a region at a record, or no longer; it takes long until it is found to be hot again. */
  setEntry(at: number, isEntry: boolean): void {
    const plain = this.bytes[at + RECORD.plain] as number;
    if (plain !== Handler.Undecoded) this.bytes[at + RECORD.handler] = isEntry ? Handler.Enter : plain;
    this.view.setUint16(at + RECORD.heat, 0, true);
  }
}
