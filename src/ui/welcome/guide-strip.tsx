/**
 * The strip above every screen while somebody follows a way of the first run: steps, what is next, and
 * the way out. Loaded by the shell when a way was chosen.
 * Invariants: it covers nothing; the present step is what the server has not, whatever was pressed.
 * Spec: ui 5.2 (first run).
 */
import { Button } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import { useFacts } from './guide-facts.ts'
import { useGuide } from './guide-kept.ts'
import { currentStep, type Place, type Way } from './guide-model.ts'
import { GuideSteps } from './guide-steps.tsx'
import { wayOf } from './guide-ways.ts'
import { PlaceLink } from './place-link.tsx'
import './welcome.css'

export function GuideStrip() {
  const [chosen, setChosen] = useGuide()
  const { facts } = useFacts(chosen !== null)
  const isWelcome = useRouterState({ select: state => state.location.pathname === '/welcome' })
  if (chosen === null || facts === undefined || isWelcome) return undefined
  const way = wayOf(chosen, facts)
  const current = currentStep(way)
  const leave = () => setChosen(null)
  const told = chosen.path === 'try' ? tourOf(way, current) : stepOf(way, current)
  const { text, verb, place, next } = told
  const follow = () => {
    if (told.isEnd) leave()
    else if (next !== undefined) setChosen({ ...chosen, seen: [...chosen.seen, next] })
  }
  return (
    <section
      className="sc-guide"
      aria-label="First steps"
      data-testid="guide"
      data-key={chosen.path}
      data-state={told.isEnd ? 'done' : 'current'}
    >
      <GuideSteps steps={way.steps} current={current} />
      <p className="sc-grow" data-testid="guide-text">
        {text}
      </p>
      <PlaceLink place={place} text={verb} testId="guide-next" onClick={follow} />
      <Button onClick={leave} data-testid="guide-end">
        {told.isEnd ? 'Close' : 'End'}
      </Button>
    </section>
  )
}

interface Told {
  readonly text: string
  readonly verb: string
  readonly place: Place
  /** The button leads out of the way. */
  readonly isEnd: boolean
  /** Of the tour: the step that the button opens. */
  readonly next?: string
}

function stepOf({ steps, end }: Way, current: number): Told {
  const step = steps[current]
  return step === undefined ? { ...end, isEnd: true } : { ...step, isEnd: false }
}

/** The text is of the step that is looked at; the button leads to the one that comes. */
function tourOf({ steps, end }: Way, current: number): Told {
  const text = steps[current]?.text ?? ''
  const next = steps[current + 1]
  if (next === undefined) return { ...end, text: `${text} ${end.text}`, isEnd: true }
  return { text, verb: next.verb, place: next.place, isEnd: false, next: next.key }
}
