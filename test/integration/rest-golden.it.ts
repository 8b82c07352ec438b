/**
 * The answers of Scamander's REST API beside those of Kafka Connect (test/golden/connect-rest.json):
 * the same calls in the same order, compared by status, type, location and body. Where an answer
 * differs on purpose, the difference stands here with its reason.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REST_CASES, type RestAnswer, runRestCases } from '../golden/connect-rest-cases.ts'
import { type TestKeyspace, testKeyspace } from '../support/keyspace.ts'
import { sinkSettings, startWorker, type TestWorker } from '../support/standalone.ts'
import { type TestTopic, testTopic } from '../support/topic.ts'

interface Recorded extends RestAnswer {
  readonly what: string
}

const recorded = JSON.parse(
  readFileSync(new URL('../golden/connect-rest.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Recorded[] }

const FRAMEWORK =
  'The Connect framework-managed offsets for this connector have been altered successfully. However, if this connector manages offsets externally, they will need to be manually altered in the system that the connector uses.'
const message = (text: string) => ({ body: JSON.stringify({ message: text }) })
const error = (status: number, text: string) => ({
  status,
  contentType: 'application/json',
  location: null,
  body: JSON.stringify({ error_code: status, message: text }),
})

/** By the name of the case: what ours answers instead, and why. */
const DIFFERENCES: Readonly<Record<string, Partial<RestAnswer>>> = {
  // A null pointer there; connect-rest 6 wants this text.
  'unknown restart': error(404, 'Connector golden not found'),
  'unknown task restart': error(404, 'Connector golden not found'),
  // A wrong request is the caller's fault.
  'bad initial state': error(400, 'initial_state: expected one of running, paused, stopped'),
  // The file sink says that it checked the change itself, ours does not.
  'alter offsets': message(FRAMEWORK),
  'remove one': message(FRAMEWORK),
  'reset offsets': message(FRAMEWORK.replaceAll('altered', 'reset')),
  'reset offsets again': message(FRAMEWORK.replaceAll('altered', 'reset')),
}

let keyspace: TestKeyspace
let topic: TestTopic
let worker: TestWorker
let answers: RestAnswer[] = []

beforeAll(async () => {
  keyspace = await testKeyspace()
  topic = await testTopic(1)
  await keyspace.client.execute(`CREATE TABLE ${keyspace.name}.kv (k text PRIMARY KEY, v text)`)
  worker = await startWorker([])
  const mapping = { [`topic.${topic.name}.${keyspace.name}.kv.mapping`]: 'k=key, v=value' }
  const {
    name: _,
    topics: _topics,
    'connector.class': className = '',
    ...more
  } = sinkSettings('golden', topic.name, mapping)
  answers = await runRestCases({ url: worker.url, className, topic: topic.name, more })
}, 120_000)
afterAll(async () => {
  await worker?.stop()
  await topic.drop()
  await keyspace.drop()
})

describe('the REST API answers as Kafka Connect does', () => {
  it.each(REST_CASES.map((one, i) => [`${one.what}: ${one.method} ${one.path}`, i] as const))(
    '%s',
    (_title, i) => {
      const { what, status, contentType, location, body } = recorded.cases[i]!
      expect(what).toBe(REST_CASES[i]!.what)
      const expected = { status, contentType, location, body, ...DIFFERENCES[what] }
      expect(comparable(answers[i]!)).toEqual(comparable(expected))
    },
  )
})

/** The order of a map's members says nothing. */
function comparable(answer: RestAnswer) {
  const isJson = /^[[{"]/.test(answer.body)
  return { ...answer, body: isJson ? JSON.parse(answer.body) : answer.body }
}
