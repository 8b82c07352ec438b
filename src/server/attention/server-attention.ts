/**
 * What needs attention of the server itself: disks that are nearly full, certificates that end soon; and
 * migrations whose clusters diverge. Sources of the attention list.
 * Invariant: proxies are only asked by migrations that write to both clusters.
 * Spec: ui 5.1; live-migration 5.
 */
import { X509Certificate } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import type { MigrationDesk } from '../../migrate/index.ts'
import type { AttentionFinding, AttentionSource } from './attention-desk.ts'

const DISK_PART = 0.8
const DAY_MS = 86_400_000
const SOON_DAYS = 14
const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Of the file system that holds a folder; undefined: it does not tell. */
export async function diskPart(folder: string): Promise<number | undefined> {
  try {
    const { blocks, bfree, bavail } = await statfs(folder)
    const used = blocks - bfree
    return used + bavail <= 0 ? undefined : used / (used + bavail)
  } catch {
    // A folder that is made later, or a file system without figures.
    return undefined
  }
}

export function diskAttention(folder: string): AttentionSource {
  return {
    read: async () => {
      const part = await diskPart(folder)
      if (part === undefined || part < DISK_PART) return []
      return [
        {
          ...{ key: 'disk', kind: 'disk', role: 'warn', section: 'monitoring', id: 'workers' },
          ...{ name: 'Disk of the data folder', what: `${Math.round(part * 100)} % full` },
          cause: 'Queues, runs and logs need room; a full disk stops capture and jobs.',
        },
      ]
    },
  }
}

/** `certificates`: PEM texts by what they are for. */
export function certificateAttention(
  certificates: readonly { readonly name: string; readonly pem: string }[],
): AttentionSource {
  const known = certificates.map(({ name, pem }) => ({ name, endsMs: endOf(pem) }))
  return {
    read: () => known.flatMap(({ name, endsMs }) => certificateFinding(name, endsMs, Date.now())),
  }
}

export function certificateFinding(
  name: string,
  endsMs: number | undefined,
  nowMs: number,
): AttentionFinding[] {
  if (endsMs === undefined) return []
  const days = Math.ceil((endsMs - nowMs) / DAY_MS)
  if (days > SOON_DAYS) return []
  const what =
    days <= 0
      ? 'its certificate has ended'
      : `its certificate ends in ${days === 1 ? '1 day' : `${days} days`}`
  return [
    {
      ...{ key: `certificate ${name}`, kind: 'certificate', section: 'monitoring', name, what },
      ...{ role: days <= 0 ? 'error' : 'warn', id: 'workers' },
      cause: 'Put a new one into the key store and start the worker again.',
    },
  ]
}

/** Of a chain the one that ends first; undefined: there is none that can be read. */
function endOf(pem: string): number | undefined {
  const ends = (pem.match(PEM) ?? []).map(one => Date.parse(new X509Certificate(one).validTo))
  return ends.length === 0 ? undefined : Math.min(...ends)
}

const PHASE_DUAL_FIRST = 1
const PHASE_DUAL_LAST = 4

export function migrationAttention(desk: MigrationDesk): AttentionSource {
  return {
    read: async () => {
      const open = desk
        .list()
        .filter(one => one.phase >= PHASE_DUAL_FIRST && one.phase <= PHASE_DUAL_LAST)
      const all = open.map(async ({ name }) => {
        const { items } = await desk.proxies(name)
        const missed = items.filter(one => one.missedWrites > 0)
        return missed.length === 0 ? [] : [divergingOf(name, missed)]
      })
      return (await Promise.all(all)).flat()
    },
  }
}

function divergingOf(
  name: string,
  missed: readonly { readonly url: string; readonly missedWrites: number }[],
): AttentionFinding {
  const count = missed.reduce((sum, one) => sum + one.missedWrites, 0)
  return {
    ...{ key: `diverging ${name}`, kind: 'diverging', role: 'error', section: 'migrations' },
    ...{ id: name, name },
    what: `its clusters diverge: the target missed ${count} ${count === 1 ? 'write' : 'writes'} since its proxies started`,
    cause: `The target refused or missed them, at ${missed.map(one => one.url).join(', ')}. Validate, then repair.`,
  }
}
