/**
 * What the welcome page offers. Invariant: what this server does not serve is told with what it needs.
 * Used by the welcome page.
 * Spec: ui 5.2 (first run).
 */
import { SERVES_CAPTURE, SERVES_CONNECT, SERVES_JOBS, SERVES_MIGRATIONS } from '../parts/served.ts'
import type { PathKey } from './guide-model.ts'

export interface Choice {
  readonly key: PathKey
  readonly title: string
  readonly effort: string
  /** Why it cannot be chosen here. */
  readonly needs: string | undefined
}

const WORKER = 'needs a worker: scamander start --worker worker.properties'
const CAPTURE = 'needs cdc.contact.points in the properties of the worker'
const ALONE = 'needs a server that was started alone: scamander start'

export function choicesOf(isSandbox: boolean): readonly Choice[] {
  const tried: Choice = isSandbox
    ? { key: 'try', title: 'Show me around this demo', effort: '4 steps', needs: undefined }
    : {
        ...{ key: 'try', effort: '1 minute', needs: undefined },
        title: 'Try it: start test servers with live demo data',
      }
  return [
    tried,
    {
      ...{ key: 'backlog', title: 'Copy a Backlog space into Cassandra', effort: '4 steps' },
      needs: SERVES_JOBS ? undefined : ALONE,
    },
    {
      ...{ key: 'stream', title: 'Stream Kafka topics into Cassandra tables', effort: '3 steps' },
      needs: SERVES_CONNECT ? undefined : WORKER,
    },
    {
      ...{ key: 'capture', title: 'Turn Cassandra changes into Kafka records', effort: '3 steps' },
      needs: SERVES_CAPTURE ? undefined : SERVES_CONNECT ? CAPTURE : WORKER,
    },
    {
      ...{ key: 'migrate', title: 'Move a live Cassandra cluster', effort: '3 steps' },
      needs: SERVES_MIGRATIONS ? undefined : ALONE,
    },
    {
      ...{ key: 'paste', title: 'I have a config: paste JSON, properties, curl' },
      ...{ effort: '3 steps', needs: SERVES_CONNECT ? undefined : WORKER },
    },
  ]
}
