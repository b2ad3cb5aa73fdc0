// Bytes that grow at the end and can be patched, little-endian as RISC-V is.

const FIRST_CAPACITY = 64;
const BITS_PER_BYTE = 8n;
const BYTE_MASK = 0xffn;

export class ByteBuffer {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array | readonly number[]): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The low `count` bytes of a value, lowest first. */
export function littleEndian(value: bigint | number, count: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(count * Number(BITS_PER_BYTE), BigInt(value));
  for (let i = 0; i < count; i++) {
    bytes.push(Number(rest & BYTE_MASK));
    rest >>= BITS_PER_BYTE;
  }
  return bytes;
}
