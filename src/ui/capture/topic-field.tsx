/**
 * The topic that a table's changes go to: that of the connector, or another for this table; and the making
 * of one that is missing.
 * Used by the dialog of channels. Nothing for a destination in Cassandra.
 * Spec: ui 5.5, 8 (flow 12: `field-topic`, `topic-add`).
 */
import { Button, Group, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { List } from '../../api-v1.ts'
import type { TopicInfo } from '../../api-v1-data.ts'
import { call } from '../api-client.ts'
import { SERVES_DATA } from '../parts/served.ts'
import { toastProblem } from '../parts/toast.ts'
import { readerOf } from './capture-model.ts'
import { useCaptureChange } from './capture-queries.ts'
import type { CaptureView } from './capture-view.ts'
import { type ChannelForm, topicsNow } from './channel-form.ts'

interface TopicFieldProps {
  readonly form: ChannelForm
  readonly view: CaptureView
  readonly error: string | undefined
  readonly change: (next: Partial<ChannelForm>) => void
}

export function TopicField({ form, view, error, change }: TopicFieldProps) {
  const { destination } = form
  const known = view.overview.destinations.find(one => one.name === destination)
  if (known === undefined || known.addresses.length > 0) return undefined
  const reader = readerOf(destination, view.readers)
  if (reader === undefined) {
    return (
      <div className="sc-banner" data-role="warn" data-testid="topic-no-reader">
        <p>
          No connector reads {destination} yet: changes will wait in the queue. Its row offers to
          launch one once the channel is there.
        </p>
      </div>
    )
  }
  const now = topicsNow(form, view.readers)
  const topic = form.topic ?? now.join(', ')
  const isPlain = form.topic !== undefined || now.length === 1
  return (
    <div>
      <TextInput
        label="Topic"
        description={
          form.topic === undefined
            ? `As the connector ${reader.name} says.`
            : `Of this table alone; the connector ${reader.name} is told.`
        }
        value={topic}
        onChange={event => change({ topic: event.currentTarget.value })}
        disabled={form.sourceTable === ''}
        data-testid="field-topic"
        error={
          error === undefined ? undefined : <span data-testid="field-topic-error">{error}</span>
        }
      />
      {SERVES_DATA && isPlain && topic !== '' && <Missing topic={topic} />}
    </div>
  )
}

const TOPICS = ['topics'] as const

function Missing({ topic }: { readonly topic: string }) {
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: [...TOPICS, 'names'],
    queryFn: async () =>
      (await call<List<TopicInfo>>('GET', '/api/v1/data/kafka/topics')).items.map(one => one.name),
    retry: false,
  })
  const add = useCaptureChange(() => call('POST', '/api/v1/data/kafka/topics', { name: topic }))
  if (data === undefined || data.includes(topic)) return undefined
  const go = () =>
    add.mutate(undefined, {
      onSuccess: () => client.invalidateQueries({ queryKey: TOPICS }),
      onError: error => toastProblem(`The topic ${topic} was not made`, error),
    })
  return (
    <Group gap="sm" mt="xs">
      <span className="sc-warning" data-testid="topic-missing">
        does not exist yet
      </span>
      <Button size="compact-sm" loading={add.isPending} onClick={go} data-testid="topic-add">
        Add a Topic
      </Button>
    </Group>
  )
}
