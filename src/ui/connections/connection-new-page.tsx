/**
 * A new connection: the form and Create & Test.
 * Route /ui/connections/new/{kind}.
 * Invariant: a test that fails saves nothing; "Save anyway" is offered only after it.
 * Spec: ui 5.2; backlog-replication 2.2.
 */
import { Button, Group } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { ConnectionInfo, ConnectorInfoV1, TestResult } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { toDuration } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel, PanelError } from '../parts/panel.tsx'
import { SERVES_DATA } from '../parts/served.ts'
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
  connectionQuery,
  create,
  kindsQuery,
  testDraft,
  useReloadConnections,
} from './connection-queries.ts'
import { SignInPanel } from './sign-in-panel.tsx'
import { TestSteps } from './test-steps.tsx'
import { signInErrors, useSignIn, withGrant, withSignIn } from './use-sign-in.ts'

export interface ConnectionNewSearch {
  /** Id of the connection that is duplicated. */
  readonly from?: string
}

export function ConnectionNewPage() {
  const { kind = '' } = useParams({ strict: false })
  const { from } = useSearch({ strict: false }) as ConnectionNewSearch
  const model = useQuery({ ...connectionQuery(from ?? ''), enabled: from !== undefined })
  const isWaiting = from !== undefined && model.isPending
  const query = useQuery(kindsQuery)
  const found = query.data?.find(one => one.kind === kind)
  return (
    <Page
      id="connection-new"
      title={`New Connection: ${found?.title ?? kind}`}
      section="Connections"
      loading={query.isPending || isWaiting}
    >
      <Panel query={query} what="the connectors">
        {() =>
          found === undefined ? (
            <Empty text={`There is no connector ${kind}.`} />
          ) : (
            !isWaiting && <NewConnection key={kind} kind={found} model={model.data} />
          )
        }
      </Panel>
    </Page>
  )
}

interface NewConnectionProps {
  readonly kind: ConnectorInfoV1
  /** Its properties are taken over, its secrets are not. */
  readonly model: ConnectionInfo | undefined
}

function NewConnection({ kind, model }: NewConnectionProps) {
  const [state, setState] = useState<FormState>(() => ({
    name: model === undefined ? '' : `${model.name} copy`,
    labels: model?.labels ?? [],
    values: initialValues(kind.properties, model?.properties),
  }))
  const [isDirty] = useDirty(state)
  const draft = useDraft(kind, state)
  const isOauth = state.values['authScheme'] === 'OAuth'
  const { test, errors, saved } = draft
  return (
    <div className="sc-two">
      <UnsavedGuard isDirty={isDirty && saved === undefined} onSave={draft.onSaveAll} />
      <ConnectionForm
        kind={kind}
        state={state}
        errors={errors}
        keyspaces={test?.keyspaces ?? []}
        onChange={setState}
      >
        {isOauth && <SignInPanel signIn={draft.signIn} />}
        {draft.error !== null && draft.error.errors.length === 0 && (
          <PanelError error={draft.error} what="the answer" title="The server refused it." />
        )}
        <Group justify="flex-end" gap="sm" mt="lg">
          <ConnectionCopyAs kind={kind} of={toCopied(kind.properties, state)} />
          <span className="sc-spacer" />
          <LinkButton to="/connections">Cancel</LinkButton>
          {kind.kind === 'backlog' && (
            <Button
              onClick={isOauth ? draft.onSignIn : draft.onTry}
              loading={draft.isTrying || draft.signIn.isStarting}
              disabled={saved !== undefined}
              data-testid="backlog-connect"
            >
              Connect to Backlog
            </Button>
          )}
          <Button
            variant="filled"
            type="submit"
            onClick={() => draft.onSave(true)}
            loading={draft.isSaving}
            disabled={saved !== undefined}
            data-testid="connection-submit"
          >
            Create & Test
          </Button>
        </Group>
      </ConnectionForm>
      <TestSteps test={test} isTesting={draft.isSaving || draft.isTrying}>
        {kind.kind === 'backlog' && !isOauth && test?.ok === true && (
          <strong data-testid="backlog-identity">{test.text}</strong>
        )}
        {saved !== undefined && <Saved id={saved} test={test} kind={kind} />}
        {saved === undefined && test?.ok === false && (
          <Group gap="sm">
            <Button onClick={() => draft.onSave(false)} data-testid="connection-save-anyway">
              Save anyway
            </Button>
          </Group>
        )}
      </TestSteps>
    </div>
  )
}

interface SavedProps {
  readonly id: string
  readonly test: TestResult | undefined
  readonly kind: ConnectorInfoV1
}

function Saved({ id, test, kind }: SavedProps) {
  const uses = kind.directions.map(one => `as a ${one}`).join(' or ')
  return (
    <>
      <strong>
        {test?.ok === true
          ? `Created, tested and saved in ${toDuration(test.tookMs)}. Use it ${uses}.`
          : 'Saved without a test that passed.'}
      </strong>
      <Group gap="sm">
        <LinkButton to="/jobs" search={{ add: id }} data-testid="connection-create-job">
          Create a job with it
        </LinkButton>
        {SERVES_DATA && kind.kind === 'cassandra' && (
          <LinkButton to="/data/cassandra/$connection" params={{ connection: id }}>
            Browse tables
          </LinkButton>
        )}
        <LinkButton to="/connections" variant="filled" data-testid="connection-done">
          Done
        </LinkButton>
      </Group>
    </>
  )
}

/** What the buttons do, and what came of it. */
function useDraft(kind: ConnectorInfoV1, state: FormState) {
  const [errors, setErrors] = useState<FieldErrors>({})
  const [test, setTest] = useState<TestResult | undefined>()
  const [saved, setSaved] = useState<string | undefined>()
  const navigate = useNavigate()
  const signIn = useSignIn()
  const reload = useReloadConnections()
  const draftOf = (isTested: boolean) => ({
    ...{ name: state.name.trim(), connector: kind.kind, labels: state.labels, test: isTested },
    properties: withGrant(toProperties(kind.properties, state.values), signIn),
  })
  const onTested = (result: TestResult | null) => {
    setTest(result ?? undefined)
    if (result !== null) setErrors(errorsOfTest(kind.kind, result))
  }
  const onError = (error: Error) => setErrors(fieldsOf(error))
  const save = useMutation({
    mutationFn: (isTested: boolean) => create(draftOf(isTested)),
    onSuccess: async ({ connection, test: result }, isTested) => {
      if (isTested) onTested(result)
      if (connection === null) return
      setErrors({})
      setSaved(connection.id)
      await reload()
      if (!isTested) await navigate({ to: '/connections', ignoreBlocker: true })
    },
    onError,
  })
  const attempt = useMutation({
    mutationFn: () => testDraft(draftOf(true)),
    onSuccess: onTested,
    onError,
  })
  const isRight = () => {
    const found = withSignIn(
      checkValues(state.name, kind.properties, {
        values: state.values,
        kept: new Set(signIn.known?.grant == null ? [] : ['oauthRefreshToken']),
      }),
    )
    setErrors(found)
    return Object.keys(found).length === 0
  }
  const start = (act: () => void) => {
    if (isRight()) act()
  }
  const saveAll = async () => {
    if (!isRight()) return false
    return await save.mutateAsync(true).then(
      ({ connection }) => connection !== null,
      () => false,
    )
  }
  return {
    ...{ errors: { ...errors, ...signInErrors(signIn) }, test, saved, signIn },
    error: (save.error ?? attempt.error ?? signIn.error) as ApiError | null,
    isSaving: save.isPending,
    isTrying: attempt.isPending,
    onSaveAll: saveAll,
    onSave: (isTested: boolean) => start(() => save.mutate(isTested)),
    onSignIn: () => signIn.start(toProperties(kind.properties, state.values)),
    onTry: () => start(() => attempt.mutate()),
  }
}

function fieldsOf(error: Error): FieldErrors {
  const all = error instanceof ApiError ? error.errors : []
  return Object.fromEntries(all.map(one => [one.field, one.message]))
}
