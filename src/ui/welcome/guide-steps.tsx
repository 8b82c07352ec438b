/**
 * The steps of a way: done, present, to come. Used by the welcome page and the strip.
 * Invariant: shape and word tell the state, not colour alone.
 * Spec: ui 4.9 (stepper), 5.2.
 */
import { IconCircle, IconCircleCheckFilled, IconCircleDotFilled } from '@tabler/icons-react'
import type { Step } from './guide-model.ts'

const ICONS = { done: IconCircleCheckFilled, current: IconCircleDotFilled, open: IconCircle }
const WORDS = { done: 'done', current: 'the present one', open: 'to come' }

interface GuideStepsProps {
  readonly steps: readonly Step[]
  /** The number of steps: all are done. */
  readonly current: number
}

export function GuideSteps({ steps, current }: GuideStepsProps) {
  return (
    <ol className="sc-guide-steps" aria-label="Steps">
      {steps.map(({ key, title, isDone }, index) => {
        const state = isDone ? 'done' : index === current ? 'current' : 'open'
        const Icon = ICONS[state]
        return (
          <li
            key={key}
            aria-current={state === 'current' ? 'step' : undefined}
            data-testid="guide-step"
            data-key={key}
            data-state={state}
          >
            <Icon size={16} aria-hidden />
            {title}
            <span className="sc-hidden">, {WORDS[state]}</span>
          </li>
        )
      })}
    </ol>
  )
}
