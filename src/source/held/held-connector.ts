/**
 * The connector class of replication jobs in a group of workers: one task, which any worker may be
 * given. Workers with `scamander.replicate.topic` make the connector themselves.
 * Used by `catalog.ts`. Spec: design, decision 5; docs/adr/0033-replication-in-a-worker-group.md.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import { type ConfigSource, defineConfig, type Lint } from '../../config/index.ts'
import type { RecordSource } from '../../flow/index.ts'
import { HELD_ERRORS } from './errors.ts'
import { HeldSource } from './held-source.ts'
import { findHeldWork, type HeldWork } from './held-work.ts'

export const REPLICATION_CONNECTOR_CLASS = 'io.scamander.replicate.ReplicationConnector'
export const REPLICATION_CONNECTOR = 'scamander-replication'

export const replicationConnectorConfig = defineConfig(
  'replication',
  {},
  {
    summary: 'Runs the replication jobs of a group of workers at one of them.',
    description:
      'Workers with `scamander.replicate.topic` make this connector themselves, under the name `scamander-replication`. It has one task: the worker that is given it runs the jobs and answers for them, and another goes on when that worker dies. Paused or stopped, no job runs.',
    examples: [
      {
        title: 'As the workers make it',
        config: {
          name: REPLICATION_CONNECTOR,
          'connector.class': REPLICATION_CONNECTOR_CLASS,
          'tasks.max': '1',
        },
      },
    ],
  },
)

export function checkReplicationConnector(source: ConfigSource): readonly Lint[] {
  const name = source.entries.get('name')
  if (name === undefined || name.value.trim() === REPLICATION_CONNECTOR) return []
  const location = name.location === undefined ? {} : { location: name.location }
  const message = `Invalid value ${name.value} for configuration name: expected ${REPLICATION_CONNECTOR}, because jobs run at one worker at a time`
  return [{ kind: 'invalid', severity: 'error', key: 'name', message, ...location }]
}

export function prepareReplicationConnector() {
  return {
    notes: [],
    supportsExactlyOnce: false,
    taskConfigs: async () => [{}],
    createSource: (): RecordSource => new HeldSource(requireWork()),
  }
}

function requireWork(): HeldWork {
  const work = findHeldWork()
  if (work?.connector === REPLICATION_CONNECTOR) return work
  const message = 'expected a worker with scamander.replicate.topic, found one without'
  throw new ScamanderError(HELD_ERRORS.NOT_HERE, message)
}
