// How `npm run build` makes the command line: one file, since loading a hundred modules takes longer than many a run.

import { defineConfig } from 'vite';

export default defineConfig({
  build: {
    ssr: true,
    target: 'node20',
    minify: false,
    outDir: 'dist/src/cli',
    emptyOutDir: true,
    rollupOptions: {
      input: { main: 'src/cli/main.ts', 'keep-core': 'src/cli/keep-core.ts' },
      // Beside one another: the sources find what lies around them from where they are.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
  ssr: { noExternal: true },
});
