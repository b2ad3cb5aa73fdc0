// Sizes of random tests: what continuous integration has time for, times TRAPEZE_RUNS.
// fast-check prints the seed and the shrunk case of what fails.
// Left out: a fixed seed; a run that fails names the one to repeat.

const MULTIPLIER = Number(process.env['TRAPEZE_RUNS'] ?? 1);

/** Parameters for fc.assert: `count` runs in continuous integration. */
export function runs(count: number): { numRuns: number } {
  return { numRuns: Math.max(1, Math.round(count * MULTIPLIER)) };
}
