// A program of an ordinary C library: printf of doubles and floats, the functions of math.h near and far from where
// they are hard, conversions, rounding modes and exception flags. What it prints is what a peer must print.
// Left out: files, time, threads.

#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define UART_TRANSMIT ((volatile uint8_t *)0x10000000)
#define UART_LINE_STATUS ((volatile uint8_t *)0x10000005)
#define TRANSMITTER_EMPTY 0x20

static int put(char c, FILE *file)
{
    (void)file;
    while (!(*UART_LINE_STATUS & TRANSMITTER_EMPTY))
        ;
    *UART_TRANSMIT = c;
    return (unsigned char)c;
}
static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdin = &console, *const stdout = &console, *const stderr = &console;

void _exit(int status)
{
    *(volatile uint32_t *)0x100000 = status == 0 ? 0x5555 : 0x3333 | status << 16;
    for (;;)
        ;
}

static volatile double values[] = {0.0, -0.0, 1.0, -2.5, 0.1, 3.141592653589793, 1e-7, 12345.678, 1e22, 5e-324, 1.7976931348623157e308, INFINITY, NAN};
#define COUNT ((int)(sizeof values / sizeof values[0]))

static const struct {
    const char *name;
    double (*of)(double);
} functions[] = {{"sqrt", sqrt}, {"cbrt", cbrt}, {"sin", sin}, {"cos", cos}, {"tan", tan}, {"atan", atan},
                 {"exp", exp}, {"log", log}, {"log10", log10}, {"sinh", sinh}, {"tanh", tanh}, {"erf", erf},
                 {"tgamma", tgamma}, {"floor", floor}, {"ceil", ceil}, {"rint", rint}, {"round", round}, {"trunc", trunc}};

static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};

static void formats(void)
{
    for (int i = 0; i < COUNT; i++) {
        double x = values[i];
        printf("%g|%.17g|%f|%12.3e|%a|%.9g\n", x, x, fabs(x) < 1e30 ? x : 0.0, x, x, (double)(float)x);
    }
    char text[64];
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "%.17g", values[i]);
        double back = strtod(text, NULL);
        printf("%s reads as %.17g, %.9g\n", text, back, (double)strtof(text, NULL));
    }
}

static void mathematics(void)
{
    for (unsigned f = 0; f < sizeof functions / sizeof functions[0]; f++)
        for (int i = 0; i < COUNT; i++) {
            feclearexcept(FE_ALL_EXCEPT);
            double y = functions[f].of(values[i]);
            int raised = fetestexcept(FE_ALL_EXCEPT);
            printf("%s(%g) = %.17g %x\n", functions[f].name, values[i], y, raised);
        }
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            printf("%.17g %.17g %.17g %.17g\n", pow(values[i], values[j]), fmod(values[i], values[j]),
                   atan2(values[i], values[j]), hypot(values[i], values[j]));
}

static void rounding(void)
{
    volatile double one = 1, three = 3, big = 1e300;
    volatile float small = 1e-30f;
    for (unsigned m = 0; m < sizeof modes / sizeof modes[0]; m++) {
        fesetround(modes[m]);
        feclearexcept(FE_ALL_EXCEPT);
        double third = one / three, over = big * big, fused = fma(one / three, three, -one);
        float under = small * small, single = (float)(-one / three);
        long whole = lrint(-2.5 * one);
        int raised = fetestexcept(FE_ALL_EXCEPT);
        fesetround(FE_TONEAREST);
        printf("%u: %a %a %a %a %a %ld %x\n", m, third, over, fused, (double)under, (double)single, whole, raised);
    }
}

static void conversions(void)
{
    for (int i = 0; i < COUNT; i++) {
        volatile double x = values[i];
        int32_t w;
        uint32_t wu;
        int64_t l;
        uint64_t lu;
        __asm__("fcvt.w.d %0, %1, rtz" : "=r"(w) : "f"(x));
        __asm__("fcvt.wu.d %0, %1, rtz" : "=r"(wu) : "f"(x));
        __asm__("fcvt.l.d %0, %1, rne" : "=r"(l) : "f"(x));
        __asm__("fcvt.lu.d %0, %1, rup" : "=r"(lu) : "f"(x));
        printf("%ld %lu %ld %lu\n", (long)w, (unsigned long)wu, (long)l, (unsigned long)lu);
    }
}

// A number that depends on very many operations, in the order that the compiler chose.
static void series(void)
{
    double sum = 0, chaos = 0.4;
    float product = 1;
    for (int i = 1; i <= 20000; i++) {
        sum += 1.0 / ((double)i * i);
        chaos = 3.9 * chaos * (1 - chaos);
        product *= 1.0f + 1.0f / (float)(i + 1) / 7.0f;
    }
    printf("%.17g %.17g %.9g\n", sum, chaos, (double)product);
}

int main(void)
{
    formats();
    mathematics();
    rounding();
    conversions();
    series();
    exit(0);
}
