/**
 * A topic source that tells which topics its records come from, for the list of active topics.
 * Put around the consumer of a sink task. Records of one topic follow each other in a delivery,
 * so that the cost is one comparison per record.
 * Spec: connect-rest 2.2 (topics).
 */
import type { Batch, RawMessage, TopicSource } from '../flow/index.ts'
import type { TaskHooks } from './task-hooks.ts'

/** The source itself when nobody wants to know. */
export function trackingSource(source: TopicSource, hooks: TaskHooks | undefined): TopicSource {
  if (hooks === undefined) return source
  return {
    open: (listener, signal) => source.open(listener, signal),
    read: async signal => {
      const batch = await source.read(signal)
      tellTopics(batch, hooks)
      return batch
    },
    commit: positions => source.commit(positions),
    seek: position => source.seek(position),
    pause: partitions => source.pause(partitions),
    resume: partitions => source.resume(partitions),
    close: () => source.close(),
  }
}

function tellTopics({ items }: Batch<RawMessage>, hooks: TaskHooks): void {
  let last = ''
  for (const { topic } of items) {
    if (topic === last) continue
    last = topic
    hooks.usesTopic(topic)
  }
}
