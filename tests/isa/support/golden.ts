// The golden files of isa/: prose, effects, trees, wasm.

import { goldenFolder } from '../../support/golden.ts';

export const expectGolden = goldenFolder(new URL('../golden/', import.meta.url));
