/* The three functions that a compiler may call though nobody wrote them. Doublewords at a time where both ends are
   aligned alike, else bytes. Left out: all cleverness beyond that. */

#include <stddef.h>
#include <stdint.h>

#define WORD sizeof(uint64_t)

typedef uint64_t __attribute__((may_alias)) word;

void *memset(void *to, int value, size_t n) {
  unsigned char *bytes = to;
  uint64_t pattern = (unsigned char)value * UINT64_C(0x0101010101010101);
  for (; n > 0 && (uintptr_t)bytes % WORD; n--) *bytes++ = (unsigned char)value;
  for (; n >= WORD; n -= WORD, bytes += WORD) *(volatile word *)bytes = pattern;
  for (; n > 0; n--) *(volatile unsigned char *)bytes++ = (unsigned char)value;
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n) {
  unsigned char *out = to;
  const unsigned char *in = from;
  if ((uintptr_t)out % WORD == (uintptr_t)in % WORD) {
    for (; n > 0 && (uintptr_t)out % WORD; n--) *out++ = *in++;
    for (; n >= WORD; n -= WORD, out += WORD, in += WORD) *(volatile word *)out = *(const word *)in;
  }
  for (; n > 0; n--) *(volatile unsigned char *)out++ = *in++;
  return to;
}

int memcmp(const void *one, const void *other, size_t n) {
  const unsigned char *a = one, *b = other;
  for (; n > 0; n--, a++, b++)
    if (*a != *b) return *a - *b;
  return 0;
}
