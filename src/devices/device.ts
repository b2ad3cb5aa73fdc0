// What every device model is: a window of registers that a bus reads and writes, and events that come due later.
// A device knows offsets in its own window and the narrow hands that its constructor was given; never an address, a
// hart or a virtual machine. Left out: bursts and ordering, which no guest of ours can observe.

/** Bytes of one access; the bus only passes on accesses that are aligned to it. */
export type Width = 1 | 2 | 4 | 8;

export type Access = 'read' | 'write';

/** Bytes of an access whose value is a number. */
export type WordWidth = Exclude<Width, 8>;

/** A register as whoever looks at the device sees it, who is no driver: looking has none of the effects of a read. */
export interface RegisterView {
  /** The manual's name; an array's registers have their number: `priority[10]`. */
  readonly name: string;
  /** In the device's window. */
  readonly offset: number;
  readonly width: Width;
  /** What a read yields now; of a register that only takes writes, what it holds, zero where it holds nothing. */
  readonly value: bigint;
  readonly writeOnly?: boolean;
}

export interface Device {
  /** Unique on its board: events and logs name the device by it. */
  readonly name: string;
  /** Bytes of its window. */
  readonly size: number;
  /** Whether the device answers an aligned access of this width here; the bus faults the others. */
  accepts(offset: number, width: Width, access: Access): boolean;
  /** An access that the device accepts. Zero-extended. Never throws, whatever the guest does. */
  read(offset: number, width: Width): bigint;
  /** An access that the device accepts; bits above the width are to be ignored. Never throws. */
  write(offset: number, width: Width, value: bigint): void;
  /**
   * The same for at most four bytes, as a number: without a bigint on the way, where a device is asked often. A device
   * has both or neither.
   */
  readWord?(offset: number, width: WordWidth): number;
  writeWord?(offset: number, width: WordWidth, value: number): void;
  /** All its registers, by offset. Changes nothing. */
  registers(): readonly RegisterView[];
  /** An event that this device scheduled is due. */
  handle?(kind: string, payload: number): void;
}

/** The event queue as a device sees it: one event of each kind and payload, in board steps. */
export interface Scheduler {
  /** Sets when the event comes; a step that is not ahead comes before the next instruction. */
  schedule(step: number, kind: string, payload: number): void;
  cancel(kind: string, payload: number): void;
}
