/**
 * The other family of names for Kafka Connect's metrics: those that keep the name of their group, as
 * hosted services and other rule files of the JMX exporter write them.
 * Used by the route of metrics, when it is asked for them.
 * Invariant: only names change; what is not of Kafka Connect stays as it is.
 * Spec: connect-rest 19.
 */

/** Longer prefixes first: one begins with another. */
const GROUPS: readonly (readonly [prefix: string, grouped: string])[] = [
  ['worker_rebalance_', 'connect_worker_rebalance_metrics_'],
  ['worker_', 'connect_worker_metrics_'],
  ['coordinator_', 'connect_coordinator_metrics_'],
  ['connector_task_', 'connector_task_metrics_'],
  ['connector_', 'connector_metrics_'],
  ['sink_task_', 'sink_task_metrics_'],
  ['source_task_', 'source_task_metrics_'],
  ['task_error_', 'task_error_metrics_'],
]

const CONNECT_NAME = /^(# (?:HELP|TYPE) )?kafka_connect_(\w+)/gm

/** The text of an exposition under these names. */
export function groupedNames(exposition: string): string {
  return exposition.replace(CONNECT_NAME, (whole, comment: string | undefined, name: string) => {
    const group = GROUPS.find(([prefix]) => name.startsWith(prefix))
    if (group === undefined) return whole
    const [prefix, grouped] = group
    return `${comment ?? ''}kafka_connect_${grouped}${name.slice(prefix.length)}`
  })
}
