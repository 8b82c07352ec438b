/**
 * The configuration of a connector as form, JSON or properties, read or edited, with what would change, and
 * what it was before.
 * Used by the connector page.
 * Invariants: only keys that differ are sent, so a hidden secret stays as it is; nothing is sent
 * while the text cannot be read.
 * Spec: ui 5.4 (config tab), 4.4.
 */
import { Button, Group, SegmentedControl, Stack } from '@mantine/core'
import { useState } from 'react'
import { toCounted } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Panel, PanelError } from '../parts/panel.tsx'
import { saveText } from '../parts/save-text.ts'
import { useMay } from '../parts/session.ts'
import { UnsavedGuard } from '../parts/unsaved-guard.tsx'
import { ConfigDiff } from './config-diff.tsx'
import { ConfigFormView } from './config-form-view.tsx'
import { changesBetween, formatConfig, type TextFormat } from './config-text.ts'
import { ConfigTextView } from './config-text-view.tsx'
import { ConfigVersions } from './config-versions.tsx'
import { type Config, useConnectorConfig, useSaveConfig } from './connector-queries.ts'
import { CopyAs } from './copy-as.tsx'
import { withoutSecrets } from './copy-text.ts'
import { DeadLetterHint } from './dead-letter-hint.tsx'

type Mode = 'form' | TextFormat

const MODES = [
  ['form', 'Form'],
  ['json', 'JSON'],
  ['properties', 'Properties'],
] as const

interface ConfigTabProps {
  readonly name: string
  /** Tasks that a change restarts. */
  readonly tasks: number
}

export function ConfigTab({ name, tasks }: ConfigTabProps) {
  const query = useConnectorConfig(name)
  return (
    <Panel query={query} what="the configuration">
      {config => <Editor name={name} tasks={tasks} config={config} />}
    </Panel>
  )
}

interface EditorProps extends ConfigTabProps {
  readonly config: Config
}

function Editor({ name, tasks, config }: EditorProps) {
  const [mode, setMode] = useState<Mode>('json')
  const [draft, setDraft] = useState<Config | undefined>()
  const [isReadable, setReadable] = useState(true)
  // Counts what was not typed: a text view then shows the draft anew.
  const [given, setGiven] = useState(0)
  const save = useSaveConfig(name)
  const changes = draft === undefined ? {} : changesBetween(config, draft)
  const isChanged = Object.keys(changes).length > 0
  const replace = (next: Config | undefined) => {
    setDraft(next)
    setReadable(true)
    setGiven(given + 1)
  }
  const discard = () => {
    replace(undefined)
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
  const isEdited = draft !== undefined
  const shown = draft ?? config
  return (
    <Stack gap="lg">
      <UnsavedGuard
        isDirty={isEdited && (isChanged || !isReadable)}
        onSave={isReadable ? saveAll : undefined}
      />
      <Group gap="sm">
        <ModeSwitch mode={mode} onChange={setMode} disabled={!isReadable} />
        {!isEdited && (
          <May least="standard">
            <Button onClick={() => replace(config)} data-testid="config-edit">
              Edit
            </Button>
          </May>
        )}
        <CopyAs name={name} config={config} />
        <Button
          onClick={() => saveText(`${name}.json`, formatConfig(withoutSecrets(config), 'json'))}
          data-testid="config-download"
        >
          Download
        </Button>
      </Group>
      {mode === 'form' ? (
        <ConfigFormView draft={shown} onChange={isEdited ? setDraft : undefined} />
      ) : (
        <ConfigTextView
          key={`${mode} ${given} ${isEdited ? '' : formatConfig(config, mode)}`}
          format={mode}
          draft={shown}
          label={`Configuration of ${name}`}
          onChange={isEdited ? setDraft : undefined}
          onReadable={setReadable}
        />
      )}
      {isChanged && <ConfigDiff before={config} changes={changes} />}
      {isChanged && <p data-testid="config-means">{meansOf(Object.keys(changes).length, tasks)}</p>}
      {isEdited && isReadable && <DeadLetterHint name={name} draft={shown} onChange={replace} />}
      {save.error !== null && (
        <PanelError error={save.error} what="the change" title="The change was not saved." />
      )}
      {isEdited && (
        <Group gap="sm">
          <Button
            variant="filled"
            disabled={!isChanged || !isReadable}
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
      {!isEdited && <ConfigVersions name={name} config={config} />}
    </Stack>
  )
}

/** "2 keys change. 2 tasks restart." */
function meansOf(keys: number, tasks: number): string {
  const changed = `${toCounted(keys, 'key')} ${keys === 1 ? 'changes' : 'change'}.`
  if (tasks === 0) return `${changed} No task runs now; the change counts when it starts.`
  return `${changed} ${toCounted(tasks, 'task')} ${tasks === 1 ? 'restarts' : 'restart'}.`
}

interface ModeSwitchProps {
  readonly mode: Mode
  readonly onChange: (mode: Mode) => void
  readonly disabled: boolean
}

function ModeSwitch({ mode, onChange, disabled }: ModeSwitchProps) {
  // The form asks the worker for its fields, which a reader may not.
  const mayAsk = useMay('standard')
  const data = MODES.filter(([value]) => mayAsk || value !== 'form').map(([value, title]) => ({
    value,
    label: <span data-testid={`form-mode-${value}`}>{title}</span>,
  }))
  return (
    <SegmentedControl
      aria-label="View"
      value={mode}
      onChange={next => onChange(next as Mode)}
      data={data}
      disabled={disabled}
    />
  )
}
