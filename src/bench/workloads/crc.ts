// bench/workloads/crc.s: both checksums by their definition, the division of polynomials over bits.

import { repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const CRC32 = 0xedb8_8320n;
const CRC16 = 0xa001n;
const CRC32_ONES = 0xffff_ffffn;
const BITWISE_BYTES = 64;
const BYTE_BITS = 8;
const BYTE = 0xff;
const WORD_BITS = 32n;

function remainder(bytes: readonly number[], polynomial: bigint, start: bigint): bigint {
  let crc = start;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < BYTE_BITS; bit++) crc = (crc >> 1n) ^ (crc & 1n ? polynomial : 0n);
  }
  return crc;
}

function pass(length: number): bigint {
  const bytes = Array.from({ length }, (_, i) => (i * 7 + Math.floor(i / 256)) & BYTE);
  const crc32 = remainder(bytes, CRC32, CRC32_ONES) ^ CRC32_ONES;
  return crc32 | (remainder(bytes.slice(0, BITWISE_BYTES), CRC16, 0n) << WORD_BITS);
}

export const crc: Workload = {
  name: 'crc',
  kind: 'kernel',
  title: 'CRC-32 by table, 4,096 bytes; CRC-16 bit by bit, 64 bytes',
  sources: ['start.s', 'crc.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { BYTES: 4096 },
  tinySizes: { BYTES: 128 },
  iterations: 50_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'BYTES')), iterations),
};
