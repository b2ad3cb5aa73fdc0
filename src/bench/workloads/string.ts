// bench/workloads/string.s: the same text, looked at with the host's own strings.

import { fold, repeated, type Sizes, sizeOf, type Workload } from '../workload.ts';

const LCG_MULTIPLIER = 1_103_515_245;
const LCG_INCREMENT = 12_345;
const LCG_SHIFT = 16;
const SPACE_EVERY = 6;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
const TAIL = 3;

function textOf(length: number): string {
  let value = 1;
  return Array.from({ length }, () => {
    value = (Math.imul(value, LCG_MULTIPLIER) + LCG_INCREMENT) | 0;
    const random = value >>> LCG_SHIFT;
    return random % SPACE_EVERY === 0 ? ' ' : ALPHABET[random % ALPHABET.length];
  }).join('');
}

function pass(length: number): bigint {
  const text = textOf(length);
  const capitals = text.toUpperCase();
  const sum = [...capitals].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const words = text.split(' ').filter((word) => word !== '').length;
  // The ends of the two texts agree as well.
  const agreeing = capitals.length + 1;
  const tail = text.slice(-TAIL);
  const occurrences = [...text].filter((_, i) => text.startsWith(tail, i)).length;
  return [length, sum, words, agreeing, occurrences].map(BigInt).reduce(fold, 0n);
}

export const string: Workload = {
  name: 'string',
  kind: 'kernel',
  title: 'length, capitals, words, comparison, search; 1,000 bytes',
  sources: ['start.s', 'string.s', 'finish.s'],
  forms: ['machine', 'paging'],
  sizes: { LENGTH: 1000 },
  tinySizes: { LENGTH: 60 },
  iterations: 120_000,
  expected: (iterations: number, sizes: Sizes) => repeated(pass(sizeOf(sizes, 'LENGTH')), iterations),
};
