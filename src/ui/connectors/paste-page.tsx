/**
 * A configuration from anywhere: pasted text is read, checked by the worker and launched.
 * Route /ui/connectors/paste.
 * Invariants: what was read is said in words; one connector that is refused does not stop the rest.
 * Spec: ui 5.4 (paste a config).
 */
import './connectors.css'
import { Button, Group, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { CodeEditor } from '../parts/lazy-editor.tsx'
import { Page } from '../parts/page.tsx'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { type Parsed, parsePaste } from './config-text.ts'
import { launch } from './connector-queries.ts'
import { useFileDrop } from './file-drop.ts'
import { handDraft, takeText } from './handed-draft.ts'
import { OpenFile } from './open-file.tsx'
import { type CheckedItem, checkItem, PasteItem } from './paste-item.tsx'

export function PastePage() {
  const [text, setText] = useState(takeText)
  const [parsed, setParsed] = useState<Parsed | undefined>()
  const convert = useMutation({
    mutationFn: async (): Promise<readonly CheckedItem[]> => {
      setParsed(undefined)
      const read = parsePaste(text)
      setParsed(read)
      return await Promise.all(read.items.map(checkItem))
    },
  })
  const change = (next: string) => {
    setText(next)
    setParsed(undefined)
    convert.reset()
  }
  const isOver = useFileDrop(change)
  return (
    <Page id="connectors-paste" title="Paste a config" section="Connectors">
      <Stack gap="lg" className="sc-form sc-drop" data-over={isOver || undefined}>
        <UnsavedGuard isDirty={text.trim() !== ''} />
        <p className="sc-lead">
          JSON, properties, YAML, a curl command, or several of them. Or drop a file here.
        </p>
        <CodeEditor value={text} onChange={change} label="A configuration" testId="paste-editor" />
        <Group gap="sm">
          <OpenFile onText={change} />
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

function Items({ items }: { readonly items: readonly CheckedItem[] }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const [left, setLeft] = useState<ReadonlySet<CheckedItem>>(new Set())
  const good = items.filter(item => item.problems.length === 0 && !left.has(item))
  const choose = (item: CheckedItem, isChosen: boolean) => {
    const next = new Set(left)
    if (isChosen) next.delete(item)
    else next.add(item)
    setLeft(next)
  }
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
  const openForm = (item: CheckedItem) => {
    handDraft(item)
    const plugin = item.config['connector.class'] ?? ''
    void navigate({ to: '/connectors/new/$plugin', params: { plugin }, ignoreBlocker: true })
  }
  return (
    <Stack gap="md">
      {items.map(item => (
        <PasteItem
          key={JSON.stringify(item)}
          item={item}
          isChosen={items.length === 1 ? undefined : !left.has(item)}
          onChoose={isChosen => choose(item, isChosen)}
          onOpen={() => openForm(item)}
        />
      ))}
      <Group>
        <Button
          variant="filled"
          disabled={good.length === 0}
          loading={start.isPending}
          onClick={() => start.mutate()}
          data-testid="paste-launch"
        >
          {items.length > 1 ? `Launch ${counted(good.length)}` : 'Launch'}
        </Button>
      </Group>
    </Stack>
  )
}

function counted(count: number): string {
  return count === 1 ? '1 connector' : `${count} connectors`
}
