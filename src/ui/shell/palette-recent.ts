/**
 * The last places that were opened from the palette, kept in this browser. Used by the palette.
 * Invariant: at most five, the last one first; a place stands there once.
 * Spec: ui 4.7 (recent).
 */
export interface Recent {
  readonly key: string
  readonly title: string
  readonly kind: string
  readonly href?: string | undefined
}

const KEY = 'scamander-recent'
const RECENT_MAX = 5

export function recentPlaces(): readonly Recent[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isRecent).slice(0, RECENT_MAX) : []
  } catch {
    // Written by hand, or by another version.
    return []
  }
}

export function keepRecent({ key, title, kind, href }: Recent): void {
  const others = recentPlaces().filter(one => one.key !== key)
  const all = [{ key, title, kind, href }, ...others].slice(0, RECENT_MAX)
  localStorage.setItem(KEY, JSON.stringify(all))
}

/** Only places of this page. */
function isRecent(one: unknown): one is Recent {
  const { key, title, kind, href } = (one ?? {}) as Partial<Record<keyof Recent, unknown>>
  const texts = [key, title, kind, href]
  return texts.every(text => typeof text === 'string') && String(href).startsWith('/ui/')
}
