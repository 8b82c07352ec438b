/**
 * The routes of `/api/v1/data/kafka`: topics, their records and consumers; making, filling and deleting a
 * topic. Each asks the topic desk and answers; changes are written to the audit trail.
 * Invariant: the trail names topics, never what is in a record.
 * Shapes: src/api-v1-data.ts. Spec: ui 4.11, 5.7, 6.
 */
import type { DecodeAs, RecordDraft, TopicDraft } from '../../api-v1-data.ts'
import { badQuery, type RecordsQuery, type TopicDesk } from '../../browse/index.ts'
import type { Replicator } from '../../replicate/index.ts'
import { type Call, empty, json } from '../route.ts'
import { countOf, textOf } from './data-cassandra-routes.ts'
import { audit, body, items, type Row } from './v1-calls.ts'

const BASE = '/data/kafka'
const RECORDS = 100
const RECORDS_MAX = 500
const WAIT_MS_MAX = 10_000
const FORMATS: ReadonlySet<string> = new Set(['auto', 'json', 'text', 'hex'])

export function dataKafkaRows(desk: TopicDesk, replicator: Replicator): Row[] {
  return [
    [`GET ${BASE}`, 'Whether this server has a Kafka.', () => json(200, desk.info())],
    [`GET ${BASE}/topics`, 'All topics.', async () => items(await desk.topics())],
    [
      `POST ${BASE}/topics`,
      'Makes a topic.',
      async call => {
        const draft = body<TopicDraft>(call)
        await desk.addTopic(draft)
        audit(replicator, call, ['topic created', draft.name])
        return json(201, await desk.topic(draft.name))
      },
    ],
    [
      `GET ${BASE}/topics/:topic`,
      'Partitions and settings of a topic.',
      async call => json(200, await desk.topic(topic(call))),
    ],
    [
      `DELETE ${BASE}/topics/:topic`,
      'Deletes a topic with its records; confirm= repeats its name.',
      async call => {
        await desk.deleteTopic(topic(call), call.query.get('confirm') ?? '')
        audit(replicator, call, ['topic deleted', topic(call)])
        return empty(204)
      },
    ],
    [
      `GET ${BASE}/topics/:topic/consumers`,
      'Groups with a position in a topic.',
      async call => json(200, await desk.consumers(topic(call))),
    ],
    ...recordRows(desk, replicator),
  ]
}

function recordRows(desk: TopicDesk, replicator: Replicator): Row[] {
  return [
    [
      `GET ${BASE}/topics/:topic/records`,
      'A page of records: from=newest, oldest, offset:N or time:…; or page= of an answer.',
      async call => json(200, await desk.records(topic(call), recordsQuery(call.query))),
    ],
    [
      `GET ${BASE}/topics/:topic/records/:partition/:offset`,
      'One record whole.',
      async call => {
        const at = [call.params['partition'] ?? '', call.params['offset'] ?? '']
        if (!at.every(one => /^\d{1,15}$/.test(one))) {
          throw badQuery('offset', 'expected whole numbers for partition and offset')
        }
        const [partition = 0, offset = 0] = at.map(Number)
        return json(200, await desk.record(topic(call), partition, offset))
      },
    ],
    [
      `POST ${BASE}/topics/:topic/records`,
      'Sends one record.',
      async call => {
        await desk.produce(topic(call), body<RecordDraft>(call))
        audit(replicator, call, ['record sent', topic(call)])
        return empty(204)
      },
    ],
  ]
}

function recordsQuery(query: URLSearchParams): RecordsQuery {
  const decode = textOf(query, 'decode') ?? 'auto'
  if (!FORMATS.has(decode)) throw badQuery('decode', 'expected auto, json, text or hex')
  const partition = textOf(query, 'partition')
  return {
    from: textOf(query, 'from') ?? 'newest',
    page: textOf(query, 'page'),
    partition: partition === undefined ? undefined : countOf(query, 'partition', 0),
    contains: textOf(query, 'q') ?? '',
    decode: decode as DecodeAs,
    recordsMax: Math.min(RECORDS_MAX, Math.max(1, countOf(query, 'limit', RECORDS))),
    waitMs: Math.min(WAIT_MS_MAX, countOf(query, 'wait', 0)),
  }
}

function topic(call: Call): string {
  return call.params['topic'] ?? ''
}
