// The frames of code that random programs call into and write over: functions at some slots, one that runs over the
// end of its page with an instruction that lies on both, and returns everywhere else, so that a wild jump comes back.

import { encode } from '../../peers/qemu/encode.ts';
import type { Random } from '../../peers/qemu/random.ts';
import { CODE_FRAMES, PAGE } from './layout.ts';
import { SLOT_BYTES, USED_SLOTS } from './operations.ts';
import { FREE, plainWord, shortWord } from './words.ts';

const RETURN = 0x8082;
const LAST_SLOT = PAGE / SLOT_BYTES - 1;
const DATA_POINTER = 18;
const LOOP_COUNTER = 30;

export function codeFrames(random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(CODE_FRAMES * PAGE));
  for (let at = 0; at < view.byteLength; at += 2) view.setUint16(at, RETURN, true);
  for (let frame = 0; frame < CODE_FRAMES; frame++) {
    for (const slot of USED_SLOTS) writeFunction(view, frame * PAGE + slot * SLOT_BYTES, slot, random);
  }
  return new Uint8Array(view.buffer);
}

function writeFunction(view: DataView, start: number, slot: number, random: Random): void {
  let at = start;
  const put = (word: number) => {
    if (at + 4 > view.byteLength) return;
    if ((word & 3) === 3) {
      view.setUint32(at, word, true);
      at += 4;
    } else {
      view.setUint16(at, word, true);
      at += 2;
    }
  };
  const any = () => put(random.chance(25) ? access(random) : random.chance(40) ? shortWord(random) : plainWord(random));
  if (slot === LAST_SLOT) {
    while (at < start + SLOT_BYTES - 6) any();
    if (at === start + SLOT_BYTES - 4 && random.chance(80)) put(shortWord(random));
    put(plainWord(random));
    return; // on to the next page
  }
  const length = random.between(1, 10);
  const loops = random.chance(30);
  if (loops) put(encode('addi', { rd: LOOP_COUNTER, rs1: 0, imm: random.between(1, 40) }).word);
  const again = at;
  for (let i = 0; i < length; i++) any();
  if (loops) {
    put(encode('addi', { rd: LOOP_COUNTER, rs1: LOOP_COUNTER, imm: -1 }).word);
    put(encode('blt', { rs1: 0, rs2: LOOP_COUNTER, imm: again - at }).word);
  }
  if (random.chance(20)) put(encode('jal', { rd: 0, imm: SLOT_BYTES - (at - start) }).word);
  else put(RETURN);
}

function access(random: Random): number {
  const imm = random.between(-16, 255) * random.pick([1, 8]);
  if (random.chance(60))
    return encode(random.pick(['ld', 'lw', 'lbu', 'lh']), { rd: random.pick(FREE), rs1: DATA_POINTER, imm }).word;
  return encode(random.pick(['sd', 'sw', 'sb']), { rs2: random.pick(FREE), rs1: DATA_POINTER, imm }).word;
}
