// The UART as a driver finds it: registers, interrupts, and the rule by which typed bytes arrive.

import { describe, expect, test } from 'vitest';
import { ConsoleInput, END_OF_INPUT } from '../../src/devices/console-input.ts';
import { Uart } from '../../src/devices/uart.ts';

const DATA = 0;
const IER = 1;
const IIR = 2;
const FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;
const DATA_READY = 0x01;
const EMPTY = 0x60;

function harness(typed = '') {
  const written: number[] = [];
  const wire = { level: false };
  const input = ConsoleInput.script(new TextEncoder().encode(typed));
  const uart = new Uart({
    interrupt: (level) => {
      wire.level = level;
    },
    output: (byte) => written.push(byte),
    input,
  });
  return {
    uart,
    wire,
    input,
    read: (offset: number) => Number(uart.read(offset)),
    write: (offset: number, byte: number) => uart.write(offset, 1, BigInt(byte)),
    output: () => String.fromCharCode(...written),
  };
}

describe('registers', () => {
  test('after reset they read as on QEMU', () => {
    const { read } = harness();
    expect([IER, IIR, LCR, MCR, LSR, MSR, SCR].map(read)).toEqual([0, 0x01, 0, 0x08, EMPTY | DATA_READY, 0xb0, 0]);
  });
  test('what is written to the data register is sent at once', () => {
    const { write, read, output } = harness();
    for (const char of 'hi') write(DATA, char.charCodeAt(0));
    expect(output()).toBe('hi');
    expect(read(LSR) & EMPTY).toBe(EMPTY);
  });
  test('LCR.DLAB shows the divisor in place of data and IER', () => {
    const { write, read, output } = harness();
    write(LCR, 0x80);
    expect([read(DATA), read(IER)]).toEqual([0x0c, 0]);
    write(DATA, 0x34);
    write(IER, 0x12);
    expect([read(DATA), read(IER)]).toEqual([0x34, 0x12]);
    write(LCR, 0x03);
    expect(read(IER)).toBe(0);
    expect(output()).toBe('');
  });
  test('scratch keeps what is written, IER its low half, MCR five bits, LSR and MSR nothing', () => {
    const { write, read } = harness();
    for (const offset of [SCR, IER, MCR, LSR, MSR]) write(offset, 0xff);
    expect([read(SCR), read(IER)]).toEqual([0xff, 0x0f]);
    expect(read(MCR)).toBe(0x1f);
    write(MCR, 0);
    expect([read(LSR) & ~DATA_READY, read(MSR)]).toEqual([EMPTY, 0xb0]);
  });
  test('IIR says whether the FIFOs are on', () => {
    const { write, read } = harness();
    write(FCR, 0x01);
    expect(read(IIR)).toBe(0xc1);
    write(FCR, 0x00);
    expect(read(IIR)).toBe(0x01);
  });
  test('in loopback modem outputs are inputs, and a sent byte is received instead of shown', () => {
    const { write, read, output } = harness('x');
    write(MCR, 0x1a);
    expect(read(MSR)).toBe(0x90);
    write(DATA, 0x5a);
    expect(read(LSR) & DATA_READY).toBe(DATA_READY);
    expect(read(DATA)).toBe(0x5a);
    expect(output()).toBe('');
  });
});

describe('interrupts', () => {
  test('turning the transmit interrupt on reports an empty transmitter, reading IIR acknowledges it', () => {
    const { write, read, wire } = harness();
    write(IER, 0x02);
    expect(wire.level).toBe(true);
    expect(read(IIR)).toBe(0x02);
    expect(wire.level).toBe(false);
    expect(read(IIR)).toBe(0x01);
    write(DATA, 0x41);
    expect(wire.level).toBe(true);
  });
  test('turning the transmit interrupt off withdraws it', () => {
    const { write, wire } = harness();
    write(IER, 0x02);
    write(IER, 0x00);
    expect(wire.level).toBe(false);
  });
  test('received data goes before an empty transmitter, and lasts until the byte is read', () => {
    const { write, read, wire } = harness();
    write(IER, 0x03);
    expect(read(IIR)).toBe(0x04);
    expect(read(IIR)).toBe(0x04);
    expect(read(DATA)).toBe(END_OF_INPUT);
    expect(read(IIR)).toBe(0x02);
    expect(wire.level).toBe(false);
  });
  test('below a higher trigger level a byte is reported as a character timeout', () => {
    const { write, read } = harness();
    write(FCR, 0x81);
    write(IER, 0x01);
    expect(read(IIR)).toBe(0xcc);
    write(FCR, 0x01);
    expect(read(IIR)).toBe(0xc4);
  });
});

describe('input', () => {
  const typedUntilEnd = ({ read }: ReturnType<typeof harness>) => {
    const bytes: number[] = [];
    while (read(LSR) & DATA_READY) bytes.push(read(DATA));
    return bytes;
  };

  test('a guest that does not listen receives nothing', () => {
    const { read } = harness('a');
    expect(read(DATA)).toBe(0);
    expect(read(IIR)).toBe(0x01);
  });
  test('a guest that polls receives every byte in order, then Ctrl-D once', () => {
    const h = harness('ab');
    expect(typedUntilEnd(h)).toEqual([0x61, 0x62, END_OF_INPUT]);
  });
  test('a guest that enables receive interrupts is interrupted for each byte', () => {
    const { write, read, wire } = harness('ab');
    write(IER, 0x01);
    const bytes: number[] = [];
    while (wire.level) bytes.push(read(DATA));
    expect(bytes).toEqual([0x61, 0x62, END_OF_INPUT]);
  });
  test('resetting the receive FIFO ends the polling, and drops no byte that was typed', () => {
    const h = harness('ab');
    expect(h.read(LSR) & DATA_READY).toBe(DATA_READY);
    h.write(FCR, 0x07);
    expect(h.read(DATA)).toBe(0);
    expect(typedUntilEnd(h)).toEqual([0x61, 0x62, END_OF_INPUT]);
  });
  test('a live byte reaches a guest that listens when it arrives', () => {
    const written: number[] = [];
    const input = new ConsoleInput();
    const wire = { level: false };
    const uart = new Uart({
      interrupt: (level) => {
        wire.level = level;
      },
      output: (byte) => written.push(byte),
      input,
    });
    input.onArrival = () => uart.inputArrived();
    uart.write(IER, 1, 1n);
    expect(wire.level).toBe(false);
    input.push(0x7a);
    expect(wire.level).toBe(true);
    expect(uart.read(DATA)).toBe(0x7an);
    expect(input.open).toBe(true);
    input.end();
    input.push(0x7a);
    expect(uart.read(DATA)).toBe(BigInt(END_OF_INPUT));
    expect(wire.level).toBe(false);
    expect(input.open).toBe(false);
  });
  test('firmware takes what the receiver holds before what comes next', () => {
    const { uart, read } = harness('ab');
    read(LSR);
    expect([uart.takeTyped(), uart.takeTyped()]).toEqual([0x61, 0x62]);
    expect([uart.takeTyped(), uart.takeTyped()]).toEqual([END_OF_INPUT, undefined]);
  });
});
