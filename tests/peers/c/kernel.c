// A small kernel in C: initialised and zeroed data, a page table of its own with a superpage for itself, pages that
// its trap handler maps when they are first touched, and calls that come back. It prints what it finds.

#include <stdint.h>

#define UART ((volatile uint8_t *)0x10000000)
#define PTE_V 1ul
#define PTE_RWX 0xeul
#define PTE_RW 6ul
#define PTE_AD 0xc0ul
#define SV39 (8ul << 60)
#define PAGE 4096ul
#define HEAP 0x40000000ul
#define HEAP_PAGES 24
#define LOAD_PAGE_FAULT 13
#define STORE_PAGE_FAULT 15
#define BREAKPOINT 3

static uint64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19};
static const char *const names[] = {"zero", "one", "two", "three"};
static uint64_t zeros[512];
static char greeting[] = "C under Sv39";

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t heap_level1[512] __attribute__((aligned(4096)));
static uint64_t heap_level0[512] __attribute__((aligned(4096)));
static uint8_t pool[HEAP_PAGES][PAGE] __attribute__((aligned(4096)));
static unsigned used, faults, breakpoints;

static void put(const char *text) {
  while (*text) *UART = *text++;
}
static void put_number(uint64_t value) {
  char digits[21], *at = digits + 20;
  *at = 0;
  do *--at = '0' + value % 10; while (value /= 10);
  put(at);
}
static void line(const char *name, uint64_t value) {
  put(name);
  put(": ");
  put_number(value);
  put("\n");
}

uint64_t trap(uint64_t cause, uint64_t value, uint64_t pc) {
  if ((cause == LOAD_PAGE_FAULT || cause == STORE_PAGE_FAULT) && value - HEAP < HEAP_PAGES * PAGE && used < HEAP_PAGES) {
    faults++;
    heap_level0[(value >> 12) & 511] = ((uint64_t)pool[used++] >> 12 << 10) | PTE_RW | PTE_AD | PTE_V;
    __asm__ volatile("sfence.vma %0, zero" : : "r"(value) : "memory");
    return pc;
  }
  if (cause == BREAKPOINT) {
    breakpoints++;
    return pc + ((*(uint16_t *)pc & 3) == 3 ? 4 : 2);
  }
  line("unexpected trap", cause);
  *(volatile uint32_t *)0x100000 = 0x3333 | (99 << 16);
  for (;;) ;
}

static uint64_t fibonacci(uint64_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

int main(void) {
  put(greeting);
  put("\n");
  uint64_t sum = 0;
  for (unsigned i = 0; i < sizeof primes / sizeof *primes; i++) sum += primes[i];
  line("sum of .data", sum);
  for (unsigned i = 0; i < 512; i++) sum |= zeros[i] << 32;
  line(".bss changes nothing", sum);
  for (unsigned i = 0; i < 4; i++) line(names[i], i * i);

  root[2] = (0x80000000ul >> 12 << 10) | PTE_RWX | PTE_AD | PTE_V;
  root[0] = PTE_RW | PTE_AD | PTE_V;
  root[1] = ((uint64_t)heap_level1 >> 12 << 10) | PTE_V;
  heap_level1[0] = ((uint64_t)heap_level0 >> 12 << 10) | PTE_V;
  __asm__ volatile("csrw satp, %0\n sfence.vma" : : "r"(SV39 | (uint64_t)root >> 12) : "memory");

  volatile uint64_t *heap = (volatile uint64_t *)HEAP;
  for (unsigned i = 0; i < HEAP_PAGES; i++) heap[i * 512 + i] = fibonacci(i % 12);
  sum = 0;
  for (unsigned i = 0; i < HEAP_PAGES; i++) sum += heap[i * 512 + i];
  line("sum of the heap", sum);
  line("page faults", faults);
  // A store across two mapped pages, at an odd address.
  *(volatile uint64_t *)(HEAP + PAGE - 3) = 0x1122334455667788;
  line("straddling", *(volatile uint64_t *)(HEAP + PAGE - 3) == 0x1122334455667788);
  __asm__ volatile("ebreak");
  line("breakpoints", breakpoints);
  uint64_t old = __atomic_fetch_add(&primes[0], 40, __ATOMIC_SEQ_CST);
  line("atomic", old + primes[0]);
  return sum == 0 ? 1 : 0;
}
