/**
 * The JSON shapes of `/api/v1` that help people, types only: what a code of an error means, and where the
 * test servers of a demo are. Importable by every room.
 * Invariant: nothing secret is in them.
 * Spec: ui 4.2, 4.10, 6.
 */

/** `GET /help/errors`, `GET /help/errors/{code}` */
export interface ErrorHelp {
  readonly code: string
  /** config, request, data, retriable, disconnected, fatal, cancelled */
  readonly kind: string
  /** When it happens. */
  readonly summary: string
  readonly advice: string
}

/** In `GET /session`. */
export interface SandboxPlaces {
  /** `host:port`. */
  readonly cassandra: string
  readonly kafka: string
  readonly folder: string
  /** A made-up Backlog space, once it listens: what a connection to it takes. */
  readonly backlog?: SandboxSpace
}

export interface SandboxSpace {
  readonly url: string
  readonly apiKey: string
}
