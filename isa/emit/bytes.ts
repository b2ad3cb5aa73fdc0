// A buffer of bytes that grows, and numbers in it as WebAssembly writes them: seven bits a byte, the low ones first.
// The translator encodes modules while a guest waits for them, so numbers are bigints only where they must be.

const FIRST_CAPACITY = 256;
const GROUP_BITS = 7;
const GROUP = 0x7f;
const MORE = 0x80;
const SIGN = 0x40;
const SMALLEST = -0x4000_0000n;
const LARGEST = 0x3fff_ffffn;

export class Bytes {
  private buffer = new Uint8Array(FIRST_CAPACITY);
  length = 0;

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.length + bytes));
    grown.set(this.buffer);
    this.buffer = grown;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.room(1);
    this.buffer[this.length++] = value;
  }
  append(other: Bytes): void {
    this.appendArray(other.view());
  }
  appendArray(other: Uint8Array | readonly number[]): void {
    this.room(other.length);
    this.buffer.set(other, this.length);
    this.length += other.length;
  }
  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.unsigned(bytes.length);
    this.appendArray(bytes);
  }

  /** @param value below 2³². */
  unsigned(value: number): void {
    let left = value >>> 0;
    while (left > GROUP) {
      this.byte((left & GROUP) | MORE);
      left >>>= GROUP_BITS;
    }
    this.byte(left);
  }
  /** @param value a 32-bit number, signed or not. */
  signed(value: number): void {
    let left = value | 0;
    for (;;) {
      const group = left & GROUP;
      left >>= GROUP_BITS;
      if (left === (group & SIGN ? -1 : 0)) {
        this.byte(group);
        return;
      }
      this.byte(group | MORE);
    }
  }
  /** @param value a signed 64-bit number. */
  signed64(value: bigint): void {
    let left = value;
    while (left < SMALLEST || left > LARGEST) {
      this.byte(Number(left & BigInt(GROUP)) | MORE);
      left >>= BigInt(GROUP_BITS);
    }
    this.signed(Number(left));
  }

  /** A double's bits, the lowest byte first. */
  double(value: number): void {
    const bytes = new Uint8Array(Float64Array.BYTES_PER_ELEMENT);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.appendArray(bytes);
  }

  /** What was written, without a copy: valid until more is. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
  copy(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }
}
