/**
 * Whether a page of another origin makes a call, as its browser tells. Asked before a change is looked at.
 * Invariants: a browser that names the relation itself is believed, because no page can change what it
 * says; one that does not is judged by `Origin` and `Host`; whoever is no browser says nothing of either.
 * Spec: docs/adr/0034-sessions-and-users-of-the-page.md.
 */
export interface CallHeaders {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

const OWN: ReadonlySet<unknown> = new Set(['same-origin', 'none'])

export function isForeignCall(headers: CallHeaders): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (site !== undefined) return !OWN.has(site)
  if (origin === undefined) return false
  const from = URL.parse(origin)
  // A page without an origin of its own says `null`.
  if (from === null || host === undefined) return true
  return from.host !== URL.parse(`${from.protocol}//${host}`)?.host
}
