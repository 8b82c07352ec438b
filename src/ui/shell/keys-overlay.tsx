/**
 * Help: all keys of the page, the first steps, the codes of errors. `?` shows it. Used by the shell.
 * Invariant: the keys of sections are those of the one list of sections.
 * Spec: ui 4.7, 5.2 (`?` brings the first steps back).
 */
import { Group, Modal } from '@mantine/core'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { LinkButton } from '../parts/link-button.tsx'
import { SECTIONS } from './sections.ts'

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Search or run a command'],
  ['/', 'Search in this list'],
  ['n', 'New, where the page has it'],
  ['1 … 9', 'Open a tab of the page'],
  ['r', 'Read the page again'],
  ['Shift R', 'Run'],
  ['Ctrl S', 'Save'],
  ['Ctrl Enter', 'Preview, test, run the query'],
  ['j, k', 'Move in a list; also the arrow keys'],
  ['x', 'Select the row'],
  ['Enter', 'Open the row'],
  ['.', 'Menu of the row'],
  ['p', 'Freeze the page, and go on'],
  ['[', 'Fold the navigation'],
  ['t', 'Change the theme'],
  ['u', 'Local time or UTC'],
  ['F8', 'Go to the messages'],
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
      title="Help"
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
      <Group gap="sm" mt="lg">
        <LinkButton to="/welcome" onClick={onClose} data-testid="help-welcome">
          First steps
        </LinkButton>
        <LinkButton to="/help/errors" onClick={onClose} data-testid="help-errors">
          Codes of errors
        </LinkButton>
      </Group>
    </Modal>
  )
}
