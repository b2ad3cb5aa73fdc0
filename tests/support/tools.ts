// Programs that the peers suite compares with. It installs nothing: what is missing is said, and its tests are skipped.

import { spawnSync } from 'node:child_process';

/** Which of these programs are not on the PATH. */
export function missingTools(suite: string, names: readonly string[]): readonly string[] {
  const missing = names.filter((name) => spawnSync(name, ['--version']).status !== 0);
  if (missing.length > 0) console.warn(`${suite}: not compared, for want of ${missing.join(', ')}`);
  return missing;
}
