/**
 * The configuration of a connector as JSON or properties, read or edited, with what would change, and what
 * it was before.
 * Used by the connector page.
 * Invariants: only keys that differ are sent, so a hidden secret stays as it is; nothing is sent
 * while the text cannot be read.
 * Spec: ui 5.4 (config tab), 4.4.
 */
import { Button, Group, SegmentedControl, Stack } from '@mantine/core'
import { useState } from 'react'
import { CodeEditor } from '../parts/lazy-editor.tsx'
import { May } from '../parts/may.tsx'
import { Panel, PanelError } from '../parts/panel.tsx'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { ConfigDiff } from './config-diff.tsx'
import { changesBetween, formatConfig, parseOne, type TextFormat } from './config-text.ts'
import { ConfigVersions } from './config-versions.tsx'
import { type Config, useConnectorConfig, useSaveConfig } from './connector-queries.ts'
import { CopyAs } from './copy-as.tsx'

const FORMATS = [
  ['json', 'JSON'],
  ['properties', 'Properties'],
] as const

export function ConfigTab({ name }: { readonly name: string }) {
  const query = useConnectorConfig(name)
  return (
    <Panel query={query} what="the configuration">
      {config => <Editor name={name} config={config} />}
    </Panel>
  )
}

function Editor({ name, config }: { readonly name: string; readonly config: Config }) {
  const [format, setFormat] = useState<TextFormat>('json')
  const [draft, setDraft] = useState<string | undefined>()
  const save = useSaveConfig(name)
  const parsed = draft === undefined ? { config } : tryParse(draft, format)
  const changes = parsed.config === undefined ? {} : changesBetween(config, parsed.config)
  const isChanged = Object.keys(changes).length > 0
  const discard = () => {
    setDraft(undefined)
    save.reset()
  }
  const saveAll = () =>
    save.mutateAsync(changes).then(
      () => {
        discard()
        return true
      },
      () => false,
    )
  const isReadable = parsed.config !== undefined
  const switchTo = (next: TextFormat) => {
    if (draft !== undefined && parsed.config !== undefined) {
      setDraft(formatConfig(parsed.config, next))
    }
    setFormat(next)
  }
  return (
    <Stack gap="lg">
      <UnsavedGuard
        isDirty={draft !== undefined && (isChanged || !isReadable)}
        onSave={isReadable ? saveAll : undefined}
      />
      <Group gap="sm">
        <FormatSwitch format={format} onChange={switchTo} disabled={!isReadable} />
        {draft === undefined && (
          <May least="standard">
            <Button
              onClick={() => setDraft(formatConfig(config, format))}
              data-testid="config-edit"
            >
              Edit
            </Button>
          </May>
        )}
        <CopyAs name={name} config={config} />
      </Group>
      <CodeEditor
        value={draft ?? formatConfig(config, format)}
        {...(draft === undefined ? {} : { onChange: setDraft })}
        label={`Configuration of ${name}`}
        testId="config-editor"
      />
      {parsed.problem !== undefined && (
        <p className="sc-problem" role="alert" data-testid="config-problem">
          {parsed.problem}
        </p>
      )}
      {isChanged && <ConfigDiff before={config} changes={changes} />}
      {save.error !== null && (
        <PanelError error={save.error} what="the change" title="The change was not saved." />
      )}
      {draft !== undefined && (
        <Group gap="sm">
          <Button
            variant="filled"
            disabled={!isChanged}
            loading={save.isPending}
            onClick={() => save.mutate(changes, { onSuccess: discard })}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
          <Button onClick={discard} data-testid="discard-changes">
            Discard
          </Button>
        </Group>
      )}
      {draft === undefined && <ConfigVersions name={name} config={config} />}
    </Stack>
  )
}

interface FormatSwitchProps {
  readonly format: TextFormat
  readonly onChange: (format: TextFormat) => void
  readonly disabled: boolean
}

function FormatSwitch({ format, onChange, disabled }: FormatSwitchProps) {
  const data = FORMATS.map(([value, title]) => ({
    value,
    label: <span data-testid={`form-mode-${value}`}>{title}</span>,
  }))
  return (
    <SegmentedControl
      aria-label="Format"
      value={format}
      onChange={next => onChange(next as TextFormat)}
      data={data}
      disabled={disabled}
    />
  )
}

function tryParse(text: string, format: TextFormat): { config?: Config; problem?: string } {
  try {
    return { config: parseOne(text, format) }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
