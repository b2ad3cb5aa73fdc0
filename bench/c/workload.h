/* What each program of this folder is: `setup` once, then `pass` as often as bench/workloads/start.s is told to, which
   folds what the passes return. A pass comes to the same each time. There is no C library: memory.c has what a compiler
   counts on, and text.c makes the text that several work on. */

#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

void setup(void);
uint64_t pass(void);

/* The number after `state`, from Marsaglia's xorshift. */
static inline uint32_t next_random(uint32_t *state) {
  uint32_t x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

static inline uint64_t fold(uint64_t folded, uint64_t next) { return folded * 31 + next; }

/* Fills a buffer with words of a small language, some much more frequent than others, with spaces, commas and stops. */
void make_text(char *buffer, size_t length, uint32_t seed);

#endif
