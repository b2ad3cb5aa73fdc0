/* LZ: compresses text and decompresses it again. Matches are found through a hash of three bytes with chains, lazily (a
   longer match one byte later wins), and written as bytes: a literal run, or a length and a distance. A pass returns the
   compressed length, a hash of it, and whether the text came back. */

#include "workload.h"

#define TEXT 4096
#define HASH_BITS 10
#define SHORTEST 3
#define LONGEST 66
#define LONGEST_RUN 127
#define MATCH 0x80
#define CHAIN 8
#define NONE 0xffff

static uint8_t text[TEXT], packed[2 * TEXT], unpacked[TEXT];
static uint16_t head[1 << HASH_BITS], previous[TEXT];

void setup(void) { make_text((char *)text, TEXT, 2463534242u); }

static uint32_t hash(const uint8_t *p) {
  return ((p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) * 2654435761u) >> (32 - HASH_BITS);
}

static void insert(uint32_t at) {
  if (at + SHORTEST > TEXT) return;
  uint32_t slot = hash(text + at);
  previous[at] = head[slot];
  head[slot] = at;
}

/* The longest match for the text at `at`; its length, or 0. */
static uint32_t find(uint32_t at, uint32_t *distance) {
  if (at + SHORTEST > TEXT) return 0;
  uint32_t most = TEXT - at < LONGEST ? TEXT - at : LONGEST, best = SHORTEST - 1;
  uint32_t candidate = head[hash(text + at)];
  for (int tries = CHAIN; candidate != NONE && tries > 0; tries--, candidate = previous[candidate]) {
    if (text[candidate + best] != text[at + best] && best < most) continue;
    uint32_t length = 0;
    while (length < most && text[candidate + length] == text[at + length]) length++;
    if (length > best) {
      best = length;
      *distance = at - candidate;
      if (best == most) break;
    }
  }
  return best < SHORTEST ? 0 : best;
}

static uint8_t *put_literals(uint8_t *out, uint32_t from, uint32_t to) {
  while (from < to) {
    uint32_t run = to - from < LONGEST_RUN ? to - from : LONGEST_RUN;
    *out++ = run;
    while (run-- > 0) *out++ = text[from++];
  }
  return out;
}

static uint32_t compress(void) {
  uint8_t *out = packed;
  uint32_t literals = 0, at = 0;
  for (size_t i = 0; i < sizeof head / sizeof *head; i++) head[i] = NONE;
  while (at < TEXT) {
    uint32_t distance = 0, later = 0;
    uint32_t length = find(at, &distance);
    insert(at);
    if (length > 0 && length < LONGEST && find(at + 1, &later) > length) length = 0;
    if (length == 0) {
      at++;
      continue;
    }
    out = put_literals(out, literals, at);
    *out++ = MATCH | (length - SHORTEST);
    *out++ = distance & 0xff;
    *out++ = distance >> 8;
    for (uint32_t end = at + length; ++at < end;) insert(at);
    literals = at;
  }
  out = put_literals(out, literals, TEXT);
  return out - packed;
}

static uint32_t decompress(uint32_t length) {
  uint32_t at = 0;
  for (const uint8_t *in = packed, *end = packed + length; in < end;) {
    uint32_t code = *in++;
    if (code & MATCH) {
      uint32_t count = (code & ~MATCH) + SHORTEST, distance = in[0] | in[1] << 8;
      in += 2;
      for (; count > 0; count--, at++) unpacked[at] = unpacked[at - distance];
    } else {
      for (; code > 0; code--) unpacked[at++] = *in++;
    }
  }
  return at;
}

uint64_t pass(void) {
  uint32_t length = compress();
  uint64_t result = length;
  for (uint32_t i = 0; i < length; i++) result = (result ^ packed[i]) * UINT64_C(1099511628211);
  for (uint32_t i = 0; i < TEXT; i++) unpacked[i] = 0;
  uint32_t back = decompress(length), same = 0;
  while (same < back && unpacked[same] == text[same]) same++;
  return fold(result, same == TEXT);
}
