/**
 * A connector as the resource of Strimzi (`kind: KafkaConnector`), written and read. Pure.
 * Used by Copy as and by the reader of pastes.
 * Invariant: what is written here reads back as the same name and configuration.
 * Spec: ui 4.4 (Copy as YAML), 5.4 (accepted pastes).
 */
import type { Config } from './connector-queries.ts'
import type { YamlMap, YamlValue } from './yaml-text.ts'

export function toStrimzi(name: string, config: Config): string {
  const { name: _own, 'connector.class': plugin = '', 'tasks.max': tasks, ...rest } = config
  // What is no number is for the operator to refuse.
  const count = tasks === undefined || /^\d+$/.test(tasks) ? tasks : JSON.stringify(tasks)
  return [
    'apiVersion: kafka.strimzi.io/v1beta2',
    'kind: KafkaConnector',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    '  labels:',
    '    strimzi.io/cluster: my-connect-cluster',
    'spec:',
    `  class: ${JSON.stringify(plugin)}`,
    ...(count === undefined ? [] : [`  tasksMax: ${count}`]),
    `  config:${Object.keys(rest).length === 0 ? ' {}' : ''}`,
    ...Object.entries(rest).map(([key, value]) => `    ${keyText(key)}: ${JSON.stringify(value)}`),
    '',
  ].join('\n')
}

/** As the body of `POST /connectors`; undefined: it is no such resource. */
export function fromStrimzi(value: YamlValue): YamlMap | undefined {
  if (!isMap(value) || value['kind'] !== 'KafkaConnector') return undefined
  const metadata = value['metadata'] ?? null
  const spec = value['spec'] ?? null
  if (!isMap(spec)) throw new Error('KafkaConnector: expected a map at spec, found none.')
  const config = isMap(spec['config'] ?? null) ? (spec['config'] as YamlMap) : {}
  const named = isMap(metadata) ? (metadata['name'] ?? '') : ''
  return {
    name: named,
    config: {
      ...(spec['class'] == null ? {} : { 'connector.class': spec['class'] }),
      ...(spec['tasksMax'] == null ? {} : { 'tasks.max': spec['tasksMax'] }),
      ...config,
    },
  }
}

/** The resources of `kubectl get -o yaml`, or the value itself. */
export function resourcesOf(value: YamlValue): readonly YamlValue[] {
  if (isList(value)) return value
  const items = isMap(value) && value['kind'] === 'List' ? value['items'] : undefined
  return items !== undefined && isList(items) ? items : [value]
}

function keyText(key: string): string {
  return /^[A-Za-z_][\w.-]*$/.test(key) ? key : JSON.stringify(key)
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value)
}

function isMap(value: YamlValue): value is YamlMap {
  return typeof value === 'object' && value !== null && !isList(value)
}
