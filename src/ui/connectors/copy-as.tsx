/**
 * "Copy as": a connector as JSON, properties, YAML, a curl command or for the command line.
 * Used by the page of a connector and the review of a new one.
 * Invariant: what is copied holds no secret, and says so.
 * Spec: ui 4.4, 5.4, 8 (`copy-as`).
 */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { ConfigInfos } from '../../api.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toastDone } from '../parts/toast.ts'
import type { Config } from './connector-queries.ts'
import { type CopyFormat, copyText, hasPlaceholder, withoutSecrets } from './copy-text.ts'

const FORMATS: readonly (readonly [CopyFormat, string])[] = [
  ['json', 'JSON'],
  ['properties', 'Properties'],
  ['yaml', 'YAML (Strimzi)'],
  ['curl', 'curl command'],
  ['command', 'scamander command'],
]

interface CopyAsProps {
  readonly name: string
  readonly config: Config
  readonly infos?: ConfigInfos | undefined
}

export function CopyAs({ name, config, infos }: CopyAsProps) {
  const copy = async (format: CopyFormat, title: string) => {
    const shown = withoutSecrets(config, infos)
    const more = hasPlaceholder(shown) ? ` Secrets are not in it: \${secret:…} stands there.` : ''
    const text = copyText(format, name, { config: shown, url: location.origin })
    if (await toClipboard(text)) toastDone(`${name} was copied as ${title}.${more}`)
  }
  return (
    <Menu position="bottom-end">
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
