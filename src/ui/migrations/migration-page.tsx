/**
 * One migration: its phases, the checks of the present one, what is to be done in the phase that is
 * looked at, and the way on or back. Route /ui/migrations/{name}/phase/{0..5}.
 * Invariants: one goes on only when every check is passed or accepted; cutting over asks for the name.
 * Spec: ui 5.6, 4.5; live-migration 5.
 */
import './migrations.css'
import { Button, Group, Stack } from '@mantine/core'
import { IconAlertTriangleFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { MigrationInfo } from '../../api-v1-migrations.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, toCounted } from '../parts/format.ts'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'
import { CheckList } from './check-list.tsx'
import { CopyPanel } from './copy-panel.tsx'
import { migrationQuery, proxiesQuery, useChange } from './migration-queries.ts'
import { missingText } from './migration-words.ts'
import { PhaseStepper } from './phase-stepper.tsx'
import { PlanPanel } from './plan-panel.tsx'
import { ProxyPanel } from './proxy-panel.tsx'

const CUT_OVER = 5
const SWITCH = 4

/** To the phase that is open now. */
export function MigrationEntry() {
  const { name = '' } = useParams({ strict: false })
  const query = useQuery(migrationQuery(name))
  const navigate = useNavigate()
  const phase = query.data?.phase.number
  useEffect(() => {
    if (phase === undefined) return
    const params = { name, phase: String(Math.min(CUT_OVER, phase)) }
    void navigate({ to: '/migrations/$name/phase/$phase', params, replace: true })
  }, [name, phase, navigate])
  return (
    <Page id="migration" title={name} section="Migrations" loading>
      <Panel query={query} what={`the migration ${name}`}>
        {() => undefined}
      </Panel>
    </Page>
  )
}

export function MigrationPage() {
  const { name = '', phase = '0' } = useParams({ strict: false })
  const query = useQuery(migrationQuery(name))
  const { data } = query
  return (
    <Page
      id="migration"
      title={name}
      section="Migrations"
      loading={query.isPending}
      status={
        data !== undefined && (
          <span className="sc-quiet" data-testid="migration-phase" data-key={data.phase.number}>
            {data.phase.number > CUT_OVER
              ? 'Done'
              : `Phase ${data.phase.number} of ${CUT_OVER}: ${data.phase.title}`}
          </span>
        )
      }
    >
      <Panel query={query} what={`the migration ${name}`}>
        {info => <Migration info={info} shown={Number(phase)} />}
      </Panel>
    </Page>
  )
}

function Migration({ info, shown }: { readonly info: MigrationInfo; readonly shown: number }) {
  const now = info.phase.number
  const mayStandard = useMay('standard')
  const mayAdmin = useMay('admin')
  const mayAct = now >= SWITCH ? mayAdmin : mayStandard
  const phase = info.phases[shown]
  return (
    <Stack gap="lg">
      <PhaseStepper info={info} shown={shown} />
      <Divergence info={info} />
      {now > CUT_OVER && (
        <div className="sc-banner" data-role="ok" data-testid="migration-done">
          <p>
            <strong>Done.</strong> The clients use the target. The source is stale.
          </p>
        </div>
      )}
      {phase !== undefined && <p className="sc-lead">{phase.action}</p>}
      {shown === now && <CheckList info={info} mayAct={mayAct} />}
      {shown === now && now <= CUT_OVER && <Ways info={info} mayAct={mayAct} />}
      {shown > now && <p className="sc-quiet">This phase comes after phase {now}.</p>}
      <Work info={info} shown={shown} mayAct={mayAct} />
      <History info={info} />
    </Stack>
  )
}

interface WorkProps {
  readonly info: MigrationInfo
  readonly shown: number
  readonly mayAct: boolean
}

function Work({ info, shown, mayAct }: WorkProps) {
  const { table = '' } = useSearch({ strict: false }) as { table?: string }
  if (shown === 0) return <PlanPanel info={info} mayAct={mayAct} />
  if (shown === 2) return <CopyPanel info={info} table={table} mayAct={mayAct} />
  return <ProxyPanel info={info} phase={shown} mayAct={mayAct && shown === info.phase.number} />
}

/** Clients cannot see that the clusters are apart: the page says so, on every phase. */
function Divergence({ info }: { readonly info: MigrationInfo }) {
  const hasProxies = info.proxies.length > 0 && info.phase.number > 0
  const { data } = useQuery({ ...proxiesQuery(info.name), enabled: hasProxies })
  const missed = data?.items.reduce((sum, one) => sum + one.missedWrites, 0) ?? 0
  if (missed === 0) return undefined
  return (
    <div className="sc-banner" data-role="error" role="status" data-testid="divergence">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <p>
        <strong>The clusters are apart.</strong> The target missed {toCounted(missed, 'write')}{' '}
        since the proxies started. Clients do not see it: copy or repair before you go on.
      </p>
    </div>
  )
}

function Ways({ info, mayAct }: { readonly info: MigrationInfo; readonly mayAct: boolean }) {
  const [asked, setAsked] = useState<'back' | 'cut-over' | undefined>()
  const navigate = useNavigate()
  const change = useChange(info.name)
  const mayAdmin = useMay('admin')
  const now = info.phase.number
  const isReady = info.checks.every(one => one.state !== 'failed')
  const needsAdmin = now + 1 >= SWITCH && !mayAdmin
  // This part leaves the screen with the phase; the promise outlives it.
  const go = async (what: 'advance' | 'back') => {
    const next = await change.mutateAsync({ do: what }).catch(() => undefined)
    setAsked(undefined)
    if (next === undefined) return
    const params = { name: info.name, phase: String(Math.min(CUT_OVER, next.phase.number)) }
    await navigate({ to: '/migrations/$name/phase/$phase', params })
  }
  return (
    <div className="sc-ways">
      <p className="sc-lead">
        <strong>Way back:</strong> {info.phase.back}
      </p>
      {mayAct && (
        <Group gap="sm">
          {now > 0 && (
            <Button onClick={() => setAsked('back')} data-testid="phase-back">
              Back to phase {now - 1}…
            </Button>
          )}
          <span className="sc-spacer" />
          <span className="sc-quiet" data-testid="phase-missing">
            {needsAdmin ? 'Phases 4 and 5 need the role Admin.' : missingText(info.checks)}
          </span>
          <Button
            variant="filled"
            disabled={!isReady || needsAdmin}
            loading={change.isPending}
            onClick={() => (now === SWITCH ? setAsked('cut-over') : void go('advance'))}
            data-testid="phase-next"
          >
            {now === CUT_OVER ? 'Finish' : `Continue to phase ${now + 1}`}
          </Button>
        </Group>
      )}
      <ConfirmDialog
        opened={asked === 'back'}
        title={`Back to phase ${now - 1}?`}
        text={`${info.phase.back} Scamander changes nothing on the clusters by itself.`}
        verb={`Back to phase ${now - 1}`}
        busy={change.isPending}
        onConfirm={() => void go('back')}
        onClose={() => setAsked(undefined)}
      />
      <TypeConfirmDialog
        opened={asked === 'cut-over'}
        title={`Cut ${info.name} over?`}
        text="From the first direct write the source is stale. There is no clean way back."
        name={info.name}
        verb="Cut over"
        busy={change.isPending}
        onConfirm={() => void go('advance')}
        onClose={() => setAsked(undefined)}
      />
    </div>
  )
}

const SHOWN_MAX = 8

function History({ info }: { readonly info: MigrationInfo }) {
  const [isAll, setAll] = useState(false)
  const events = info.history.toReversed()
  return (
    <section className="sc-card sc-card-body" aria-labelledby="history-title">
      <h2 id="history-title" className="sc-card-title">
        History
      </h2>
      <ul className="sc-steps" data-testid="migration-history">
        {(isAll ? events : events.slice(0, SHOWN_MAX)).map(({ at, by, text }) => (
          <li key={`${at} ${text}`} className="sc-step">
            <span className="sc-quiet">{toAgo(at)}</span>
            <span className="sc-wrap">{text}</span>
            <span className="sc-quiet">{by}</span>
          </li>
        ))}
      </ul>
      {events.length > SHOWN_MAX && (
        <button type="button" className="sc-text-button" onClick={() => setAll(!isAll)}>
          {isAll ? 'Show less' : `${events.length - SHOWN_MAX} more`}
        </button>
      )}
    </section>
  )
}
