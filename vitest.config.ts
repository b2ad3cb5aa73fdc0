// Three suites: `unit` needs nothing but npm; `peers` compares with QEMU, binutils and GDB, which must be installed;
// `browser` runs the core and the page in the Chromium that npm brings. `npm test` is `unit` and `browser`.
import { defineConfig } from 'vitest/config';

const PEERS = 'tests/peers/**';
const BROWSER = 'tests/browser/**';
const SECOND = 1000;

export default defineConfig({
  test: {
    // All cores: vitest itself would leave one idle.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [PEERS, BROWSER],
          setupFiles: ['tests/support/out-of-sync.ts'],
          testTimeout: 120 * SECOND,
        },
      },
      {
        test: { name: 'peers', include: [`${PEERS}/*.test.ts`], testTimeout: 600 * SECOND, hookTimeout: 120 * SECOND },
      },
      {
        test: {
          name: 'browser',
          include: [`${BROWSER}/*.test.ts`],
          testTimeout: 120 * SECOND,
          hookTimeout: 120 * SECOND,
          // The other suite computes beside it.
          expect: { poll: { timeout: 20 * SECOND } },
        },
      },
    ],
  },
});
