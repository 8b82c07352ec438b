/**
 * JSON payloads of the Backlog stand-in, and the pseudo-random numbers they are made of.
 * Used by the space and its routes. Nothing here knows HTTP, and nothing imports the product.
 * Invariant: the same seed and index give the same bytes.
 * Spec: backlog-replication 1.6, 1.9, 3.1.
 */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json }
export type JsonObject = { readonly [name: string]: Json }

/** A number in 0..n-1 that depends on the parts only. */
export function pick(n: number, ...parts: readonly number[]): number {
  let hash = 0x9e3779b9
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return (hash >>> 0) % n
}

/** Backlog's form of a time: UTC, whole seconds. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

const NAMES = ['Mori Aya', 'Sato Ken', 'Ana Díaz', 'Zoë 🚀 Lund', 'ليلى حسن', 'e\u0301clair Bo']

export function userOf(id: number, nowMs: number): JsonObject {
  const index = id - 40_001
  const name = index === 0 ? 'Admin' : `${NAMES[index % NAMES.length]} ${index}`
  return {
    id,
    userId: index === 0 ? 'admin' : `user${index}`,
    name,
    roleType: index === 0 ? 1 : 2,
    lang: index % 2 === 0 ? 'ja' : null,
    mailAddress: `user${index}@example.com`,
    lastLoginTime: isoSeconds(nowMs - index * 3_600_000),
    nulabAccount:
      index % 3 === 0
        ? null
        : { nulabId: `n${id}`, name, uniqueId: `u${id}`, iconUrl: 'https://example.com/i.png' },
  }
}

/** As users stand inside other objects; a deleted one is null. */
export function briefUser(id: number | null): JsonObject | null {
  if (id === null) return null
  const { userId, name, roleType, lang, mailAddress } = userOf(id, 0)
  return {
    id,
    userId: userId!,
    name: name!,
    roleType: roleType!,
    lang: lang!,
    mailAddress: mailAddress!,
  }
}

export const PRIORITIES: readonly JsonObject[] = [
  { id: 2, name: 'High' },
  { id: 3, name: 'Normal' },
  { id: 4, name: 'Low' },
]

export const RESOLUTIONS: readonly JsonObject[] = [
  { id: 0, name: 'Fixed' },
  { id: 1, name: "Won't Fix" },
  { id: 2, name: 'Invalid' },
  { id: 3, name: 'Duplication' },
  { id: 4, name: 'Cannot Reproduce' },
]

export const STATUSES = [
  { id: 1, name: 'Open', color: '#ed8077' },
  { id: 2, name: 'In Progress', color: '#4488c5' },
  { id: 3, name: 'Resolved', color: '#5eb5a6' },
  { id: 4, name: 'Closed', color: '#b0be3c' },
] as const

export function statusOf(id: number, projectId: number): JsonObject {
  const status = STATUSES.find(one => one.id === id) ?? STATUSES[0]
  return { ...status, projectId, displayOrder: status.id * 1000 }
}

export function star(id: number, presenter: number, createdMs: number): JsonObject {
  return {
    id,
    comment: null,
    url: 'https://acme.backlog.com/view/OPS-1',
    title: `star ${id}`,
    presenter: briefUser(presenter),
    created: isoSeconds(createdMs),
  }
}

export function attachment(id: number): JsonObject {
  return {
    ...{ id, name: 'trace.log', size: 18_233 },
    ...{ createdUser: briefUser(40_001), created: '2026-02-03T04:05:06Z' },
  }
}
