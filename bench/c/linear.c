/* Linear: products of matrices of 16-bit numbers into 32 bits, their transposes, a convolution with a 3 by 3 kernel, and
   powers in fixed point: small loops nested three deep, narrow loads, multiplications. A pass returns the fold of
   results. */

#include "workload.h"

#define SIZE 20
#define POWERS 5

static int16_t one[SIZE][SIZE], other[SIZE][SIZE];
static int32_t product[SIZE][SIZE], smooth[SIZE][SIZE], power[SIZE][SIZE], scratch[SIZE][SIZE];

void setup(void) {
  uint32_t seed = 362436069u;
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      one[i][j] = (int16_t)(next_random(&seed) >> 20) - 2048;
      other[i][j] = (int16_t)(next_random(&seed) >> 20) - 2048;
    }
}

static void multiply(void) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      int32_t sum = 0;
      for (int k = 0; k < SIZE; k++) sum += (int32_t)one[i][k] * other[k][j];
      product[i][j] = sum;
    }
}

static void transpose(void) {
  for (int i = 0; i < SIZE; i++)
    for (int j = i + 1; j < SIZE; j++) {
      int32_t kept = product[i][j];
      product[i][j] = product[j][i];
      product[j][i] = kept;
    }
}

static void convolve(void) {
  static const int8_t kernel[3][3] = {{1, 2, 1}, {2, 4, 2}, {1, 2, 1}};
  for (int i = 1; i < SIZE - 1; i++)
    for (int j = 1; j < SIZE - 1; j++) {
      int64_t sum = 0;
      for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) sum += (int64_t)kernel[y + 1][x + 1] * product[i + y][j + x];
      smooth[i][j] = (int32_t)(sum >> 4);
    }
}

/* Powers of a matrix with entries below 1, in 16.16 fixed point. */
static void raise(void) {
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) power[i][j] = one[i][j] + (i == j ? 1 << 15 : 0);
  for (int n = 0; n < POWERS; n++) {
    for (int i = 0; i < SIZE; i++)
      for (int j = 0; j < SIZE; j++) {
        int64_t sum = 0;
        for (int k = 0; k < SIZE; k++) sum += (int64_t)power[i][k] * other[k][j];
        scratch[i][j] = (int32_t)(sum >> 16);
      }
    for (int i = 0; i < SIZE; i++)
      for (int j = 0; j < SIZE; j++) power[i][j] = scratch[i][j] + (i == j ? 1 << 15 : 0);
  }
}

uint64_t pass(void) {
  uint64_t result = 0;
  multiply();
  transpose();
  convolve();
  raise();
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++)
      result = fold(result, (uint32_t)product[i][j] ^ (uint32_t)smooth[i][j] ^ (uint32_t)power[i][j]);
  return result;
}
