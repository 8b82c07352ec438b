/**
 * A label as people give them to connections and jobs: its word, and a colour that is always the same for
 * the same word. Used by lists and filters.
 * Invariant: the colour tells nothing that the word does not.
 * Spec: ui 3 (colours), 5.2.
 */
const COLOURS = 6

export function LabelTag({ label }: { readonly label: string }) {
  return (
    <span
      className="sc-tag"
      data-colour={colourOfLabel(label)}
      data-testid="label"
      data-key={label}
    >
      <bdi>{label}</bdi>
    </span>
  )
}

/** 1 to 6, as the series of charts. */
export function colourOfLabel(label: string): number {
  let sum = 0
  for (const one of label) sum = (sum * 31 + (one.codePointAt(0) ?? 0)) % 9_973
  return (sum % COLOURS) + 1
}
