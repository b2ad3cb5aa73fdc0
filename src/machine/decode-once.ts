// Decoding depends on nothing but the word, so all that run code share what has been decoded.

import { type Decoded, decode } from '../../isa/decode.ts';

const decodedWords = new Map<number, Decoded | undefined>();
const LIMIT = 100_000;

/** The instruction of a word (of a 16-bit one, the low half), undefined where there is none. */
export function decodeOnce(word: number): Decoded | undefined {
  const known = decodedWords.get(word);
  if (known !== undefined) return known;
  if (decodedWords.size >= LIMIT) decodedWords.clear();
  const decoded = decode(word);
  decodedWords.set(word, decoded);
  return decoded;
}
