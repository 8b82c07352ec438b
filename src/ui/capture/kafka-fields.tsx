/**
 * What a destination in Kafka needs: the connector that reads it, its topics and format. The choices are
 * those that the worker tells.
 * Used by the dialog of destinations.
 * Spec: ui 5.4 (recommended values), 5.5.
 */
import { Autocomplete, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { validate } from '../connectors/connector-queries.ts'
import { readerConfig } from './capture-model.ts'
import type { DestinationForm, FormErrors } from './destination-form.ts'
import { readerName } from './reader.ts'

export interface DestinationFieldsProps {
  readonly form: DestinationForm
  readonly errors: FormErrors
  readonly change: (next: Partial<DestinationForm>) => void
}

export function KafkaFields({ form, errors, change }: DestinationFieldsProps) {
  const name = form.name.trim()
  return (
    <>
      <Switch
        label="Also launch a source connector that reads it"
        description={
          name === ''
            ? 'Without one its changes wait.'
            : `${readerName(name)}; without one its changes wait.`
        }
        checked={form.hasReader}
        onChange={event => change({ hasReader: event.currentTarget.checked })}
        data-testid="field-reader"
      />
      {form.hasReader && (
        <>
          <TextInput
            label="Topic pattern"
            description="The words keyspace, table and destination, as ${table}, stand for names. A topic that is missing is made."
            value={form.topic}
            onChange={event => change({ topic: event.currentTarget.value })}
            data-testid="field-topic-pattern"
            error={
              errors['topic'] === undefined ? undefined : (
                <span data-testid="field-topic-pattern-error">{errors['topic']}</span>
              )
            }
          />
          <Format form={form} errors={errors} change={change} />
        </>
      )}
    </>
  )
}

function Format({ form, errors, change }: DestinationFieldsProps) {
  const { data = [] } = useQuery({
    queryKey: ['capture-formats'],
    queryFn: async () => {
      const { configs } = await validate(readerConfig({ destination: '', topic: '', format: '' }))
      const found = configs.find(one => one.value?.name === 'scamander.format')
      return found?.value?.recommended_values ?? []
    },
    staleTime: 600_000,
    retry: false,
  })
  return (
    <Autocomplete
      label="Format"
      description="default: the changed row, a deletion is a null value, as the replaced connector sends it."
      data={[...data]}
      value={form.format}
      onChange={format => change({ format })}
      data-testid="field-format"
      error={
        errors['format'] === undefined ? undefined : (
          <span data-testid="field-format-error">{errors['format']}</span>
        )
      }
    />
  )
}
