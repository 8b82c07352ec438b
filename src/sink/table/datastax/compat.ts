/**
 * The deviations from the reference that may be switched back, from `scamander.compat.*`.
 * Read by the parts of the sink that implement a deviation: `referenceBehaviour.has('D1')`.
 * Invariant: what is listed is read somewhere; for other rows the user is told that nothing changes.
 * Spec: cassandra-sink 12 (not every row that it marks S can be restored).
 */

/** Deviations whose reference behaviour is available. */
export const RESTORABLE: ReadonlySet<string> = new Set(['D1', 'D3', 'D4', 'D6', 'D7', 'D23'])

const DEVIATION_COUNT = 24

export function isDeviation(name: string): boolean {
  const number = /^D([1-9]\d?)$/.exec(name)?.[1]
  return number !== undefined && Number(number) <= DEVIATION_COUNT
}

/** Single rows win over `strict`. */
export function referenceBehaviour(
  strict: boolean,
  rows: readonly { deviation: string; mode: 'reference' | 'fixed' }[],
): ReadonlySet<string> {
  const chosen = new Set<string>(strict ? RESTORABLE : [])
  for (const { deviation, mode } of rows) {
    if (mode === 'fixed') chosen.delete(deviation)
    else if (RESTORABLE.has(deviation)) chosen.add(deviation)
  }
  return chosen
}
