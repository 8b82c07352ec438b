/**
 * Which entries of the palette match what was typed, and in which order. Pure. Used by the palette.
 * Invariants: every letter must stand in the title, in order; `>` leaves only commands, `#` only topics and tables; the same entries
 * keep their order where they match equally well.
 * Spec: ui 4.7.
 */
export interface Matched {
  readonly title: string
  readonly kind: string
}

/** The title itself stands first, then what begins with the text, then what holds it. */
export function matching<T extends Matched>(entries: readonly T[], text: string): T[] {
  const typed = text.trim().toLowerCase()
  const isCommand = typed.startsWith('>')
  const isData = typed.startsWith('#')
  const wanted = isCommand || isData ? typed.slice(1).trim() : typed
  const isOf = (kind: string) =>
    isCommand ? kind === 'Command' : !isData || /^(topic|table)\b/i.test(kind)
  return entries
    .filter(({ kind, title }) => isOf(kind) && isWithin(title, wanted))
    .map(entry => ({ entry, distance: distanceOf(entry.title.toLowerCase(), wanted) }))
    .sort((one, other) => one.distance - other.distance)
    .map(({ entry }) => entry)
}

function distanceOf(title: string, wanted: string): number {
  if (title === wanted) return 0
  if (title.startsWith(wanted)) return 1
  return title.includes(wanted) ? 2 : 3
}

function isWithin(title: string, letters: string): boolean {
  let from = 0
  const within = title.toLowerCase()
  for (const letter of letters.replaceAll(' ', '')) {
    from = within.indexOf(letter, from) + 1
    if (from === 0) return false
  }
  return true
}
