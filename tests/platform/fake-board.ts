// A board around plain state blocks and an array as RAM: all that devices, SBI and boot need, without a machine.

import { PrivilegedState } from '../../isa/state.ts';
import { ConsoleInput } from '../../src/devices/console-input.ts';
import type { Width } from '../../src/devices/device.ts';
import { Board, type BoardOptions } from '../../src/platform/board.ts';
import { RAM_BASE } from '../../src/platform/memory-map.ts';
import { inRam, type Ram } from '../../src/platform/ram.ts';

export class FakeRam implements Ram {
  readonly base = RAM_BASE;
  readonly bytes: number;
  readonly array: Uint8Array;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.array = new Uint8Array(bytes);
  }
  read(address: bigint, width: Width): bigint {
    return this.copyOut(address, width).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }
  write(address: bigint, width: Width, value: bigint): void {
    this.copyIn(
      address,
      Uint8Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)),
    );
  }
  copyIn(address: bigint, data: Uint8Array): void {
    if (!inRam(this, address, data.length)) throw new Error(`a write at ${address} outside RAM`);
    this.array.set(data, Number(address - this.base));
  }
  copyOut(address: bigint, bytes: number): Uint8Array {
    if (!inRam(this, address, bytes)) throw new Error(`a read at ${address} outside RAM`);
    const start = Number(address - this.base);
    return this.array.slice(start, start + bytes);
  }
  clear(): void {
    this.array.fill(0);
  }
}

export interface FakeOptions {
  readonly harts?: number;
  readonly ramBytes?: number;
  /** A script; without one the console is live. */
  readonly typed?: string;
  readonly replay?: NonNullable<BoardOptions['replay']>;
  readonly disks?: BoardOptions['disks'];
  readonly terminal?: BoardOptions['terminal'];
  readonly seed?: bigint;
}

const MEBIBYTE = 1024 * 1024;

export function fakeBoard({ harts: count = 1, ramBytes = MEBIBYTE, typed, replay, ...virtio }: FakeOptions = {}) {
  const harts = Array.from({ length: count }, (_, index) => {
    const state = new PrivilegedState();
    state.reset(index, RAM_BASE);
    return state;
  });
  const ram = new FakeRam(ramBytes);
  const input = typed === undefined ? new ConsoleInput() : ConsoleInput.script(new TextEncoder().encode(typed));
  const output: number[] = [];
  const console = { input, output: (byte: number) => output.push(byte) };
  const board = new Board({ harts, ram, console, ...(replay === undefined ? {} : { replay }), ...virtio });
  const hart = harts[0] as PrivilegedState;
  return { board, hart, harts, ram, input, text: () => String.fromCharCode(...output) };
}
