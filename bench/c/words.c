/* Words: counts the words of a text in a hash table with open addressing that grows, then takes every third word out
   again, and sorts the most frequent by insertion. Strings are hashed, compared and copied byte by byte. A pass returns
   the fold of the counts. */

#include "workload.h"

#define TEXT 6000
#define POOL 8192
#define LARGEST 2048
#define SMALLEST 64
#define TOP 16

struct entry {
  const char *word;
  uint32_t hash, count;
};

static char text[TEXT + 1], pool[POOL];
static struct entry tables[2][LARGEST], *table;
static uint32_t capacity, used, filled;

/* What is left where a word was taken out: a later word may lie behind it. */
static const char removed[] = "";

void setup(void) { make_text(text, TEXT, 88172645u); }

static uint32_t hash_of(const char *word, uint32_t length) {
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)word[i]) * 16777619u;
  return hash;
}

static int equal(const char *stored, const char *word, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (stored[i] != word[i]) return 0;
  return stored[length] == 0;
}

/* The entry of a word, or the free one where it would be. */
static struct entry *look_up(const char *word, uint32_t length, uint32_t hash) {
  for (uint32_t at = hash;; at++) {
    struct entry *entry = &table[at & (capacity - 1)];
    if (entry->word == NULL) return entry;
    if (entry->word != removed && entry->hash == hash && equal(entry->word, word, length)) return entry;
  }
}

static void grow(void) {
  struct entry *old = table;
  uint32_t count = capacity;
  table = old == tables[0] ? tables[1] : tables[0];
  capacity = 2 * capacity;
  for (uint32_t i = 0; i < capacity; i++) table[i].word = NULL;
  for (uint32_t i = 0; i < count; i++) {
    if (old[i].word == NULL || old[i].word == removed) continue;
    uint32_t at = old[i].hash;
    while (table[at & (capacity - 1)].word != NULL) at++;
    table[at & (capacity - 1)] = old[i];
  }
}

static int is_letter(char c) { return c >= 'a' && c <= 'z'; }

static void count_words(void) {
  char *free = pool;
  for (const char *at = text; *at;) {
    if (!is_letter(*at)) {
      at++;
      continue;
    }
    uint32_t length = 0;
    while (is_letter(at[length])) length++;
    uint32_t hash = hash_of(at, length);
    struct entry *entry = look_up(at, length, hash);
    if (entry->word == NULL) {
      entry->word = free;
      entry->hash = hash;
      entry->count = 0;
      for (uint32_t i = 0; i < length; i++) *free++ = at[i];
      *free++ = 0;
      filled++;
    }
    entry->count++;
    if (4 * filled > 3 * capacity) grow();
    at += length;
  }
}

static void take_out(void) {
  for (uint32_t i = 0, seen = 0; i < capacity; i++) {
    if (table[i].word == NULL || ++seen % 3 != 0) continue;
    table[i].word = removed;
    used++;
  }
}

static int before(const struct entry *a, const struct entry *b) {
  if (a->count != b->count) return a->count > b->count;
  const char *p = a->word, *q = b->word;
  while (*p && *p == *q) p++, q++;
  return *p < *q;
}

uint64_t pass(void) {
  const struct entry *top[TOP + 1];
  uint32_t tops = 0;
  table = tables[0];
  capacity = SMALLEST;
  used = filled = 0;
  for (uint32_t i = 0; i < capacity; i++) table[i].word = NULL;
  count_words();
  take_out();
  for (uint32_t i = 0; i < capacity; i++) {
    if (table[i].word == NULL || table[i].word == removed) continue;
    uint32_t at = tops;
    for (; at > 0 && before(&table[i], top[at - 1]); at--) top[at] = top[at - 1];
    top[at] = &table[i];
    if (tops < TOP) tops++;
  }
  uint64_t result = fold(filled, used);
  for (uint32_t i = 0; i < tops; i++) {
    result = fold(result, top[i]->count);
    for (const char *c = top[i]->word; *c; c++) result = fold(result, *c);
  }
  return result;
}
