/**
 * The first run: what somebody wants to do first, and the steps of it. Opens by itself on Home while nothing is
 * configured; `?` brings it back. Route /ui/welcome.
 * Invariants: Skip is always there; a way that this server cannot go says what it needs.
 * Spec: ui 5.2, 8 (flow 15).
 */
import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Page } from '../parts/page.tsx'
import { Empty } from '../parts/panel.tsx'
import { sessionQuery, useMay } from '../parts/session.ts'
import { useFacts } from './guide-facts.ts'
import { useGuide, useWelcomed } from './guide-kept.ts'
import { currentStep, namesOf, type PathKey } from './guide-model.ts'
import { GuideSteps } from './guide-steps.tsx'
import { wayOf } from './guide-ways.ts'
import { PlaceLink } from './place-link.tsx'
import { TryIt } from './try-it.tsx'
import './welcome.css'
import { type Choice, choicesOf } from './welcome-choices.ts'

export function WelcomePage() {
  const { data: session } = useQuery(sessionQuery)
  const mayAdd = useMay('standard')
  const navigate = useNavigate()
  const [, setWelcomed] = useWelcomed()
  const skip = () => {
    setWelcomed(true)
    void navigate({ to: '/' })
  }
  return (
    <Page
      id="welcome"
      title="Welcome"
      loading={session === undefined}
      actions={
        <Button onClick={skip} data-testid="welcome-skip">
          Skip
        </Button>
      }
    >
      {session !== undefined && (
        <div className="sc-form">
          {mayAdd ? (
            <Choices isSandbox={session.sandbox !== null} />
          ) : (
            <div className="sc-card">
              <Empty text="Your role may look at everything here and set up nothing. Skip leads to Home." />
            </div>
          )}
        </div>
      )}
    </Page>
  )
}

function Choices({ isSandbox }: { readonly isSandbox: boolean }) {
  const choices = choicesOf(isSandbox)
  const { own } = useSearch({ strict: false }) as { readonly own?: boolean }
  const [key, setKey] = useState<PathKey>(
    choices.find(one => one.needs === undefined && !(own === true && one.key === 'try'))?.key ??
      'try',
  )
  return (
    <Stack gap="lg">
      <fieldset className="sc-choices" aria-labelledby="welcome-question">
        <h2 id="welcome-question" className="sc-card-title">
          What do you want to do first?
        </h2>
        {choices.map(one => (
          <ChoiceRow key={one.key} choice={one} isChosen={one.key === key} onChoose={setKey} />
        ))}
      </fieldset>
      {key === 'try' && !isSandbox ? <TryIt /> : <Begin path={key} />}
    </Stack>
  )
}

interface ChoiceRowProps {
  readonly choice: Choice
  readonly isChosen: boolean
  readonly onChoose: (key: PathKey) => void
}

function ChoiceRow({ choice, isChosen, onChoose }: ChoiceRowProps) {
  const { key, title, effort, needs } = choice
  return (
    <label className="sc-choice">
      <input
        type="radio"
        name="welcome"
        value={key}
        checked={isChosen}
        disabled={needs !== undefined}
        onChange={() => onChoose(key)}
        data-testid="welcome-choice"
        data-key={key}
      />
      <span>{title}</span>
      <span className="sc-quiet">{needs ?? effort}</span>
    </label>
  )
}

/** The steps of a way, as far as they are done, and the first that is not. */
function Begin({ path }: { readonly path: PathKey }) {
  const { facts } = useFacts()
  const [, setGuide] = useGuide()
  const [, setWelcomed] = useWelcomed()
  if (facts === undefined) return <p className="sc-lead">Looking at what is there already…</p>
  const chosen = { path, before: namesOf(facts), seen: path === 'try' ? ['flows'] : [] }
  const way = wayOf(chosen, facts)
  const current = currentStep(way)
  const first = way.steps[current]
  if (first === undefined) return undefined
  const begin = () => {
    setGuide(chosen)
    setWelcomed(true)
  }
  return (
    <section className="sc-card sc-card-body" aria-label="Steps" data-testid="welcome-steps">
      <Stack gap="lg">
        <GuideSteps steps={way.steps} current={current} />
        <p className="sc-lead">
          {first.text}
          {path !== 'try' && ' The steps stay at the top of every screen until you end them.'}
        </p>
        <Group gap="sm">
          <PlaceLink place={first.place} text="Continue" testId="welcome-next" onClick={begin} />
        </Group>
      </Stack>
    </section>
  )
}
