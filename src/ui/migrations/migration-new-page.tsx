/**
 * A new migration in four steps: clusters, tables, what the clusters say to it, the plan with the
 * command of each proxy. Route /ui/migrations/new.
 * Invariants: nothing is kept before the last step; the scan is made anew when what it is about changed.
 * Spec: ui 5.6 (wizard).
 */
import './migrations.css'
import { Button, Group, Stack } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { FormErrors } from '../parts/form-errors.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { PanelError } from '../parts/panel.tsx'
import { plan } from './migration-queries.ts'
import { WizardClusters } from './wizard-clusters.tsx'
import { draftOf, EMPTY, errorsOf, STEPS, type WizardState } from './wizard-model.ts'
import { WizardPlan } from './wizard-plan.tsx'
import { WizardScan } from './wizard-scan.tsx'
import { WizardTables } from './wizard-tables.tsx'

export interface StepProps {
  readonly state: WizardState
  /** By the test id of the field. */
  readonly errors: Readonly<Record<string, string>>
  readonly onChange: (state: WizardState) => void
}

const SCREENS = [WizardClusters, WizardTables, WizardScan, WizardPlan] as const

export function MigrationNewPage() {
  const [step, setStep] = useState(0)
  const [state, setState] = useState<WizardState>(EMPTY)
  const [isShown, setShown] = useState(false)
  const navigate = useNavigate()
  const start = useMutation({
    mutationFn: () => plan(draftOf(state)),
    onSuccess: info => {
      const params = { name: info.name, phase: '0' }
      void navigate({ to: '/migrations/$name/phase/$phase', params })
    },
  })
  const errors = isShown ? errorsOf(step, state) : []
  const next = () => {
    const found = errorsOf(step, state)
    setShown(found.length > 0)
    if (found.length > 0) return
    if (step < STEPS.length - 1) setStep(step + 1)
    else start.mutate()
  }
  const Screen = SCREENS[step] ?? WizardClusters
  const isLast = step === STEPS.length - 1
  return (
    <Page id="migration-new" title="New migration" section="Migrations">
      <Stack gap="lg">
        <ol className="sc-wizard-steps" aria-label="Steps">
          {STEPS.map((title, index) => (
            <li key={title} {...(index === step ? { 'aria-current': 'step' as const } : {})}>
              {index + 1} {title}
            </li>
          ))}
        </ol>
        <FormErrors errors={errors} />
        <form
          className="sc-stack"
          onSubmit={event => {
            event.preventDefault()
            next()
          }}
        >
          <Screen
            state={state}
            errors={Object.fromEntries(errors.map(one => [one.id, one.message]))}
            onChange={setState}
          />
          {start.error !== null && (
            <PanelError
              error={start.error}
              what="the new migration"
              title="The migration was not made."
            />
          )}
          <Group gap="sm">
            {step === 0 ? (
              <LinkButton to="/migrations">Cancel</LinkButton>
            ) : (
              <Button onClick={() => setStep(step - 1)} data-testid="wizard-back">
                Back
              </Button>
            )}
            <Button
              variant="filled"
              type="submit"
              loading={start.isPending}
              data-testid={isLast ? 'migration-start' : 'wizard-next'}
            >
              {isLast ? 'Start migration' : 'Continue'}
            </Button>
          </Group>
        </form>
      </Stack>
    </Page>
  )
}
