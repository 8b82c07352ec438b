/**
 * The dead letters of a connector: by cause, one by one with contents, and sent back to their topics:
 * the chosen ones, or all of a cause.
 * Used by the connector page. Invariants: contents are asked for only by who may see records; how many
 * are sent is told before and after. Spec: ui 5.4 (dead letters), 4.5, 4.11.
 */
import { Button, Checkbox, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment, useState } from 'react'
import type { DeadLetter, DeadLetters, ReplayDraft } from '../../api-v1-connectors.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCounted, toLocal, UNKNOWN, zoneName } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { useMay } from '../parts/session.ts'
import { DeadLetterDetailCard } from './dead-letter-detail.tsx'
import { deadLettersQuery, useReplay } from './inside-queries.ts'

export function DeadLettersTab({ name }: { readonly name: string }) {
  const [stage, setStage] = useState('')
  const query = useQuery(deadLettersQuery(name, stage))
  return (
    <Panel query={query} what="the dead letters">
      {letters => <Letters name={name} letters={letters} stage={stage} onStage={setStage} />}
    </Panel>
  )
}

interface LettersProps {
  readonly name: string
  readonly letters: DeadLetters
  readonly stage: string
  readonly onStage: (stage: string) => void
}

function Letters({ name, letters, stage, onStage }: LettersProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [opened, setOpened] = useState<string | undefined>()
  const [asked, setAsked] = useState<ReplayDraft | undefined>()
  const replay = useReplay(name)
  const mayReplay = useMay('standard')
  const mayRead = useMay('job_creator')
  const { topic, items, causes } = letters
  if (topic === null) {
    return (
      <div className="sc-card">
        <Empty text="This connector names no topic of dead letters. Set errors.tolerance=all and errors.deadletterqueue.topic.name in its configuration." />
      </div>
    )
  }
  if (causes.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="No dead letters. Records that cannot be written appear here." />
      </div>
    )
  }
  const toggle = (id: string) => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setSelected(next)
  }
  const send = () =>
    asked !== undefined &&
    replay.mutate(asked, {
      onSettled: () => {
        setAsked(undefined)
        setSelected(new Set())
      },
    })
  const shown = items.filter(one => !one.isReplayed)
  return (
    <Stack gap="md">
      <Causes letters={letters} stage={stage} onStage={onStage} />
      {replay.data !== undefined && (
        <p className="sc-lead" role="status" data-testid="replay-result">
          {replay.data.text} What fails again comes back here.
        </p>
      )}
      <ScrollCard label="Dead letters">
        <table className="sc-grid">
          <thead>
            <tr>
              {mayReplay && (
                <th>
                  <span className="sc-hidden">Select</span>
                </th>
              )}
              <th>Time, {zoneName()}</th>
              <th>From</th>
              <th>Stage</th>
              <th>Message</th>
              <th>Replayed</th>
            </tr>
          </thead>
          <tbody>
            {items.map(one => (
              <Fragment key={one.id}>
                <Row
                  one={one}
                  isSelected={selected.has(one.id)}
                  isOpened={opened === one.id}
                  {...(mayReplay ? { onSelect: () => toggle(one.id) } : {})}
                  {...(mayRead
                    ? { onOpen: () => setOpened(opened === one.id ? undefined : one.id) }
                    : {})}
                />
                {opened === one.id && (
                  <tr>
                    <td colSpan={mayReplay ? 6 : 5}>
                      <DeadLetterDetailCard
                        name={name}
                        id={one.id}
                        {...(mayReplay
                          ? { onReplay: value => setAsked({ ids: [one.id], value }) }
                          : {})}
                      />
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </ScrollCard>
      {letters.isCut && <p className="sc-quiet">Older ones are in the topic {topic}.</p>}
      {mayReplay && (
        <div className="sc-bulk" data-testid="bulk-bar">
          <span>{selected.size} selected:</span>
          <Button
            variant="filled"
            disabled={selected.size === 0}
            onClick={() => setAsked({ ids: [...selected] })}
            data-testid="dead-letters-replay"
          >
            Replay
          </Button>
          <Button
            disabled={shown.length === 0}
            onClick={() => setAsked(stage === '' ? {} : { stage })}
            data-testid="dead-letters-replay-all"
          >
            Replay all that match ({shown.length})
          </Button>
          <span className="sc-quiet">
            A mark keeps a letter from being sent twice until the server restarts.
          </span>
        </div>
      )}
      <ConfirmDialog
        opened={asked !== undefined}
        title="Replay dead letters?"
        text={`Sends ${toCounted(asked?.ids?.length ?? shown.length, 'record')} back to the topics they came from, with key and headers. Every reader of these topics sees them again.`}
        verb="Replay"
        busy={replay.isPending}
        onConfirm={send}
        onClose={() => setAsked(undefined)}
      />
    </Stack>
  )
}

interface CausesProps {
  readonly letters: DeadLetters
  readonly stage: string
  readonly onStage: (stage: string) => void
}

function Causes({ letters, stage, onStage }: CausesProps) {
  const stages = [...new Set(letters.causes.map(one => one.stage))]
  const countOf = (of: string) =>
    letters.causes.reduce((sum, one) => (of === '' || one.stage === of ? sum + one.count : sum), 0)
  return (
    <Stack gap="sm">
      <div>
        <fieldset className="sc-filters" aria-label="Stage">
          {['', ...stages].map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={stage === one}
              onClick={() => onStage(one)}
              data-testid="state-filter"
              data-key={one === '' ? 'ALL' : one}
            >
              {one === '' ? 'All' : one} <span>{countOf(one)}</span>
            </button>
          ))}
        </fieldset>
      </div>
      <p className="sc-lead">
        By cause:{' '}
        {letters.causes.map(one => `${one.count} ${one.stage} ${one.error}`.trim()).join(' · ')}
      </p>
    </Stack>
  )
}

interface RowProps {
  readonly one: DeadLetter
  readonly isSelected: boolean
  readonly isOpened: boolean
  readonly onSelect?: () => void
  readonly onOpen?: () => void
}

function Row({ one, isSelected, isOpened, onSelect, onOpen }: RowProps) {
  const time = one.at === null ? UNKNOWN : toLocal(one.at)
  return (
    <tr
      data-testid="dead-letter-row"
      data-key={one.id}
      data-state={one.isReplayed ? 'replayed' : 'open'}
      aria-selected={isSelected}
    >
      {onSelect !== undefined && (
        <td>
          <Checkbox
            aria-label={`Select ${one.id}`}
            checked={isSelected}
            onChange={onSelect}
            data-testid="dead-letter-select"
          />
        </td>
      )}
      <td className="sc-nowrap">
        {onOpen === undefined ? (
          time
        ) : (
          <button
            type="button"
            className="sc-text-button"
            aria-expanded={isOpened}
            onClick={onOpen}
            data-testid="dead-letter-open"
          >
            {time}
          </button>
        )}
      </td>
      <td className="sc-mono">{one.from ?? UNKNOWN}</td>
      <td className="sc-mono">{one.stage}</td>
      <td className="sc-wrap">
        <bdi>{one.message === '' ? one.error : one.message}</bdi>
      </td>
      <td>
        <Group gap="sm">
          {one.isReplayed ? 'yes' : UNKNOWN}
          {one.replays > 0 && (
            <span className="sc-quiet">back {toCounted(one.replays, 'time')}</span>
          )}
        </Group>
      </td>
    </tr>
  )
}
