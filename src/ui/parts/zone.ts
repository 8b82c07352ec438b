/**
 * In which zone times are shown and typed: that of this browser, or UTC. Read by everything that writes a
 * time; changed in the menu of the user and by the key u.
 * Invariants: kept in this browser; it holds for a whole page load, so that no two times of a page differ.
 * Spec: ui 4.8 (times), 4.7 (u).
 */
export type Zone = 'local' | 'utc'

const KEY = 'scamander-zone'

function read(): Zone {
  return globalThis.localStorage?.getItem(KEY) === 'utc' ? 'utc' : 'local'
}

let zone: Zone | undefined

export function shownZone(): Zone {
  zone ??= read()
  return zone
}

/** The page is loaded again: forms that were changed ask first. */
export function changeZone(next: Zone): void {
  if (next === shownZone()) return
  localStorage.setItem(KEY, next)
  location.reload()
}

/** For `Intl`. */
export function intlZone(): { readonly timeZone?: 'UTC' } {
  return shownZone() === 'utc' ? { timeZone: 'UTC' } : {}
}

/** Behind a time without a zone that was typed, before it is read: `2026-11-20T14:00`. */
export function typedZone(): '' | 'Z' {
  return shownZone() === 'utc' ? 'Z' : ''
}
