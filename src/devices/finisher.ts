// SiFive's test finisher, which QEMU's virt board has for powering off: one register, whose low half says how the run
// ends and whose high half is the code of a failure; one value starts the guest again.

import type { Device, RegisterView, Width } from './device.ts';

const STATUS = { fail: 0x3333, pass: 0x5555, reset: 0x7777 } as const;
const HALF = 0xffff;
const HALF_BITS = 16;
const WINDOW_BYTES = 0x1000;

export interface FinisherHands {
  readonly exit: (code: number) => void;
  readonly restart: () => void;
}

export class Finisher implements Device {
  readonly name = 'finisher';
  readonly size = WINDOW_BYTES;
  private readonly hands: FinisherHands;

  constructor(hands: FinisherHands) {
    this.hands = hands;
  }

  accepts(_offset: number, width: Width): boolean {
    return width === 2 || width === 4;
  }
  read(): bigint {
    return 0n;
  }
  registers(): readonly RegisterView[] {
    return [{ name: 'status', offset: 0, width: 4, value: this.read(), writeOnly: true }];
  }
  write(offset: number, _width: Width, value: bigint): void {
    if (offset !== 0) return;
    const status = Number(value & BigInt(HALF));
    if (status === STATUS.fail) this.hands.exit(Number(value >> BigInt(HALF_BITS)) & HALF);
    if (status === STATUS.pass) this.hands.exit(0);
    if (status === STATUS.reset) this.hands.restart();
  }
}
