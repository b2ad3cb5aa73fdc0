// The 16550A UART as QEMU models it: what a driver can tell of its registers, FIFO bits and interrupts is the same.
// Transmission takes no time. Input follows one rule, which makes a run a function of what is typed: a byte is
// received when the receiver is empty and the guest listens. Left out: baud rates, breaks, errors, modem lines.
// The board's interrupt controller takes the edges of its wire, as QEMU's does: a driver that never reads IIR (older
// versions of xv6) would else be interrupted for ever by an empty transmitter.

import type { ConsoleInput } from './console-input.ts';
import type { Device, RegisterView } from './device.ts';

/** Offsets; the first two reach the divisor latch instead while LCR.DLAB is set. */
const REGISTER = { DATA: 0, IER: 1, IIR_FCR: 2, LCR: 3, MCR: 4, LSR: 5, MSR: 6, SCR: 7 } as const;
/** What a read finds at each offset. */
const NAMES = ['RBR', 'IER', 'IIR', 'LCR', 'MCR', 'LSR', 'MSR', 'SCR'] as const;
const WINDOW_BYTES = 8;

/** Line status and modem status could interrupt too, but nothing here changes them. */
const IER = { receive: 0x01, transmit: 0x02, all: 0x0f } as const;
/** What IIR says. */
const IIR = { timeout: 0x0c, receive: 0x04, transmit: 0x02, none: 0x01, fifos: 0xc0 } as const;
const FCR = { enable: 0x01, resetReceive: 0x02, resetTransmit: 0x04, trigger: 0xc0 } as const;
const LCR_DLAB = 0x80;
const MCR = { DTR: 0x01, RTS: 0x02, outputs: 0x0c, OUT2: 0x08, loopback: 0x10, all: 0x1f } as const;
const LSR = { dataReady: 0x01, transmitterEmpty: 0x60 } as const;
/** Carrier, data set ready, clear to send. */
const MSR_CONNECTED = 0xb0;
const BYTE = 0xff;
const BYTE_BITS = 8;
/** QEMU's divisor at reset, of 9600 baud. */
const RESET_DIVISOR = 0x0c;

export interface UartHands {
  readonly interrupt: (level: boolean) => void;
  readonly output: (byte: number) => void;
  readonly input: ConsoleInput;
}

export class Uart implements Device {
  readonly name = 'uart';
  readonly size = WINDOW_BYTES;
  private readonly hands: UartHands;
  private ier = 0;
  private fcr = 0;
  private lcr = 0;
  private mcr: number = MCR.OUT2;
  private scr = 0;
  private divisor = RESET_DIVISOR;
  /** The byte received last, and whether it is still to be read. */
  private receiver = 0;
  private dataReady = false;
  /** The byte in the receiver was typed, not looped back. */
  private typed = false;
  /** The transmitter became empty, which IER.transmit reports until IIR is read or a byte is written. */
  private transmitterEmptied = false;
  /** The guest has polled the line status since its last reset of the receive FIFO. */
  private polled = false;

  constructor(hands: UartHands) {
    this.hands = hands;
  }

  /** Every width reaches the byte at the offset, as on QEMU. */
  accepts(): boolean {
    return true;
  }

  read(offset: number): bigint {
    return BigInt(this.readWord(offset));
  }
  write(offset: number, _width: unknown, value: bigint): void {
    this.writeWord(offset, 1, Number(value & BigInt(BYTE)));
  }

  readWord(offset: number): number {
    switch (offset) {
      case REGISTER.DATA:
        return this.latch ? this.shown(offset) : this.receive();
      case REGISTER.IIR_FCR:
        return this.identifyInterrupt();
      case REGISTER.LSR:
        this.polled = true;
        this.listen();
        return this.shown(offset);
      default:
        return this.shown(offset);
    }
  }
  /** What is typed and not yet received does not show: it is a read of the line status that lets it in. */
  registers(): readonly RegisterView[] {
    const latched = ['DLL', 'DLM'];
    return [
      ...NAMES.map((name, offset): RegisterView => {
        const shown = (this.latch ? latched[offset] : undefined) ?? name;
        return { name: shown, offset, width: 1, value: BigInt(this.shown(offset)) };
      }),
      { name: 'FCR', offset: REGISTER.IIR_FCR, width: 1, value: BigInt(this.fcr), writeOnly: true },
    ];
  }
  /** What a register holds: a read, without what it does. */
  private shown(offset: number): number {
    switch (offset) {
      case REGISTER.DATA:
        return this.latch ? this.divisor & BYTE : this.received;
      case REGISTER.IER:
        return this.latch ? this.divisor >> BYTE_BITS : this.ier;
      case REGISTER.IIR_FCR:
        return this.source() | (this.fifosEnabled ? IIR.fifos : 0);
      case REGISTER.LCR:
        return this.lcr;
      case REGISTER.MCR:
        return this.mcr;
      case REGISTER.LSR:
        return LSR.transmitterEmpty | (this.dataReady ? LSR.dataReady : 0);
      case REGISTER.MSR:
        return this.loopback ? loopedBack(this.mcr) : MSR_CONNECTED;
      case REGISTER.SCR:
        return this.scr;
      default:
        return 0;
    }
  }

  writeWord(offset: number, _width: unknown, value: number): void {
    const byte = value & BYTE;
    switch (offset) {
      case REGISTER.DATA:
        if (this.latch) this.divisor = (this.divisor & ~BYTE) | byte;
        else this.transmit(byte);
        break;
      case REGISTER.IER:
        if (this.latch) this.divisor = (this.divisor & BYTE) | (byte << BYTE_BITS);
        else this.enableInterrupts(byte & IER.all);
        break;
      case REGISTER.IIR_FCR:
        this.controlFifos(byte);
        break;
      case REGISTER.LCR:
        this.lcr = byte;
        break;
      case REGISTER.MCR:
        this.mcr = byte & MCR.all;
        this.listen();
        break;
      case REGISTER.SCR:
        this.scr = byte;
        break;
    }
  }

  /** A byte was typed. */
  inputArrived(): void {
    this.listen();
  }
  /** Another takes its place: what was received and not read is typed at that one. */
  unplug(): void {
    this.empty();
  }
  /** The next typed byte, as firmware reads it for a guest that asks the SBI; undefined while there is none. */
  takeTyped(): number | undefined {
    if (!this.dataReady) return this.hands.input.take();
    return this.receive();
  }

  private get latch(): boolean {
    return (this.lcr & LCR_DLAB) !== 0;
  }
  private get loopback(): boolean {
    return (this.mcr & MCR.loopback) !== 0;
  }
  private get fifosEnabled(): boolean {
    return (this.fcr & FCR.enable) !== 0;
  }

  /** The rule of input: one byte is offered when the receiver is empty and the guest listens. */
  private listen(): void {
    const listens = this.polled || (this.ier & IER.receive) !== 0;
    if (listens && !this.dataReady && !this.loopback) {
      const byte = this.hands.input.take();
      if (byte !== undefined) this.fill(byte, true);
    }
    this.drive();
  }
  /** Drops what the receiver holds. What was typed comes again: it was not typed at a driver that is still probing. */
  private empty(): void {
    if (this.dataReady && this.typed) this.hands.input.putBack(this.receiver);
    this.dataReady = false;
  }
  private fill(byte: number, typed: boolean): void {
    this.empty();
    this.pulse();
    this.receiver = byte;
    this.dataReady = true;
    this.typed = typed;
  }

  /** An empty FIFO reads as zero, the one-byte buffer as what it held last. */
  private get received(): number {
    return this.dataReady || !this.fifosEnabled ? this.receiver : 0;
  }
  private receive(): number {
    const byte = this.received;
    this.dataReady = false;
    this.listen();
    return byte;
  }

  private transmit(byte: number): void {
    if (this.loopback) this.fill(byte, false);
    else this.hands.output(byte);
    this.pulse();
    this.transmitterEmptied = true;
    this.drive();
  }

  private enableInterrupts(ier: number): void {
    // Turning the transmitter's interrupt on reports an empty transmitter, even if that was reported before.
    if ((this.ier ^ ier) & IER.transmit) this.transmitterEmptied = (ier & IER.transmit) !== 0;
    if (this.ier !== ier) this.pulse();
    this.ier = ier;
    this.listen();
  }

  private controlFifos(fcr: number): void {
    const toggled = ((this.fcr ^ fcr) & FCR.enable) !== 0;
    this.fcr = fcr & (FCR.enable | FCR.trigger);
    if (toggled || fcr & FCR.resetReceive) {
      this.polled = false;
      this.empty();
    }
    if (toggled || fcr & FCR.resetTransmit) this.transmitterEmptied = true;
    this.listen();
  }

  /** Reads IIR, which also acknowledges the transmitter's interrupt if that is what it reports. */
  private identifyInterrupt(): number {
    const identified = this.shown(REGISTER.IIR_FCR);
    if (this.source() === IIR.transmit) {
      this.transmitterEmptied = false;
      this.drive();
    }
    return identified;
  }
  private source(): number {
    if (this.ier & IER.receive && this.dataReady) {
      // One byte reaches no higher trigger level than the lowest: there it is the character timeout that reports it.
      return this.fifosEnabled && this.fcr & FCR.trigger ? IIR.timeout : IIR.receive;
    }
    return this.ier & IER.transmit && this.transmitterEmptied ? IIR.transmit : IIR.none;
  }
  /** Each new cause is an edge, also where an older one, that the driver has not looked at, still holds the wire. */
  private pulse(): void {
    this.hands.interrupt(false);
  }
  private drive(): void {
    this.hands.interrupt(this.source() !== IIR.none);
  }
}

/** In loopback the modem's outputs are its inputs: OUT2 and OUT1 as carrier and ring, RTS and DTR as CTS and DSR. */
function loopedBack(mcr: number): number {
  return ((mcr & MCR.outputs) << 4) | ((mcr & MCR.RTS) << 3) | ((mcr & MCR.DTR) << 5);
}
