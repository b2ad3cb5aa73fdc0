/* Text that is the same everywhere and looks a little like language: syllables make words, and small numbers of words
   are frequent. */

#include "workload.h"

static const char *const syllables[] = {"ka", "to", "mi", "ren", "sol", "ba", "du", "lin", "go", "pe", "sha", "ur", "vel", "in", "ost", "a"};

#define SYLLABLES (sizeof syllables / sizeof *syllables)
#define VOCABULARY 600

void make_text(char *buffer, size_t length, uint32_t seed) {
  size_t at = 0;
  while (at < length) {
    /* The product of two fractions is small more often than not. */
    uint32_t one = next_random(&seed) % VOCABULARY, two = next_random(&seed) % VOCABULARY;
    uint32_t word = one * two / VOCABULARY;
    for (uint32_t rest = word + 1; rest > 0 && at < length; rest /= SYLLABLES) {
      const char *syllable = syllables[rest % SYLLABLES];
      while (*syllable && at < length) buffer[at++] = *syllable++;
    }
    uint32_t end = next_random(&seed) % 16;
    if (end == 0 && at < length) buffer[at++] = '.';
    if (end == 1 && at < length) buffer[at++] = ',';
    if (at < length) buffer[at++] = end == 0 ? '\n' : ' ';
  }
}
