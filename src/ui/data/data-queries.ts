/**
 * What the Data screens read and do, over `/api/v1/data`.
 * Invariants: names are one part of a path each; a question whose screen was left is cancelled; nothing is
 * read again behind a person's back but lists of topics.
 * Spec: ui 5.7, 6.
 */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type {
  CqlCheck,
  CqlRequest,
  CqlResult,
  DataKafkaInfo,
  DataRows,
  DataTableInfo,
  KeyspaceInfo,
  RecordDetail,
  RecordDraft,
  RecordsPage,
  TopicConsumers,
  TopicDetail,
  TopicDraft,
  TopicInfo,
} from '../../api-v1-data.ts'
import { call, part } from '../api-client.ts'

const CASSANDRA = '/api/v1/data/cassandra'
const KAFKA = '/api/v1/data/kafka'
const TOPICS_MS = 5_000

export interface TablePlace {
  readonly connection: string
  readonly keyspace: string
  readonly table: string
}

export interface RowsPlace extends TablePlace {
  readonly token?: string | undefined
  readonly page?: string | undefined
  /** A JSON list of texts. */
  readonly key?: string | undefined
  readonly times?: boolean | undefined
}

export interface RecordsPlace {
  readonly topic: string
  readonly from: string
  readonly page?: string | undefined
  readonly partition?: string | undefined
  readonly q?: string | undefined
  readonly decode?: string | undefined
}

export function keyspacesQuery(connection: string) {
  return queryOptions({
    queryKey: ['data', 'keyspaces', connection],
    queryFn: async ({ signal }) =>
      (
        await call<List<KeyspaceInfo>>(
          'GET',
          `${CASSANDRA}/${part(connection)}/keyspaces`,
          undefined,
          signal,
        )
      ).items,
    staleTime: 30_000,
  })
}

export function tableQuery(place: TablePlace) {
  return queryOptions({
    queryKey: ['data', 'table', place.connection, place.keyspace, place.table],
    queryFn: ({ signal }) => call<DataTableInfo>('GET', tablePath(place), undefined, signal),
    staleTime: 30_000,
  })
}

export function rowsQuery(place: RowsPlace) {
  const { connection, keyspace, table, ...at } = place
  return queryOptions({
    queryKey: ['data', 'rows', connection, keyspace, table, at],
    queryFn: ({ signal }) =>
      call<DataRows>('GET', `${tablePath(place)}/rows${queryText(at)}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
}

export async function checkCql(connection: string, cql: string): Promise<CqlCheck> {
  return await call('POST', `${CASSANDRA}/${part(connection)}/cql/check`, { cql })
}

export async function runCql(connection: string, request: CqlRequest): Promise<CqlResult> {
  return await call('POST', `${CASSANDRA}/${part(connection)}/cql`, request)
}

export const kafkaQuery = queryOptions({
  queryKey: ['data', 'kafka'],
  queryFn: () => call<DataKafkaInfo>('GET', KAFKA),
  staleTime: Number.POSITIVE_INFINITY,
})

export const topicsQuery = queryOptions({
  queryKey: ['data', 'topics'],
  queryFn: async ({ signal }) =>
    (await call<List<TopicInfo>>('GET', `${KAFKA}/topics`, undefined, signal)).items,
  refetchInterval: TOPICS_MS,
})

export function topicQuery(topic: string) {
  return queryOptions({
    queryKey: ['data', 'topics', topic],
    queryFn: ({ signal }) => call<TopicDetail>('GET', topicPath(topic), undefined, signal),
  })
}

export function consumersQuery(topic: string) {
  return queryOptions({
    queryKey: ['data', 'topics', topic, 'consumers'],
    queryFn: ({ signal }) =>
      call<TopicConsumers>('GET', `${topicPath(topic)}/consumers`, undefined, signal),
  })
}

export function recordsQuery(place: RecordsPlace) {
  const { topic, ...at } = place
  return queryOptions({
    queryKey: ['data', 'records', topic, at],
    queryFn: ({ signal }) =>
      call<RecordsPage>('GET', `${topicPath(topic)}/records${queryText(at)}`, undefined, signal),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
}

export function recordQuery(topic: string, at: { partition: number; offset: string } | undefined) {
  const path = `${topicPath(topic)}/records/${at?.partition}/${at?.offset}`
  return queryOptions({
    queryKey: ['data', 'record', topic, at],
    queryFn: ({ signal }) => call<RecordDetail>('GET', path, undefined, signal),
    enabled: at !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  })
}

/** Waits at the server for the first record behind `page`. */
export async function fetchLive(
  place: RecordsPlace & { readonly limit: number; readonly wait: number },
  signal: AbortSignal,
): Promise<RecordsPage> {
  const { topic, ...at } = place
  return await call('GET', `${topicPath(topic)}/records${queryText(at)}`, undefined, signal)
}

export async function addTopic(draft: TopicDraft): Promise<TopicDetail> {
  return await call('POST', `${KAFKA}/topics`, draft)
}

export async function deleteTopic(topic: string): Promise<void> {
  await call('DELETE', `${topicPath(topic)}?confirm=${part(topic)}`)
}

export async function sendRecord(topic: string, draft: RecordDraft): Promise<void> {
  await call('POST', `${topicPath(topic)}/records`, draft)
}

function tablePath({ connection, keyspace, table }: TablePlace): string {
  return `${CASSANDRA}/${part(connection)}/${part(keyspace)}/${part(table)}`
}

function topicPath(topic: string): string {
  return `${KAFKA}/topics/${part(topic)}`
}

function queryText(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '' && value !== false) query.set(name, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
