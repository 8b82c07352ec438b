/**
 * API tokens: one's own, or everybody's for an administrator. Made, shown once, withdrawn.
 * Invariant: the text of a token stands on screen only until its dialog is closed.
 * Spec: ui 5.7, 8 (`token-create`, `token-value`); backlog-replication 2.17.
 */
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconCopy, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Role } from '../../api-v1.ts'
import type { TokenInfo } from '../../api-v1-access.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo, toAhead, UNKNOWN } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { sessionQuery } from '../parts/session.ts'
import { toastDone } from '../parts/toast.ts'
import { ROLE_WORDS } from '../session/user-menu.tsx'
import { RoleSelect } from './role-select.tsx'
import { deleteToken, errorAt, makeToken, tokensQuery, useChange } from './settings-queries.ts'

const KEY = tokensQuery.queryKey
const DAY_MS = 86_400_000
const ENDS = [
  { value: '30', label: 'in 30 days' },
  { value: '90', label: 'in 90 days' },
  { value: '365', label: 'in a year' },
  { value: '', label: 'never' },
]

export function TokensTab() {
  const query = useQuery(tokensQuery)
  const [isMaking, setMaking] = useState(false)
  return (
    <section className="sc-card" aria-labelledby="tokens-title">
      <Group justify="space-between" pb="lg" className="sc-card-head">
        <h2 id="tokens-title" className="sc-card-title">
          API tokens
        </h2>
        <Button
          variant="filled"
          leftSection={<IconPlus size={16} stroke={1.5} />}
          onClick={() => setMaking(true)}
          data-testid="token-create"
        >
          Create token
        </Button>
      </Group>
      <Panel query={query} what="the tokens">
        {tokens =>
          tokens.length === 0 ? (
            <Empty text="A token lets a script or another program call the API, with a role of its own." />
          ) : (
            <TokenTable tokens={tokens} />
          )
        }
      </Panel>
      {isMaking && <TokenDialog onClose={() => setMaking(false)} />}
    </section>
  )
}

function TokenTable({ tokens }: { readonly tokens: readonly TokenInfo[] }) {
  const [asked, setAsked] = useState<TokenInfo>()
  const remove = useChange(deleteToken, {
    ...{ key: KEY, failed: 'The token was not withdrawn' },
    onDone: () => setAsked(undefined),
  })
  return (
    <div className="sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads
          columns={['Name', 'Token', 'Role', 'Owner', 'Addresses', 'Expires', 'Last used']}
          acts
        />
        <tbody>
          {tokens.map(token => (
            <tr key={token.id} data-testid="token-row" data-key={token.name}>
              <td>
                <bdi>{token.name}</bdi>
              </td>
              <td className="sc-mono">{token.prefix}…</td>
              <td>{ROLE_WORDS[token.role]}</td>
              <td>
                <bdi>{token.owner}</bdi>
              </td>
              <td className="sc-mono">{token.addresses.join(', ') || UNKNOWN}</td>
              <td>{endOf(token)}</td>
              <td>{toAgo(token.lastUsedAt)}</td>
              <td>
                <Group justify="flex-end">
                  <Button
                    size="compact-sm"
                    color="error"
                    onClick={() => setAsked(token)}
                    data-testid="token-delete"
                  >
                    Withdraw
                  </Button>
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={asked !== undefined}
        title={`Withdraw ${asked?.name}?`}
        text="Calls with this token are refused from now on. It cannot be brought back."
        verb="Withdraw token"
        dangerous
        busy={remove.isPending}
        onConfirm={() => asked !== undefined && remove.mutate(asked)}
        onClose={() => setAsked(undefined)}
      />
    </div>
  )
}

function TokenDialog({ onClose }: { readonly onClose: () => void }) {
  const own = useQuery(sessionQuery).data?.role ?? 'viewer'
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const [days, setDays] = useState('90')
  const [addresses, setAddresses] = useState('')
  const make = useChange(makeToken, { key: KEY, failed: 'The token was not created' })
  const submit = () => {
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS)
    make.mutate({
      ...{ name: name.trim(), role, expiresAt: expiresAt?.toISOString() ?? null },
      addresses: addresses.split(/[\s,]+/).filter(one => one !== ''),
    })
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="Create token"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-token"
    >
      {make.data === undefined ? (
        <form
          onSubmit={event => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack gap="lg">
            <TextInput
              label="Name"
              description="What it is for."
              value={name}
              onChange={event => setName(event.currentTarget.value)}
              error={toldAt(make.error, 'name')}
              data-testid="field-name"
            />
            <RoleSelect value={role} label="Role" isLabelShown most={own} onChange={setRole} />
            <Select
              label="Expires"
              value={days}
              onChange={next => setDays(next ?? '')}
              data={ENDS}
              allowDeselect={false}
              data-testid="field-expires"
            />
            <TextInput
              label="Addresses"
              description="From where it is taken, like 10.0.0.0/8, 192.0.2.7; empty: from anywhere."
              value={addresses}
              onChange={event => setAddresses(event.currentTarget.value)}
              error={toldAt(make.error, 'addresses')}
              data-testid="field-addresses"
            />
            <Group justify="flex-end" gap="sm">
              <Button onClick={onClose}>Cancel</Button>
              <Button
                type="submit"
                variant="filled"
                loading={make.isPending}
                data-testid="token-save"
              >
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Made token={make.data.token} onClose={onClose} />
      )}
    </Modal>
  )
}

function toldAt(error: Error | null, field: string) {
  const message = errorAt(error, field)
  return message === undefined ? undefined : (
    <span data-testid={`field-${field}-error`}>{message}</span>
  )
}

function Made({ token, onClose }: { readonly token: string; readonly onClose: () => void }) {
  const copy = async () => {
    if (await toClipboard(token)) toastDone('The token was copied.')
  }
  return (
    <Stack gap="lg">
      <Text>Copy the token now: it is not shown again.</Text>
      <code className="sc-mono sc-token" data-testid="token-value">
        {token}
      </code>
      <Group justify="flex-end" gap="sm">
        <Button
          leftSection={<IconCopy size={16} stroke={1.5} />}
          onClick={() => void copy()}
          data-testid="token-copy"
        >
          Copy
        </Button>
        <Button variant="filled" onClick={onClose} data-testid="token-done">
          Done
        </Button>
      </Group>
    </Stack>
  )
}

function endOf({ expiresAt }: TokenInfo): string {
  if (expiresAt === null) return UNKNOWN
  return Date.parse(expiresAt) > Date.now() ? toAhead(expiresAt) : 'expired'
}
