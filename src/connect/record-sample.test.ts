/** What config providers gave is in no sample. */
import { expect, it } from 'vitest'
import type { RecordSample } from '../api-v1-connectors.ts'
import type { DataCell } from '../api-v1-data.ts'
import { providersOf, resolveProviders, secretProvider, sourceOf } from '../config/index.ts'
import { withoutGiven } from './record-sample.ts'

const LONG = 'PLANTED-'.repeat(40)
const SECRETS: Readonly<Record<string, string>> = { db: 'PLANTED', long: LONG, one: '1' }
const { providers } = providersOf(sourceOf({}), { secret: secretProvider(name => SECRETS[name]) })
const source = resolveProviders(
  sourceOf({
    topics: `stocks,\${secret:db}`,
    'transforms.i.static.value': `\${secret:long}`,
    'tasks.max': `\${secret:one}`,
  }),
  providers,
)

const sample = (topic: string, value: DataCell): RecordSample[] => [
  {
    ...{ topic, state: 'passed', record: `${topic}-0@1` },
    statements: [{ cql: 'INSERT', values: [{ name: 'k', value }] }],
    problems: [{ stage: 'TASK_PUT', message: `no topic ${topic}` }],
  },
]

it('hides a named secret that stands as a topic, a constant or in a message', () => {
  const cut = { text: LONG.slice(0, 200), bytes: LONG.length }
  for (const value of [LONG, cut, `is ${SECRETS['db']}`])
    expect(JSON.stringify(withoutGiven(sample('PLANTED', value), [source]))).not.toContain('PLANT')
})

it('leaves all else as it is, and what is too short to be a secret', () => {
  const samples = sample('stocks', null)
  expect(withoutGiven(samples, [source])).toEqual(samples)
  expect(withoutGiven(samples, [sourceOf({ topics: 'stocks' })])).toBe(samples)
})
