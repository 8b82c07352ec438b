/**
 * A number with its noun, as people write it: `1 row`, `60 rows`.
 * Used by the texts of migration projects: checks, acts, history.
 * Invariant: nouns with another plural than an added s are not counted here.
 */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
