/* Lists: linked records, scattered over memory, sorted by merging with a comparison that is passed as a pointer: by
   value, by name, and back into their first order; searched, reversed and unlinked in between. A pass returns the fold
   of each order. */

#include "workload.h"

#define RECORDS 250
#define NAME 8
#define SEARCHES 40

struct record {
  struct record *next;
  uint32_t serial;
  int32_t value;
  char name[NAME];
};

typedef int (*comparison)(const struct record *, const struct record *);

static struct record records[RECORDS];
static struct record *list;

void setup(void) {
  uint32_t seed = 123456789u;
  /* 97 and RECORDS have no common factor: each record is met once. */
  for (uint32_t i = 0; i < RECORDS; i++) {
    struct record *record = &records[i * 97 % RECORDS];
    record->serial = i;
    record->value = (int32_t)(next_random(&seed) % 1000) - 500;
    for (int c = 0; c < NAME - 1; c++) record->name[c] = 'a' + next_random(&seed) % 4;
    record->name[NAME - 1] = 0;
    record->next = i + 1 < RECORDS ? &records[(i + 1) * 97 % RECORDS] : NULL;
  }
  list = &records[0];
}

static int by_value(const struct record *a, const struct record *b) { return (a->value > b->value) - (a->value < b->value); }

static int by_name(const struct record *a, const struct record *b) {
  const char *p = a->name, *q = b->name;
  while (*p && *p == *q) p++, q++;
  return *p - *q;
}

static int by_serial(const struct record *a, const struct record *b) { return (int)a->serial - (int)b->serial; }

/* Merges ever longer runs, as long as there is more than one. */
static struct record *sort(struct record *head, comparison compare) {
  for (uint32_t length = 1;; length *= 2) {
    struct record *rest = head, **last = &head;
    uint32_t merges = 0;
    while (rest) {
      struct record *left = rest, *right = rest;
      uint32_t lefts = 0, rights = length;
      merges++;
      while (right && lefts < length) right = right->next, lefts++;
      while (lefts > 0 || (rights > 0 && right)) {
        struct record **from;
        if (lefts == 0) from = &right, rights--;
        else if (rights == 0 || !right || compare(left, right) <= 0) from = &left, lefts--;
        else from = &right, rights--;
        struct record *taken = *from;
        *from = taken->next;
        *last = taken;
        last = &taken->next;
      }
      rest = right;
    }
    *last = NULL;
    if (merges <= 1) return head;
  }
}

static struct record *reverse(struct record *head) {
  struct record *reversed = NULL;
  while (head) {
    struct record *next = head->next;
    head->next = reversed;
    reversed = head;
    head = next;
  }
  return reversed;
}

static uint64_t order(uint64_t result) {
  for (const struct record *record = list; record; record = record->next) result = fold(result, record->serial);
  return result;
}

/* Takes the first record of this value to the front; how far in it was. */
static uint32_t search(int32_t value) {
  uint32_t distance = 0;
  for (struct record **link = &list; *link; link = &(*link)->next, distance++) {
    if ((*link)->value != value) continue;
    struct record *found = *link;
    *link = found->next;
    found->next = list;
    list = found;
    break;
  }
  return distance;
}

uint64_t pass(void) {
  list = sort(list, by_value);
  uint64_t result = order(0);
  list = reverse(list);
  for (int i = 0; i < SEARCHES; i++) result = fold(result, search(i * 25 - 500));
  list = sort(list, by_name);
  result = order(result);
  list = sort(list, by_serial);
  return order(result);
}
