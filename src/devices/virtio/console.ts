// A virtio console with a single port (VirtIO 1.2, "Console Device"): what the guest sends is shown at once, and what is
// typed goes into the buffers that it offers, as much as there is. Left out: several ports, the size of the terminal,
// and output before a driver has set the device up.

import type { ConsoleInput } from '../console-input.ts';
import type { Chain } from './chain.ts';
import type { Answer, VirtioModel } from './model.ts';

const DEVICE_ID = 3;
const RECEIVE = 0;
const CONFIG_BYTES = 12;
/** No driver sends more in one request. */
const MOST_SENT = 0x10_0000;
const MOST_TYPED = 4096;

export interface ConsoleHands {
  readonly output: (byte: number) => void;
  readonly input: ConsoleInput;
}

export class ConsoleDevice implements VirtioModel {
  readonly deviceId = DEVICE_ID;
  readonly features = [];
  readonly queues = 2;
  readonly latency = 0;
  readonly config = new Uint8Array(CONFIG_BYTES);
  onReady: (queue: number) => void = () => {};
  private readonly hands: ConsoleHands;

  constructor(hands: ConsoleHands) {
    this.hands = hands;
  }

  /** A byte was typed. */
  inputArrived(): void {
    this.onReady(RECEIVE);
  }

  answer(queue: number, { readable, writable }: Chain): Answer {
    return queue === RECEIVE ? this.receive(writable) : this.transmit(readable);
  }

  private receive(to: Chain['writable']): Answer {
    if (to.bytes === 0) return 'broken';
    const typed: number[] = [];
    while (typed.length < Math.min(to.bytes, MOST_TYPED)) {
      const byte = this.hands.input.take();
      if (byte === undefined) break;
      typed.push(byte);
    }
    if (typed.length === 0) return 'later';
    to.write(0, Uint8Array.from(typed));
    return { written: typed.length, moved: typed.length };
  }

  private transmit(from: Chain['readable']): Answer {
    if (from.bytes > MOST_SENT) return 'broken';
    for (const byte of from.read(0, from.bytes)) this.hands.output(byte);
    return { written: 0, moved: from.bytes };
  }
}
