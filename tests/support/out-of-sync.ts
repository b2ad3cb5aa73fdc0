// Before each file of tests: a page of a guest's tables goes out of sync after few stores, so that short guests get there.

import { OutOfSync } from '../../src/hypervisor/shadow/out-of-sync.ts';

OutOfSync.fewStores = 8;
