/** The middle value; of an even count the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]
  if (upper === undefined || lower === undefined) throw new RangeError('the median of nothing')
  return (lower + upper) / 2
}

/**
 * The median over rounds of one client's figure divided by the other's of the same round. The machine drifts between
 * rounds (page cache, neighbours, heat); the two of one round drift together.
 */
export function medianRatio(figures: readonly number[], others: readonly number[]): number {
  if (figures.length !== others.length) throw new RangeError('a ratio needs both figures of every round')
  return median(figures.map((figure, round) => figure / (others[round] ?? Number.NaN)))
}
