/**
 * Answers for pages of other origins, off unless `access.control.allow.origin` names some.
 * Called by the HTTP server for every request and for preflights.
 * Invariant: an origin that is not named gets no header, whatever it asks for.
 * Spec: connect-rest 1 (CORS).
 */
export interface CorsSettings {
  /** `*` or origins. */
  readonly origins: readonly string[]
  readonly methods: readonly string[]
}

const DEFAULT_METHODS = ['GET', 'POST', 'HEAD']
const HEADERS = 'X-Requested-With,Content-Type,Accept,Origin,Authorization'

/** Undefined: off. */
export function parseCors(origin: string, methods: string): CorsSettings | undefined {
  const origins = split(origin)
  if (origins.length === 0) return undefined
  const given = split(methods)
  return { origins, methods: given.length === 0 ? DEFAULT_METHODS : given }
}

export function corsHeaders(
  cors: CorsSettings | undefined,
  origin: string | undefined,
  isPreflight = false,
): Record<string, string> {
  if (cors === undefined || origin === undefined) return {}
  const isAny = cors.origins.includes('*')
  if (!isAny && !cors.origins.includes(origin)) return {}
  const allowed = {
    'Access-Control-Allow-Origin': isAny ? '*' : origin,
    ...(isAny ? {} : { Vary: 'Origin' }),
  }
  if (!isPreflight) return allowed
  return {
    ...allowed,
    'Access-Control-Allow-Methods': cors.methods.join(','),
    'Access-Control-Allow-Headers': HEADERS,
  }
}

function split(text: string): string[] {
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}
