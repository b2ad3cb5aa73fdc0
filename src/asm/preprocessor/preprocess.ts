import type { Line } from '../source.ts';
export function preprocess(lines: readonly Line[], _: unknown): Line[] {
  return [...lines];
}
