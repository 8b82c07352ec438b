/**
 * Whether a source connector keeps its positions in a topic of its own, and the store that does so.
 * Called for every run of a task and every call about offsets; who asks closes it.
 * Spec: connect-rest 9 (`offsets.storage.topic`).
 */
import type { ConfigSource } from '../config/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { OffsetStore } from './offsets/offset-store.ts'
import { OwnTopic } from './offsets/own-topic.ts'
import { OwnTopicOffsets } from './offsets/own-topic-offsets.ts'
import { clientSettings } from './sink-task-parts.ts'
import type { WorkerConfig } from './standalone-config.ts'
import type { NamedConfig } from './task-plan.ts'

/** Undefined: the worker's store has them. */
export function ownOffsets(
  plan: NamedConfig,
  workers: OffsetStore,
  { worker, logger }: { readonly worker: WorkerConfig; readonly logger: Logger },
): OwnTopicOffsets | undefined {
  const named = (source: ConfigSource, key: string) => source.entries.get(key)?.value.trim()
  const topic = named(plan.evaluation.source, 'offsets.storage.topic')
  // Naming the worker's own topic changes nothing.
  if (!topic || topic === named(worker.source, 'offset.storage.topic')) return undefined
  const client = clientSettings('producer', { plan, worker, logger }, { acks: 'all' })
  const newTopic = () => new OwnTopic({ topic, client, worker: worker.source, logger })
  return new OwnTopicOffsets({ topic, newTopic, workers, logger })
}
