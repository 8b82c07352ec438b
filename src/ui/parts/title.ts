/**
 * The title of the tab: what the page shows, with what the shell knows around it. Pages say the middle, the
 * shell the rest; both may change at any time.
 * Invariant: the title is always made of the last of both.
 * Spec: ui 2 (titles).
 */
const PRODUCT = 'Scamander'

let shown: readonly (string | undefined)[] = []
let around = { attention: 0, isSandbox: false }

/** Object first, then the section. */
export function setTitle(...parts: readonly (string | undefined)[]): void {
  shown = parts
  document.title = titleOf(shown, around)
}

export function setAroundTitle(next: typeof around): void {
  around = next
  document.title = titleOf(shown, around)
}

export function titleOf(
  parts: readonly (string | undefined)[],
  { attention, isSandbox }: typeof around,
): string {
  const count = attention > 0 ? `(${attention}) ` : ''
  const text = [...parts, PRODUCT].filter(one => one !== undefined && one !== '').join(' · ')
  return `${count}${text}${isSandbox ? ' (sandbox)' : ''}`
}
