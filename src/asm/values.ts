// Values of the assembler: 64 bits that wrap, read as signed unless it is said otherwise, and how they are written.

const BITS = 64;
const BITS_PER_BYTE = 8;
const HEXADECIMAL = 16;

/** As a signed 64-bit value, which all values of expressions are. */
export const wrap = (value: bigint) => BigInt.asIntN(BITS, value);
/** The same bits as an address. */
export const unsigned = (value: bigint) => BigInt.asUintN(BITS, value);
export const hex = (value: bigint | number) => `0x${value.toString(HEXADECIMAL)}`;

/** Whether so many bytes hold a value, signed or unsigned. */
export function fitsBytes(value: bigint, bytes: number): boolean {
  const bits = bytes * BITS_PER_BYTE;
  return BigInt.asIntN(bits, value) === value || BigInt.asUintN(bits, value) === value;
}

export const lowByte = (value: bigint) => Number(BigInt.asUintN(BITS_PER_BYTE, value));

/** '1 byte', '2 bytes'. */
export const byteCount = (bytes: number) => (bytes === 1 ? '1 byte' : `${bytes} bytes`);
