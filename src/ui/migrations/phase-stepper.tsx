/**
 * The six phases as steps: done, open, to come; each a link to its own address.
 * Used by the page of a migration. Invariant: the open phase is the step of the server, whichever is
 * looked at. Spec: ui 5.6, 4.9 (stepper), 8 (`phase[0]`…`phase[5]`).
 */
import { IconCircle, IconCircleCheckFilled, IconCircleDotFilled } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { MigrationInfo } from '../../api-v1-migrations.ts'

const ICONS = { done: IconCircleCheckFilled, current: IconCircleDotFilled, open: IconCircle }
const WORDS = { done: 'done', current: 'the present one', open: 'to come' }

interface PhaseStepperProps {
  readonly info: MigrationInfo
  readonly shown: number
}

export function PhaseStepper({ info, shown }: PhaseStepperProps) {
  const now = info.phase.number
  return (
    <ol className="sc-phases" aria-label="Phases">
      {info.phases.slice(0, -1).map(({ number, title }) => {
        const state = number < now ? 'done' : number === now ? 'current' : 'open'
        const Icon = ICONS[state]
        return (
          <li key={number}>
            <Link
              className="sc-phase"
              to="/migrations/$name/phase/$phase"
              params={{ name: info.name, phase: String(number) }}
              activeProps={{ 'aria-current': 'step' }}
              data-shown={number === shown}
              data-testid="phase"
              data-key={number}
              data-state={state}
            >
              <Icon size={16} aria-hidden />
              {number} {title}
              <span className="sc-hidden">, {WORDS[state]}</span>
            </Link>
          </li>
        )
      })}
    </ol>
  )
}
