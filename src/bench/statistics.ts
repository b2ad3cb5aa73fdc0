// Medians and quartiles, since a shared machine's times have outliers on one side and no bell curve; and geometric
// means, which alone make sense of ratios.

export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

const QUARTER = 0.25;
const HALF = 0.5;

export const median = (values: readonly number[]): number => quantile(sorted(values), HALF);

/** The median and the quartiles around it; NaN where there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  const ordered = sorted(values);
  return {
    median: quantile(ordered, HALF),
    lower: quantile(ordered, QUARTER),
    upper: quantile(ordered, 1 - QUARTER),
  };
}

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

const sorted = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** Between the two nearest values, in proportion. */
function quantile(ordered: readonly number[], fraction: number): number {
  if (ordered.length === 0) return Number.NaN;
  const place = fraction * (ordered.length - 1);
  const below = ordered[Math.floor(place)] ?? Number.NaN;
  const above = ordered[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
