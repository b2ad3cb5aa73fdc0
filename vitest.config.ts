// Two suites: `unit` needs nothing but npm, `peers` compares with QEMU, binutils and GDB, which must be installed.
import { defineConfig } from 'vitest/config';

const PEERS = 'tests/peers/**';
const SECOND = 1000;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: [PEERS], testTimeout: 30 * SECOND } },
      {
        test: { name: 'peers', include: [`${PEERS}/*.test.ts`], testTimeout: 600 * SECOND, hookTimeout: 120 * SECOND },
      },
    ],
  },
});
