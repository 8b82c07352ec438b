/**
 * One dead letter with its contents: key, value as JSON, text or hex, headers, trace; replayed as it is,
 * or with another value. Used by the dead letters tab.
 * Invariants: contents are drawn as text only; an edited value is sent once, the letter stays as it is.
 * Spec: ui 5.4 (drawer of a dead letter).
 */
import { Button, Group, SegmentedControl, Stack, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { DeadLetterDetail, RecordBytes } from '../../api-v1-connectors.ts'
import { toCounted } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { deadLetterQuery } from './inside-queries.ts'
import { TraceBox } from './trace-box.tsx'

interface DeadLetterDetailProps {
  readonly name: string
  readonly id: string
  /** Without a value: as it is. */
  readonly onReplay?: (value: string) => void
}

export function DeadLetterDetailCard({ name, id, onReplay }: DeadLetterDetailProps) {
  const query = useQuery(deadLetterQuery(name, id))
  return (
    <div data-testid="dead-letter-detail" data-key={id}>
      <Panel query={query} what="the dead letter">
        {letter => <Detail letter={letter} {...(onReplay === undefined ? {} : { onReplay })} />}
      </Panel>
    </div>
  )
}

interface DetailProps {
  readonly letter: DeadLetterDetail
  readonly onReplay?: (value: string) => void
}

const FORMS = [
  { value: 'json', label: 'JSON' },
  { value: 'text', label: 'Text' },
  { value: 'hex', label: 'Hex' },
]

function Detail({ letter, onReplay }: DetailProps) {
  const [form, setForm] = useState('json')
  const [draft, setDraft] = useState<string | undefined>()
  const mayEdit = onReplay !== undefined && !letter.value.isCut
  return (
    <Stack gap="md">
      <Group gap="md">
        <SegmentedControl aria-label="Form" value={form} onChange={setForm} data={FORMS} />
        {mayEdit && draft === undefined && (
          <Button onClick={() => setDraft(letter.value.text ?? '')} data-testid="dead-letter-edit">
            Edit and replay…
          </Button>
        )}
      </Group>
      <dl className="sc-facts">
        <dt>Key</dt>
        <dd>
          <Bytes of={letter.key} form={form} />
        </dd>
        <dt>Value</dt>
        <dd>
          {draft === undefined ? (
            <Bytes of={letter.value} form={form} />
          ) : (
            <Stack gap="sm">
              <Textarea
                className="sc-code"
                aria-label="Another value"
                value={draft}
                onChange={event => setDraft(event.currentTarget.value)}
                autosize
                minRows={3}
                maxRows={16}
                data-testid="dead-letter-value"
              />
              <Group gap="sm">
                <Button
                  variant="filled"
                  onClick={() => onReplay?.(draft)}
                  data-testid="dead-letter-send"
                >
                  Replay with this value
                </Button>
                <Button onClick={() => setDraft(undefined)}>Cancel</Button>
              </Group>
            </Stack>
          )}
        </dd>
        <dt>Headers</dt>
        <dd>
          {letter.headers.map(({ name, value }) => (
            <div key={name} className="sc-mono sc-wrap">
              {name}: <bdi>{value ?? 'null'}</bdi>
            </div>
          ))}
        </dd>
      </dl>
      {letter.trace !== '' && <TraceBox trace={letter.trace} />}
    </Stack>
  )
}

function Bytes({ of, form }: { readonly of: RecordBytes; readonly form: string }) {
  if (of.text === null) return <span className="sc-quiet">NULL</span>
  const text = form === 'hex' ? `0x${of.hex}` : form === 'json' ? pretty(of.text) : of.text
  return (
    <>
      <pre className="sc-message">
        <bdi>{text}</bdi>
      </pre>
      <span className="sc-quiet">
        {toCounted(of.bytes, 'byte')}
        {of.isCut && ', the first ones are shown'}
      </span>
    </>
  )
}

/** As it is when it is no JSON. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
