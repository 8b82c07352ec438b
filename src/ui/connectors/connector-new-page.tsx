/**
 * Settings of a new connector in three views of one draft, then the review and the launch.
 * Route /ui/connectors/new/{class}.
 * Invariants: only given keys are sent; while the text cannot be read, the draft keeps its last good
 * state; a draft with errors can be read but not launched.
 * Spec: ui 5.4 (form and review).
 */
import './connectors.css'
import { Button, Group, SegmentedControl, Stack, TextInput } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { FormErrors } from '../parts/form-errors.tsx'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import type { TextFormat } from './config-text.ts'
import { ConfigTextView } from './config-text-view.tsx'
import { ConnectorForm } from './connector-form.tsx'
import type { Config } from './connector-queries.ts'
import { ConnectorReview } from './connector-review.tsx'
import { formErrorsOf, toFormModel, withoutErrors } from './form-model.ts'
import { peekDraft } from './handed-draft.ts'
import { titleOf } from './plugin-order.ts'
import { useValidation } from './use-validation.ts'

type Mode = 'form' | TextFormat

const MODES: readonly (readonly [Mode, string])[] = [
  ['form', 'Form'],
  ['json', 'JSON'],
  ['properties', 'Properties'],
]

export function ConnectorNewPage() {
  const { plugin = '' } = useParams({ strict: false })
  const [draft, setDraft] = useState<Config>(() => {
    const handed = peekDraft(plugin)
    const named = handed === undefined || handed.name === '' ? {} : { name: handed.name }
    return { 'connector.class': plugin, 'tasks.max': '1', ...handed?.config, ...named }
  })
  const [isReview, setReview] = useState(false)
  const [isDirty] = useDirty(draft)
  const { query, isFresh } = useValidation(draft)
  const [title] = titleOf({ class: plugin }) ?? [plugin.split('.').at(-1) ?? plugin]
  // A draft that came from a paste was typed elsewhere.
  const isTouched = isDirty || peekDraft(plugin) !== undefined
  return (
    <Page
      id="connector-new"
      title={isReview ? 'Review' : `New: ${title}`}
      status={<Steps isReview={isReview} />}
      section="Connectors"
      loading={query.isPending}
    >
      <UnsavedGuard isDirty={isDirty} />
      <div className="sc-form">
        <Panel query={query} what="the settings of this connector">
          {infos =>
            isReview ? (
              <ConnectorReview
                draft={draft}
                infos={infos}
                onChange={setDraft}
                onBack={() => setReview(false)}
              />
            ) : (
              <Stack gap="lg">
                <Settings
                  draft={draft}
                  onChange={setDraft}
                  model={toFormModel(isTouched ? infos : withoutErrors(infos), draft)}
                />
                <FormErrors errors={isTouched && isFresh ? formErrorsOf(infos) : []} />
                <Group gap="sm">
                  <Button
                    variant="filled"
                    disabled={!isFresh || (draft['name'] ?? '') === ''}
                    onClick={() => setReview(true)}
                    data-testid="connector-continue"
                  >
                    Continue
                  </Button>
                  {(draft['name'] ?? '') === '' && (
                    <span className="sc-quiet">Give it a name to continue.</span>
                  )}
                </Group>
              </Stack>
            )
          }
        </Panel>
      </div>
    </Page>
  )
}

interface SettingsProps {
  readonly draft: Config
  readonly onChange: (draft: Config) => void
  readonly model: ReturnType<typeof toFormModel>
}

function Settings({ draft, onChange, model }: SettingsProps) {
  const [mode, setMode] = useState<Mode>('form')
  return (
    <>
      <Group gap="lg" align="flex-end">
        <TextInput
          className="sc-grow"
          label="Name"
          value={draft['name'] ?? ''}
          onChange={event => onChange({ ...draft, name: event.currentTarget.value })}
          data-testid="field-name"
        />
        <SegmentedControl
          aria-label="View"
          value={mode}
          onChange={next => setMode(next as Mode)}
          data={MODES.map(([value, title]) => ({
            value,
            label: <span data-testid={`form-mode-${value}`}>{title}</span>,
          }))}
        />
      </Group>
      {mode === 'form' ? (
        <ConnectorForm model={model} draft={draft} onChange={onChange} />
      ) : (
        <ConfigTextView
          key={mode}
          format={mode}
          draft={draft}
          label="Configuration"
          onChange={onChange}
        />
      )}
    </>
  )
}

/** "1 Settings, 2 Review" */
function Steps({ isReview }: { readonly isReview: boolean }) {
  return (
    <ol className="sc-config-steps" aria-label="Steps">
      {['Settings', 'Review'].map((step, index) => (
        <li key={step} aria-current={isReview === (index === 1) ? 'step' : undefined}>
          {index + 1} {step}
        </li>
      ))}
    </ol>
  )
}
