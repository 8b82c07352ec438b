/**
 * A configuration from anywhere: pasted text is read, checked by the worker and launched.
 * Route /ui/connectors/paste.
 * Invariants: what was read is said in words; one connector that is refused does not stop the rest.
 * Spec: ui 5.4 (paste a config).
 */
import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { toCounted } from '../parts/format.ts'
import { CodeEditor } from '../parts/lazy-editor.tsx'
import { Page } from '../parts/page.tsx'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { type NamedConfig, type Parsed, parsePaste } from './config-text.ts'
import { launch, validate } from './connector-queries.ts'
import { errorsIn } from './form-model.ts'
import { handDraft } from './handed-draft.ts'

interface Checked extends NamedConfig {
  readonly problems: readonly string[]
}

export function PastePage() {
  const [text, setText] = useState('')
  const [parsed, setParsed] = useState<Parsed | undefined>()
  const convert = useMutation({
    mutationFn: async (): Promise<readonly Checked[]> => {
      setParsed(undefined)
      const read = parsePaste(text)
      setParsed(read)
      return await Promise.all(read.items.map(check))
    },
  })
  const change = (next: string) => {
    setText(next)
    setParsed(undefined)
    convert.reset()
  }
  return (
    <Page id="connectors-paste" title="Paste a config" section="Connectors">
      <Stack gap="lg" className="sc-form">
        <UnsavedGuard isDirty={text.trim() !== ''} />
        <p className="sc-lead">
          JSON, properties, a curl command, or several connectors in a list.
        </p>
        <CodeEditor value={text} onChange={change} label="A configuration" testId="paste-editor" />
        <Group gap="sm">
          <Button
            variant={convert.isSuccess ? 'default' : 'filled'}
            disabled={text.trim() === ''}
            loading={convert.isPending}
            onClick={() => convert.mutate()}
            data-testid="paste-convert"
          >
            Convert
          </Button>
          {parsed !== undefined && (
            <span data-testid="paste-format">
              Read as {parsed.format}. {counted(parsed.items.length)}.
            </span>
          )}
        </Group>
        {convert.error !== null && (
          <p className="sc-problem" role="alert" data-testid="paste-problem">
            {convert.error.message}
          </p>
        )}
        {convert.data !== undefined && <Items items={convert.data} />}
      </Stack>
    </Page>
  )
}

function Items({ items }: { readonly items: readonly Checked[] }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const good = items.filter(item => item.problems.length === 0)
  const start = useMutation({
    mutationFn: async () => {
      const launched: string[] = []
      for (const { name, config } of good) {
        try {
          await launch(name, config, 'RUNNING')
          launched.push(name)
          toastDone(`${name} was launched.`)
        } catch (error) {
          toastProblem(`${name} was not launched`, error as Error)
        }
      }
      return launched
    },
    onSuccess: async launched => {
      await client.invalidateQueries({ queryKey: ['connectors'] })
      const [only] = launched
      if (launched.length === 1 && items.length === 1 && only !== undefined) {
        const params = { name: only, tab: 'overview' }
        await navigate({ to: '/connectors/$name/$tab', params, ignoreBlocker: true })
      } else if (launched.length > 0) await navigate({ to: '/connectors', ignoreBlocker: true })
    },
  })
  const openForm = (item: Checked) => {
    handDraft(item)
    const plugin = item.config['connector.class'] ?? ''
    void navigate({ to: '/connectors/new/$plugin', params: { plugin }, ignoreBlocker: true })
  }
  return (
    <Stack gap="md">
      {items.map(item => (
        <Item key={JSON.stringify(item)} item={item} onOpen={() => openForm(item)} />
      ))}
      <Group>
        <Button
          variant="filled"
          disabled={good.length === 0}
          loading={start.isPending}
          onClick={() => start.mutate()}
          data-testid="paste-launch"
        >
          {good.length > 1 ? `Launch ${good.length} connectors` : 'Launch'}
        </Button>
      </Group>
    </Stack>
  )
}

function Item({ item, onOpen }: { readonly item: Checked; readonly onOpen: () => void }) {
  const isOk = item.problems.length === 0
  const hasClass = (item.config['connector.class'] ?? '') !== ''
  return (
    <div
      className="sc-banner"
      data-role={isOk ? 'ok' : 'error'}
      data-testid="paste-item"
      data-key={item.name}
      data-state={isOk ? 'passed' : 'failed'}
    >
      <div className="sc-grow">
        <strong>{item.name === '' ? '(no name)' : item.name}</strong>{' '}
        <span className="sc-quiet">{toCounted(Object.keys(item.config).length, 'key')}</span>
        {isOk ? (
          <p>The worker found no errors.</p>
        ) : (
          <ul className="sc-errors">
            {item.problems.map(problem => (
              <li key={problem} data-testid="paste-problem">
                {problem}
              </li>
            ))}
          </ul>
        )}
      </div>
      {hasClass && (
        <Button onClick={onOpen} data-testid="paste-open-form">
          Open in form
        </Button>
      )}
    </div>
  )
}

async function check(item: NamedConfig): Promise<Checked> {
  const missing = item.name === '' ? ['It has no name: expected a member or key "name".'] : []
  if ((item.config['connector.class'] ?? '') === '') {
    return { ...item, problems: [...missing, 'It has no connector.class.'] }
  }
  try {
    const infos = await validate({ ...item.config, name: item.name })
    const found = errorsIn(infos).filter(({ key }) => key !== 'name' || item.name !== '')
    return {
      ...item,
      problems: [...missing, ...found.map(({ key, message }) => `${key}: ${message}`)],
    }
  } catch (error) {
    return { ...item, problems: [...missing, (error as Error).message] }
  }
}

function counted(count: number): string {
  return count === 1 ? '1 connector' : `${count} connectors`
}
