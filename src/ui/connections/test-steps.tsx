/**
 * The steps of Create & Test with tick or cross, time and what to do. Used beside the form.
 * Invariant: what was not tried says so; nothing is green before its answer came.
 * Spec: ui 5.2 (checks), 8 (`test-step`).
 */
import { Stack } from '@mantine/core'
import type { TestResult } from '../../api-v1.ts'
import { toDuration, toSentence } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'

interface TestStepsProps {
  readonly test: TestResult | undefined
  readonly isTesting: boolean
  /** What was tested is saved, whatever came of it. @default false */
  readonly isSaved?: boolean
  /** Below the result. */
  readonly children?: React.ReactNode
}

export function TestSteps({ test, isTesting, isSaved = false, children }: TestStepsProps) {
  return (
    <section className="sc-card sc-card-body" aria-label="Checks" data-testid="test-panel">
      <h2 className="sc-card-title">Checks</h2>
      <Stack gap="md">
        {isTesting && <StatusChip state="TESTING" testId="test-running" />}
        {!isTesting && test === undefined && (
          <p className="sc-lead">Each step of the test is shown here, with its time.</p>
        )}
        {test !== undefined && !isTesting && <Steps test={test} isSaved={isSaved} />}
        {children}
      </Stack>
    </section>
  )
}

function Steps({ test, isSaved }: { readonly test: TestResult; readonly isSaved: boolean }) {
  const kept = isSaved ? 'The change was saved.' : 'Nothing was saved.'
  return (
    <>
      <ol className="sc-steps">
        {test.steps.map(one => (
          <li key={one.key} data-testid="test-step" data-key={one.key} data-state={one.state}>
            <span className="sc-step">
              <StatusChip state={one.state} text={one.title} testId="test-step-state" />
              {one.state !== 'skipped' && (
                <span className="sc-quiet" data-testid="test-step-took">
                  {toDuration(one.tookMs)}
                </span>
              )}
              <span className="sc-wrap">{one.text}</span>
            </span>
            {one.advice !== undefined && (
              <p className="sc-step-advice" data-testid="test-step-advice">
                {one.advice}
              </p>
            )}
          </li>
        ))}
      </ol>
      <div
        className="sc-banner"
        data-role={test.ok ? 'ok' : 'error'}
        data-testid="test-result"
        data-state={test.ok ? 'passed' : 'failed'}
        role="status"
      >
        <p>{test.ok ? test.text : `${toSentence(test.text)} ${kept}`}</p>
      </div>
    </>
  )
}
