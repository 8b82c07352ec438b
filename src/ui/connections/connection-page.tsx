/**
 * A saved connection: its properties, Save & Test, and the jobs that use it.
 * Route /ui/connections/{id}.
 * Invariant: a secret that is not replaced is not sent.
 * Spec: ui 4.4, 5.2; backlog-replication 2.2.
 */
import { Button, Group } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConnectionInfo, ConnectorInfoV1 } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { keyspacesQuery } from '../data/data-queries.ts'
import { toAgo } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Panel, PanelError } from '../parts/panel.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { UnsavedGuard, useDirty } from '../parts/unsaved-guard.tsx'
import { ConnectionCopyAs } from './connection-copy-as.tsx'
import { ConnectionForm, type FormState } from './connection-form.tsx'
import {
  checkValues,
  errorsOfTest,
  type FieldErrors,
  initialValues,
  toCopied,
  toProperties,
} from './connection-model.ts'
import {
  change,
  connectionQuery,
  kindsQuery,
  test as testSaved,
  useReloadConnections,
} from './connection-queries.ts'
import { JobLinks } from './job-links.tsx'
import { KeyspaceDialog } from './keyspace-dialog.tsx'
import { SignInPanel } from './sign-in-panel.tsx'
import { TestSteps } from './test-steps.tsx'
import { signInErrors, useSignIn, withGrant, withSignIn } from './use-sign-in.ts'

export function ConnectionPage() {
  const { id = '' } = useParams({ strict: false })
  const kinds = useQuery(kindsQuery)
  const query = useQuery(connectionQuery(id))
  const kind = kinds.data?.find(one => one.kind === query.data?.connector)
  return (
    <Page
      id="connection"
      title={query.data?.name ?? 'Connection'}
      section="Connections"
      loading={query.isPending || kinds.isPending}
      status={query.data !== undefined && <StatusChip state={query.data.status} />}
    >
      <Panel query={query} what="the connection">
        {saved => kind !== undefined && <Edited key={id} saved={saved} kind={kind} />}
      </Panel>
    </Page>
  )
}

interface EditedProps {
  readonly saved: ConnectionInfo
  readonly kind: ConnectorInfoV1
}

function Edited({ saved, kind }: EditedProps) {
  const [state, setState] = useState<FormState>(() => ({
    name: saved.name,
    labels: saved.labels,
    values: initialValues(kind.properties, saved.properties),
  }))
  const [isKeyspaceAsked, setIsKeyspaceAsked] = useState(false)
  const [isDirty, keep] = useDirty(state)
  const mayChange = useMay('standard')
  const { errors, save, signIn } = useSave(saved, kind, { state, keep })
  const isOauth = state.values['authScheme'] === 'OAuth'
  const test = save.data
  const keyspaces = useKeyspaces(saved)
  const error = save.error as ApiError | null
  return (
    <div className="sc-two">
      <UnsavedGuard isDirty={isDirty} onSave={mayChange ? save.all : undefined} />
      <ConnectionForm
        kind={kind}
        state={state}
        errors={errors}
        saved={saved}
        keyspaces={test?.keyspaces ?? keyspaces}
        onChange={setState}
      >
        {isOauth && <SignInPanel signIn={signIn} />}
        {error !== null && (error.errors?.length ?? 0) === 0 && (
          <PanelError error={error} what="the answer" title="The change was not made." />
        )}
        {isKeyspaceAsked && (
          <KeyspaceDialog
            connection={saved.id}
            dataCenter={String(state.values['localDatacenter'] ?? '')}
            onClose={() => setIsKeyspaceAsked(false)}
            onDone={database => {
              setIsKeyspaceAsked(false)
              setState({ ...state, values: { ...state.values, database } })
            }}
          />
        )}
        <Group justify="flex-end" gap="sm" mt="lg">
          <ConnectionCopyAs kind={kind} of={toCopied(kind.properties, state, saved.secrets)} />
          {kind.kind === 'cassandra' && SERVES_DATA && (
            <May least="standard">
              <Button onClick={() => setIsKeyspaceAsked(true)} data-testid="keyspace-create">
                Create keyspace…
              </Button>
            </May>
          )}
          <span className="sc-spacer" />
          <LinkButton to="/connections">Close</LinkButton>
          {isOauth && (
            <May least="standard">
              <Button
                onClick={() => signIn.start(toProperties(kind.properties, state.values))}
                loading={signIn.isStarting}
                data-testid="backlog-connect"
              >
                Connect to Backlog
              </Button>
            </May>
          )}
          <May least="standard">
            <Button
              variant="filled"
              type="submit"
              loading={save.isPending}
              onClick={() => save.start()}
              data-testid="connection-submit"
            >
              Save & Test
            </Button>
          </May>
        </Group>
      </ConnectionForm>
      <TestSteps test={test} isTesting={save.isPending} isSaved>
        <dl className="sc-facts">
          <dt>Last test</dt>
          <dd>
            {toAgo(saved.testedAt)}
            {saved.statusText === '' ? '' : `: ${saved.statusText}`}
          </dd>
          <dt>Used by</dt>
          <dd>{saved.usedBy.length === 0 ? 'no job' : <JobLinks names={saved.usedBy} />}</dd>
        </dl>
      </TestSteps>
    </div>
  )
}

/** To choose from before a test tells them; none when the cluster does not answer. */
function useKeyspaces({ id, connector, status }: ConnectionInfo): readonly string[] {
  const isAsked = SERVES_DATA && connector === 'cassandra' && status === 'SUCCESSFUL'
  const { data = [] } = useQuery({ ...keyspacesQuery(id), enabled: isAsked })
  return data.filter(one => !one.isSystem).map(one => one.name)
}

interface SaveOf {
  readonly state: FormState
  /** Called with what the server accepted, before it is tested. */
  readonly keep: (state: FormState) => void
}

function useSave(saved: ConnectionInfo, kind: ConnectorInfoV1, { state, keep }: SaveOf) {
  const [errors, setErrors] = useState<FieldErrors>({})
  const reload = useReloadConnections()
  const signIn = useSignIn(saved.id)
  const mutation = useMutation({
    mutationFn: async () => {
      const properties = withGrant(toProperties(kind.properties, state.values), signIn)
      await change(saved.id, { name: state.name.trim(), labels: state.labels, properties })
      keep(state)
      return await testSaved(saved.id)
    },
    onSuccess: result => setErrors(errorsOfTest(kind.kind, result)),
    onError: error => {
      const all = error instanceof ApiError ? error.errors : []
      setErrors(withSignIn(Object.fromEntries(all.map(one => [one.field, one.message]))))
    },
    onSettled: reload,
  })
  const isRight = () => {
    const set = Object.entries(saved.secrets).filter(([, one]) => one.set)
    const kept = new Set(set.map(([key]) => key))
    if (signIn.known?.grant != null) kept.add('oauthRefreshToken')
    const found = withSignIn(
      checkValues(state.name, kind.properties, { values: state.values, kept }),
    )
    setErrors(found)
    return Object.keys(found).length === 0
  }
  const start = () => {
    if (isRight()) mutation.mutate()
  }
  const all = async () => {
    if (!isRight()) return false
    return await mutation.mutateAsync().then(
      () => true,
      () => false,
    )
  }
  return {
    errors: { ...errors, ...signInErrors(signIn) },
    save: { ...mutation, start, all },
    signIn,
  }
}
