/* JSON: writes a document of nested objects, arrays, numbers and strings, and parses it by recursive descent over a
   switch on characters, escapes and all, into a tree in an arena; then walks the tree. A pass returns the fold of what
   it met, and of the place where a document cut short is refused. */

#include "workload.h"

#define DOCUMENT 6000
#define NODES 1200
#define STRINGS 6000
#define DEPTH 5

enum kind { WRONG, OBJECT, ARRAY, STRING, NUMBER, TRUE, FALSE, NIL };

struct node {
  enum kind kind;
  struct node *first, *next;
  const char *key;
  union {
    int64_t number;
    const char *string;
  } value;
};

static char document[DOCUMENT + 1], strings[STRINGS];
static struct node nodes[NODES];
static uint32_t node_count, length;
static char *free_string;
static const char *at;

static void write_text(const char *s) {
  while (*s && length < DOCUMENT) document[length++] = *s++;
}

static void write_number(int64_t n) {
  char digits[24], *p = digits + sizeof digits - 1;
  uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
  *p = 0;
  do *--p = '0' + rest % 10;
  while (rest /= 10);
  if (n < 0) *--p = '-';
  write_text(p);
}

static void write_value(uint32_t *seed, int depth) {
  static const char *const scalars[] = {"true", "false", "null", "\"plain text\"", "\"tab\\tquote\\\"slash\\\\ \\u0041\\u00e9\""};
  uint32_t random = next_random(seed) >> 8;
  uint32_t choice = depth == 0 ? 2 + random % 6 : random % 8;
  uint32_t members = 2 + (random >> 8) % 6;
  switch (choice) {
    case 0:
      write_text("{ ");
      for (uint32_t i = 0; i < members; i++) {
        write_text(i ? ",\n\"member" : "\"member");
        write_number(i);
        write_text("\": ");
        write_value(seed, depth - 1);
      }
      write_text(" }");
      break;
    case 1:
      write_text("[");
      for (uint32_t i = 0; i < members; i++) {
        if (i) write_text(", ");
        write_value(seed, depth - 1);
      }
      write_text("]");
      break;
    case 2:
      write_number((int32_t)next_random(seed));
      break;
    default:
      write_text(scalars[choice - 3]);
  }
}

void setup(void) {
  uint32_t seed = 521288629u;
  write_text("[");
  while (length < DOCUMENT - 1400) {
    write_value(&seed, DEPTH);
    write_text(",\n");
  }
  write_text("0]");
  document[length] = 0;
}

static void skip_spaces(void) {
  while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') at++;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* At the quote; NULL where the string does not end well. */
static const char *parse_string(void) {
  const char *start = free_string;
  for (at++; *at != '"'; at++) {
    if (*at == 0) return NULL;
    char c = *at;
    if (c == '\\') {
      switch (*++at) {
        case 'n': c = '\n'; break;
        case 't': c = '\t'; break;
        case '"': case '\\': case '/': c = *at; break;
        case 'u': {
          uint32_t code = 0;
          for (int i = 0; i < 4; i++) {
            int digit = hex_digit(*++at);
            if (digit < 0) return NULL;
            code = code << 4 | digit;
          }
          if (code >= 0x80) *free_string++ = (char)(0xc0 | code >> 6);
          c = (char)(code >= 0x80 ? 0x80 | (code & 0x3f) : code);
          break;
        }
        default: return NULL;
      }
    }
    *free_string++ = c;
  }
  at++;
  *free_string++ = 0;
  return start;
}

static int parse_word(const char *word) {
  while (*word)
    if (*at++ != *word++) return 0;
  return 1;
}

static struct node *parse_value(void);

/* The members of an object or array up to its end; 0 where something is wrong. */
static int parse_members(struct node *parent, char end) {
  struct node **last = &parent->first;
  at++;
  skip_spaces();
  if (*at == end) return at++, 1;
  for (;;) {
    const char *key = NULL;
    skip_spaces();
    if (parent->kind == OBJECT) {
      if (*at != '"' || (key = parse_string()) == NULL) return 0;
      skip_spaces();
      if (*at++ != ':') return 0;
    }
    struct node *member = parse_value();
    if (member->kind == WRONG) return 0;
    member->key = key;
    *last = member;
    last = &member->next;
    skip_spaces();
    if (*at == end) return at++, 1;
    if (*at++ != ',') return 0;
  }
}

static struct node *parse_value(void) {
  struct node *node = &nodes[node_count++ % NODES];
  node->first = node->next = NULL;
  skip_spaces();
  switch (*at) {
    case '{':
      node->kind = OBJECT;
      if (!parse_members(node, '}')) node->kind = WRONG;
      return node;
    case '[':
      node->kind = ARRAY;
      if (!parse_members(node, ']')) node->kind = WRONG;
      return node;
    case '"':
      node->value.string = parse_string();
      node->kind = node->value.string ? STRING : WRONG;
      return node;
    case 't': node->kind = parse_word("true") ? TRUE : WRONG; return node;
    case 'f': node->kind = parse_word("false") ? FALSE : WRONG; return node;
    case 'n': node->kind = parse_word("null") ? NIL : WRONG; return node;
    default: {
      int negative = *at == '-';
      int64_t number = 0;
      if (negative) at++;
      node->kind = *at >= '0' && *at <= '9' ? NUMBER : WRONG;
      while (*at >= '0' && *at <= '9') number = number * 10 + (*at++ - '0');
      node->value.number = negative ? -number : number;
      return node;
    }
  }
}

static uint64_t walk(const struct node *node, uint64_t result) {
  result = fold(result, node->kind);
  for (const char *c = node->key; c && *c; c++) result = fold(result, (uint8_t)*c);
  if (node->kind == NUMBER) result = fold(result, node->value.number);
  if (node->kind == STRING)
    for (const char *c = node->value.string; *c; c++) result = fold(result, (uint8_t)*c);
  for (const struct node *member = node->first; member; member = member->next) result = walk(member, result);
  return result;
}

static struct node *parse(void) {
  node_count = 0;
  free_string = strings;
  at = document;
  struct node *root = parse_value();
  root->key = NULL;
  return root;
}

uint64_t pass(void) {
  uint64_t result = walk(parse(), length);
  result = fold(result, node_count);
  char kept = document[length / 2];
  document[length / 2] = 0;
  result = fold(result, parse()->kind);
  document[length / 2] = kept;
  return fold(result, at - document);
}
