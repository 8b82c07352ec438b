/**
 * All keys of the page: `?` shows them. Used by the shell.
 * Invariant: the keys of sections are those of the one list of sections.
 * Spec: ui 4.7.
 */
import { Modal } from '@mantine/core'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { SECTIONS } from './sections.ts'

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Search or run a command'],
  ['/', 'Search in this list'],
  ['p', 'Freeze the page, and go on'],
  ['[', 'Fold the navigation'],
  ['t', 'Change the theme'],
  ['?', 'Show the keys'],
  ['Esc', 'Close'],
]

interface KeysOverlayProps {
  readonly opened: boolean
  readonly onClose: () => void
}

export function KeysOverlay({ opened, onClose }: KeysOverlayProps) {
  const goes = SECTIONS.map(({ key, title }) => [`g ${key}`, `Go to ${title}`] as const)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keys"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-keys"
    >
      <table className="sc-grid">
        <ColumnHeads columns={['Key', 'What it does']} />
        <tbody>
          {[...KEYS, ...goes].map(([keys, text]) => (
            <tr key={keys}>
              <td>
                <kbd>{keys}</kbd>
              </td>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  )
}
