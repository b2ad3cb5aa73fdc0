// Medians, quartiles and geometric means, on values whose results are known by heart.

import { expect, test } from 'vitest';
import { geometricMean, median, spreadOf } from '../../src/bench/statistics.ts';

test('the median is the middle value, or between the two middle ones', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test('a spread has the quartiles around the median, whatever the order', () => {
  expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ lower: 2, median: 3, upper: 4 });
  expect(spreadOf([7])).toEqual({ lower: 7, median: 7, upper: 7 });
});

test('twice as fast and half as fast are as fast, in the geometric mean', () => {
  expect(geometricMean([2, 0.5])).toBeCloseTo(1);
});
