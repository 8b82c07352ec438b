/**
 * What the server has for the steps of the ways, from the queries that the screens use.
 * Used by the welcome page, Home and the strip.
 * Invariant: nothing is told before all of it is known.
 * Spec: ui 5.2 (first run).
 */
import { useQuery } from '@tanstack/react-query'
import { readersOf, toChannelRows } from '../capture/capture-model.ts'
import { captureQuery } from '../capture/capture-queries.ts'
import { connectionsQuery } from '../connections/connection-queries.ts'
import { connectorsQuery } from '../connectors/connector-queries.ts'
import { toRows } from '../connectors/connector-state.ts'
import { flowsQuery } from '../home/home-queries.ts'
import { jobsQuery } from '../jobs/job-queries.ts'
import { migrationsQuery } from '../migrations/migration-queries.ts'
import {
  SERVES_CAPTURE,
  SERVES_CONNECT,
  SERVES_DATA,
  SERVES_JOBS,
  SERVES_MIGRATIONS,
} from '../parts/served.ts'
import type { Facts } from './guide-model.ts'

export interface KnownFacts {
  /** Undefined: not all of it is known yet. */
  readonly facts: Facts | undefined
  /** Some of it could not be read, and is taken for nothing. */
  readonly hasFailed: boolean
}

export function useFacts(isWanted = true): KnownFacts {
  const wanted = (serves: boolean) => ({ enabled: isWanted && serves })
  const connectors = useQuery({ ...connectorsQuery, ...wanted(SERVES_CONNECT) })
  const flows = useQuery({ ...flowsQuery, ...wanted(SERVES_CONNECT) })
  const jobs = useQuery({ ...jobsQuery, ...wanted(SERVES_JOBS) })
  const connections = useQuery({ ...connectionsQuery, ...wanted(SERVES_JOBS) })
  const capture = useQuery({ ...captureQuery, ...wanted(SERVES_CAPTURE) })
  const migrations = useQuery({ ...migrationsQuery, ...wanted(SERVES_MIGRATIONS) })
  const asked = [
    ...(SERVES_CONNECT ? [connectors] : []),
    ...(SERVES_JOBS ? [jobs, connections] : []),
    ...(SERVES_CAPTURE ? [capture] : []),
    ...(SERVES_MIGRATIONS ? [migrations] : []),
  ]
  const hasFailed = asked.some(one => one.isError)
  if (!isWanted || asked.some(one => one.isPending)) return { facts: undefined, hasFailed }
  const written = new Map(flows.data?.connectors.map(one => [one.name, one.written]))
  const all = connectors.data ?? {}
  const channels = capture.data === undefined ? [] : toChannelRows(capture.data, readersOf(all))
  const facts: Facts = {
    connections: connections.data ?? [],
    jobs: jobs.data ?? [],
    connectors: toRows(all).map(({ name, type, state, topics }) => ({
      ...{ name, isSink: type === 'sink', isRunning: state === 'RUNNING', topic: topics[0] },
      written: written.get(name) ?? 0,
    })),
    destinations: capture.data?.destinations.length ?? 0,
    channels: channels.map(({ id, state }) => ({ id, isDelivering: state === 'DELIVERING' })),
    migrations: migrations.data ?? [],
    canBrowse: SERVES_DATA && SERVES_JOBS,
  }
  return { facts, hasFailed }
}
