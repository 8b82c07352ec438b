/**
 * Named secrets of the server: names, what refers to them, when they were set; added, replaced and deleted by
 * administrators. And how a reference is written, to a secret or to what the other providers read.
 * Invariants: a value goes one way only; one that is in use is not deleted, and says what uses it.
 * Spec: ui 4.5, 5.7 (Secrets); backlog-replication 2.17.
 */
import { Button, Group, Stack } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import type { SecretInfo, SecretUse } from '../../api-v1-access.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, UNKNOWN } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { SERVES_CONNECT } from '../parts/served.ts'
import { toastDone } from '../parts/toast.ts'
import { SecretDialog } from './secret-dialog.tsx'
import { deleteSecret, secretsQuery, useChange } from './settings-queries.ts'

/** Undefined: a new one. */
type Edited = { readonly secret: SecretInfo | undefined }

export function SecretsTab() {
  const query = useQuery(secretsQuery)
  const [edited, setEdited] = useState<Edited>()
  return (
    <Stack gap="lg">
      <section className="sc-card" aria-labelledby="secrets-title">
        <Group justify="space-between" pb="lg" className="sc-card-head">
          <h2 id="secrets-title" className="sc-card-title">
            Secrets
          </h2>
          <May least="admin">
            <Button
              variant="filled"
              leftSection={<IconPlus size={16} stroke={1.5} />}
              onClick={() => setEdited({ secret: undefined })}
              data-testid="secret-add"
            >
              Add secret
            </Button>
          </May>
        </Group>
        <Panel query={query} what="the secrets">
          {secrets =>
            secrets.length === 0 ? (
              <Empty text="A secret keeps a password or key under a name. Connections and connectors refer to it, and nobody reads it again." />
            ) : (
              <SecretTable secrets={secrets} onReplace={secret => setEdited({ secret })} />
            )
          }
        </Panel>
      </section>
      <Providers />
      {edited !== undefined && (
        <SecretDialog secret={edited.secret} onClose={() => setEdited(undefined)} />
      )}
    </Stack>
  )
}

interface TableProps {
  readonly secrets: readonly SecretInfo[]
  readonly onReplace: (secret: SecretInfo) => void
}

function SecretTable({ secrets, onReplace }: TableProps) {
  const [asked, setAsked] = useState<SecretInfo>()
  const remove = useChange(deleteSecret, {
    ...{ key: secretsQuery.queryKey, failed: 'The secret was not deleted' },
    onDone: (_answer, { name }) => {
      setAsked(undefined)
      toastDone(`The secret ${name} was deleted.`)
    },
  })
  const users = asked?.usedBy ?? []
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Name', 'Used by', 'Set', 'By']} acts />
        <tbody>
          {secrets.map(secret => (
            <tr key={secret.name} data-testid="secret-row" data-key={secret.name}>
              <td className="sc-mono">
                <bdi>{secret.name}</bdi>
              </td>
              <td data-testid="secret-used-by">
                <Uses uses={secret.usedBy} />
              </td>
              <td>{toAgo(secret.setAt)}</td>
              <td>
                <bdi>{secret.setBy}</bdi>
              </td>
              <td>
                <May least="admin">
                  <Group justify="flex-end" gap="sm" wrap="nowrap">
                    <Button
                      size="compact-sm"
                      onClick={() => onReplace(secret)}
                      aria-label={`Replace ${secret.name}`}
                      data-testid="secret-replace"
                    >
                      Replace
                    </Button>
                    <Button
                      size="compact-sm"
                      color="error"
                      onClick={() => setAsked(secret)}
                      aria-label={`Delete ${secret.name}`}
                      data-testid="secret-delete"
                    >
                      Delete
                    </Button>
                  </Group>
                </May>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={asked !== undefined}
        title={users.length > 0 ? `${asked?.name} is in use` : `Delete secret ${asked?.name}?`}
        text={
          users.length > 0 ? (
            <>
              It is used by <Uses uses={users} />. Take its reference out there first.
            </>
          ) : (
            'Its value goes and cannot be brought back. Nothing on this server refers to it.'
          )
        }
        verb="Delete secret"
        dangerous
        isRefused={users.length > 0}
        busy={remove.isPending}
        onConfirm={() => asked !== undefined && remove.mutate(asked)}
        onClose={() => setAsked(undefined)}
      />
    </div>
  )
}

function Uses({ uses }: { readonly uses: readonly SecretUse[] }) {
  if (uses.length === 0) return UNKNOWN
  return uses.map((one, index) => (
    <Fragment key={`${one.kind} ${one.id}`}>
      {index > 0 && ', '}
      {one.kind === 'connection' ? (
        <Link className="sc-link" to="/connections/$id" params={{ id: one.id }}>
          {one.name}
        </Link>
      ) : (
        <Link
          className="sc-link"
          to="/connectors/$name/$tab"
          params={{ name: one.id, tab: 'config' }}
        >
          {one.name}
        </Link>
      )}
    </Fragment>
  ))
}

const PROVIDERS = [
  ['secret', `\${secret:NAME}`, 'A secret of this list; in connections and connectors.'],
  ['file', `\${file:/run/db.properties:password}`, 'A key of a properties file of the worker.'],
  ['env', `\${env:DB_PASSWORD}`, 'A variable of the environment of the worker.'],
  ['directory', `\${directory:/run/secrets:db}`, 'A file in a folder of the worker; also dir.'],
] as const

/** The worker's own are declared in its properties. */
function Providers() {
  const shown = SERVES_CONNECT ? PROVIDERS : PROVIDERS.slice(0, 1)
  return (
    <section className="sc-card" aria-labelledby="providers-title">
      <div className="sc-card-head">
        <h2 id="providers-title" className="sc-card-title">
          How to write a reference
        </h2>
        <p className="sc-lead">
          A reference stands where a password would, and is shown as it is written. Connections use
          a new value at once, connectors when they start the next time.
        </p>
      </div>
      <div className="sc-grid-scroll">
        <table className="sc-grid">
          <ColumnHeads columns={['Provider', 'Write', 'Reads']} />
          <tbody>
            {shown.map(([name, example, reads]) => (
              <tr key={name} data-testid="provider-row" data-key={name}>
                <td className="sc-mono">{name}</td>
                <td className="sc-mono sc-wrap">{example}</td>
                <td>{reads}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
