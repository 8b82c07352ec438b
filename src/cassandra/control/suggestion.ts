/**
 * "did you mean …": the known name nearest to one that does not exist. Names of Cassandra are
 * case-sensitive once quoted, so a variant that differs in case alone always wins.
 * Called for the messages about missing keyspaces, tables and columns. Pure.
 */
const DISTANCE_MAX = 2
const NAMES_SHOWN_MAX = 10

/** ` (did you mean "x"?)`, or the names there are, or nothing. */
export function suggest(wanted: string, known: readonly string[]): string {
  const nearest = nearestName(wanted, known)
  if (nearest !== undefined) return ` (did you mean "${nearest}"?)`
  if (known.length === 0 || known.length > NAMES_SHOWN_MAX) return ''
  return ` (there are: ${known.toSorted().join(', ')})`
}

export function nearestName(wanted: string, known: readonly string[]): string | undefined {
  const lower = wanted.toLowerCase()
  const sameLetters = known.find(name => name.toLowerCase() === lower)
  if (sameLetters !== undefined) return sameLetters
  const limit = Math.min(DISTANCE_MAX, Math.floor(wanted.length / 2))
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    const distance = editDistance(lower, name.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) {
      best = { name, distance }
    }
  }
  return best?.name
}

/** Insertions, deletions and replacements between two texts. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
