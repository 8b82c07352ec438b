/**
 * "Did you mean": the known key nearest to an unknown one. Used by the linter.
 * Case and separators do not count: they are the usual slips.
 * Nearness is the optimal string alignment distance; only close keys are suggested.
 */
export function suggestKey(key: string, known: readonly string[]): string | undefined {
  const wanted = fold(key)
  let best: string | undefined
  let bestDistance = Math.min(3, Math.floor(wanted.length / 3)) + 1
  for (const candidate of known) {
    const folded = fold(candidate)
    if (folded === wanted) return candidate
    if (Math.abs(folded.length - wanted.length) >= bestDistance) continue
    const distance = distanceOf(wanted, folded)
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Case and separators are the usual slips. */
function fold(key: string): string {
  return key.toLowerCase().replace(/[-_.]/g, '')
}

function distanceOf(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + same)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) cost = Math.min(cost, before[j - 2]! + 1)
      row.push(cost)
    }
    before = previous
    previous = row
  }
  return previous[b.length]!
}
