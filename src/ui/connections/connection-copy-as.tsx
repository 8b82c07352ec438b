/**
 * "Copy as": a connection as the curl command that makes it, or as YAML. Used by the forms of connections.
 * Invariant: what is copied holds no secret, and says so.
 * Spec: ui 4.4, 5.2, 8 (`copy-as`).
 */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { ConnectorInfoV1 } from '../../api-v1.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toastDone } from '../parts/toast.ts'
import { type ConnectionCopy, type CopiedConnection, connectionText } from './connection-copy.ts'

const FORMATS: readonly (readonly [ConnectionCopy, string])[] = [
  ['curl', 'curl command'],
  ['yaml', 'YAML'],
]

interface ConnectionCopyAsProps {
  readonly kind: ConnectorInfoV1
  readonly of: CopiedConnection
}

export function ConnectionCopyAs({ kind, of }: ConnectionCopyAsProps) {
  const copy = async (format: ConnectionCopy, title: string) => {
    const text = connectionText(format, kind, { of, url: location.origin })
    const more = text.includes('${secret:')
      ? ` Secrets are not in it: \${secret:…} stands there.`
      : ''
    if (await toClipboard(text)) toastDone(`The connection was copied as ${title}.${more}`)
  }
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button rightSection={<IconChevronDown size={16} stroke={1.5} />} data-testid="copy-as">
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(([format, title]) => (
          <Menu.Item
            key={format}
            onClick={() => void copy(format, title)}
            data-testid="menu-item"
            data-key={format}
          >
            {title}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
