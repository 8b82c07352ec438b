/**
 * The form of a new channel without its look: first values, what is wrong, the saving, the same as a
 * command. Used by the dialog.
 * Invariant: the topic of a table is set before its first change is captured.
 * Spec: ui 4.4, 5.5; cdc-replication 2.3.
 */
import type { CaptureChannelCheck, CaptureSource } from '../../api-v1-capture.ts'
import { type Reader, readerOf, topicsOf } from './capture-model.ts'
import { actOnChannel, addChannel } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { sendTo } from './reader.ts'

export interface ChannelForm {
  readonly dataCenterId: string
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  /** Undefined: that of the connector. */
  readonly topic: string | undefined
  readonly order: 'FIFO' | 'LIFO'
  /** As it is typed. */
  readonly priority: string
  readonly collectionEnabled: boolean
  readonly transmissionEnabled: boolean
  /** Rows that are there go first. */
  readonly copiesRows: boolean
}

/** By field. */
export type ChannelProblems = Readonly<Record<string, string>>

/** What there is only one of is chosen. */
export function firstForm(
  { overview }: Pick<CaptureView, 'overview'>,
  { dataCenterId, tables }: CaptureSource,
  destination: string | undefined,
): ChannelForm {
  const keyspaces = new Set(tables.map(one => one.keyspace))
  const { destinations } = overview
  const only = destinations.length === 1 ? (destinations[0]?.name ?? '') : ''
  return {
    dataCenterId,
    sourceKeyspace: keyspaces.size === 1 ? ([...keyspaces][0] ?? '') : '',
    ...{ sourceTable: '', destination: destination ?? only, topic: undefined },
    ...{ order: 'FIFO', priority: '2', collectionEnabled: true, transmissionEnabled: true },
    copiesRows: false,
  }
}

/** `early`: only of fields that are filled. */
export function problemsOf(
  form: ChannelForm,
  check: CaptureChannelCheck | undefined,
  early = false,
): ChannelProblems {
  const problems: Record<string, string> = {}
  if (!early) {
    if (form.sourceKeyspace === '') problems['sourceKeyspace'] = 'Choose the keyspace.'
    if (form.sourceTable === '') problems['sourceTable'] = 'Choose the table.'
    if (form.destination === '') problems['destination'] = 'Choose where its changes go.'
  }
  if (!/^[1-9]\d{0,8}$/.test(form.priority.trim())) {
    problems['priority'] = 'Expected a whole number above 0; 1 goes first.'
  }
  if (form.topic !== undefined && !/^[A-Za-z0-9._-]{1,249}$/.test(form.topic)) {
    problems['topic'] = 'Expected 1 to 249 letters, digits, dots, hyphens and underscores.'
  }
  for (const { field, message } of check?.problems ?? []) problems[field] ??= message
  const table = check?.checks.find(one => one.key === 'table')
  if (!early && table?.state === 'failed') {
    problems['capture'] = `${table.text} Press the button that alters it.`
  }
  return problems
}

/** The topics that its changes go to, by the connector that reads the destination. */
export function topicsNow(form: ChannelForm, readers: readonly Reader[]): readonly string[] {
  const reader = readerOf(form.destination, readers)
  if (reader === undefined || form.sourceTable === '') return []
  return topicsOf(reader.config, form.sourceKeyspace, form.sourceTable)
}

export async function saveChannel(form: ChannelForm, readers: readonly Reader[]): Promise<void> {
  const { topic, copiesRows, priority, ...rest } = form
  const table = `${form.sourceKeyspace}.${form.sourceTable}`
  const reader = readerOf(form.destination, readers)
  const isOther = topic !== undefined && !topicsNow(form, readers).includes(topic)
  if (isOther && reader !== undefined) await sendTo(reader, table, topic)
  const channel = await addChannel({ ...rest, priority: Number(priority) })
  if (copiesRows) await actOnChannel('snapshot', channel)
}

export function channelCommand(form: ChannelForm): string {
  const words = [
    ...['scamander advrep channel create', '--source-keyspace', form.sourceKeyspace || '…'],
    ...['--source-table', form.sourceTable || '…', '--destination', form.destination || '…'],
    ...['--data-center-id', form.dataCenterId],
    ...(form.order === 'LIFO' ? ['--lifo-order'] : []),
    ...(form.priority === '2' ? [] : ['--priority', form.priority]),
    ...(form.collectionEnabled ? [] : ['--collection-enabled false']),
    ...(form.transmissionEnabled ? [] : ['--transmission-enabled false']),
  ]
  return words.join(' ')
}
