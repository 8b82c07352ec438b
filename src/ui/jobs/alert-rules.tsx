/**
 * The rules of a job as a form: its own or those of all jobs, limits, channels, muting. Used by the tab
 * Alerts.
 * Invariant: limits are checked before anything is sent.
 * Spec: ui 5.3; backlog-replication 2.14.
 */
import { Button, Checkbox, Group, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import type { AlertRuleInfo, AlertSettings, ChannelInfo } from '../../api-v1-alerts.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toLocal } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { toastDone } from '../parts/toast.ts'
import { channelsQuery, putAlerts, useAlertChange } from './alert-queries.ts'

interface Edited {
  readonly own: boolean
  readonly on: ReadonlyMap<string, boolean>
  readonly limits: ReadonlyMap<string, string>
  readonly channels: readonly string[]
}

const HOUR_MS = 3_600_000
const LIMIT = /^[1-9]\d{0,5}$/

export function AlertRules(props: { readonly job: JobInfo; readonly known: AlertSettings }) {
  const { job, known } = props
  const [edited, setEdited] = useState<Edited>(() => toEdited(known))
  const { data } = useQuery(channelsQuery)
  const channels = data ?? []
  const { save, mute, reset } = useActs(job)
  const isWrong = known.rules.some(({ key, unit }) => unit !== undefined && wrong(edited, key))
  return (
    <section className="sc-card sc-card-body" aria-labelledby="rules-title">
      <Group justify="space-between" mb="md">
        <h2 id="rules-title" className="sc-card-title">
          Rules
        </h2>
        <SegmentedControl
          aria-label="Whose rules"
          value={edited.own ? 'own' : 'all'}
          onChange={value => setEdited({ ...edited, own: value === 'own' })}
          data={[
            { value: 'all', label: <Choice value="all" text="As all jobs" /> },
            { value: 'own', label: <Choice value="own" text="Own rules" /> },
          ]}
          data-testid="field-own"
        />
      </Group>
      <RuleTable known={known.rules} edited={edited} onChange={setEdited} />
      <Checkbox.Group
        mt="lg"
        label="Channels that are told"
        description={channels.length === 0 ? 'There is none yet: add a channel below.' : undefined}
        value={[...edited.channels]}
        onChange={next => setEdited({ ...edited, channels: next })}
      >
        <Group gap="lg" mt="sm">
          {channels.map(one => (
            <Checkbox
              key={one.id}
              value={one.id}
              label={one.name}
              disabled={!edited.own}
              data-testid="rule-channel"
              data-key={one.name}
            />
          ))}
        </Group>
      </Checkbox.Group>
      <Group justify="space-between" gap="sm" mt="lg">
        <May least="job_creator">
          <Muting until={known.mutedUntil} onMute={mute.mutate} />
        </May>
        <May least="job_creator">
          <Button
            variant="filled"
            loading={save.isPending || reset.isPending}
            disabled={isWrong}
            onClick={() => (edited.own ? save.mutate(withoutGone(edited, data)) : reset.mutate())}
            data-testid="save-changes"
          >
            Save Changes
          </Button>
        </May>
      </Group>
    </section>
  )
}

interface MutingProps {
  readonly until: string | null
  readonly onMute: (hours: number) => void
}

function Muting({ until, onMute }: MutingProps) {
  const isMuted = until !== null && Date.parse(until) > Date.now()
  return (
    <Group gap="sm">
      {isMuted ? (
        <>
          <span data-testid="alerts-muted">Muted until {toLocal(until)}</span>
          <Button onClick={() => onMute(0)} data-testid="alerts-unmute">
            Unmute
          </Button>
        </>
      ) : (
        <Button onClick={() => onMute(24)} data-testid="alerts-mute">
          Mute for 24 h
        </Button>
      )}
    </Group>
  )
}

interface RuleTableProps {
  readonly known: readonly AlertRuleInfo[]
  readonly edited: Edited
  readonly onChange: (next: Edited) => void
}

function RuleTable({ known, edited, onChange }: RuleTableProps) {
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Rule', 'Limit', 'Would have fired']} />
        <tbody>
          {known.map(({ key, title, unit, fired }) => (
            <tr key={key} data-testid="alert-rule" data-key={key}>
              <td>
                <Switch
                  label={title}
                  disabled={!edited.own}
                  checked={edited.on.get(key) === true}
                  onChange={event => {
                    const on = new Map(edited.on).set(key, event.currentTarget.checked)
                    onChange({ ...edited, on })
                  }}
                  data-testid="rule-on"
                />
              </td>
              <td>
                {unit !== undefined && (
                  <TextInput
                    aria-label={`${title}, ${unit}`}
                    disabled={!edited.own}
                    value={edited.limits.get(key) ?? ''}
                    onChange={event => {
                      const limits = new Map(edited.limits).set(key, event.currentTarget.value)
                      onChange({ ...edited, limits })
                    }}
                    inputMode="numeric"
                    rightSectionWidth={80}
                    rightSection={<span className="sc-quiet">{unit}</span>}
                    error={wrong(edited, key) && 'Expected 1 or more.'}
                    data-testid="rule-limit"
                  />
                )}
              </td>
              <td className="sc-quiet" data-testid="rule-fired">
                {timesOf(fired ?? 0)} in 30 days
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function useActs(job: JobInfo) {
  const onDone = () => toastDone(`The alerts of ${job.name} were saved.`)
  const failed = 'The alerts were not saved'
  const save = useAlertChange(
    ({ on, limits, channels }: Edited) => {
      const rules = [...on].map(([key, isOn]) => {
        const limit = limits.get(key)
        return {
          ...{ key: key as AlertRuleInfo['key'], on: isOn },
          ...(limit === undefined ? {} : { limit: Number(limit) }),
        }
      })
      return putAlerts(job.id, { own: true, rules, channels })
    },
    { failed, onDone },
  )
  const reset = useAlertChange((_none: undefined) => putAlerts(job.id, { own: false }), {
    ...{ failed, onDone },
  })
  const mute = useAlertChange(
    (hours: number) => {
      const until = new Date(Date.now() + hours * HOUR_MS).toISOString()
      return putAlerts(job.id, { mutedUntil: hours === 0 ? null : until })
    },
    { failed: 'The alerts were not muted' },
  )
  return { save, mute, reset: { ...reset, mutate: () => reset.mutate(undefined) } }
}

function Choice({ value, text }: { readonly value: string; readonly text: string }) {
  return (
    <span data-testid="option" data-value={value}>
      {text}
    </span>
  )
}

function toEdited({ own, rules, channels }: AlertSettings): Edited {
  const limited = rules.filter(one => one.limit !== undefined)
  return {
    ...{ own, channels },
    on: new Map(rules.map(one => [one.key, one.on])),
    limits: new Map(limited.map(one => [one.key, String(one.limit)])),
  }
}

/** Channels that were deleted meanwhile are refused. `known`: undefined while they are not read. */
function withoutGone(edited: Edited, known: readonly ChannelInfo[] | undefined): Edited {
  if (known === undefined) return edited
  const there = new Set(known.map(one => one.id))
  return { ...edited, channels: edited.channels.filter(one => there.has(one)) }
}

function wrong({ limits }: Edited, key: string): boolean {
  return !LIMIT.test(limits.get(key) ?? '')
}

function timesOf(count: number): string {
  return count === 1 ? '1 time' : `${count} times`
}
