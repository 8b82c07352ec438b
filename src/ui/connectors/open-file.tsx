/**
 * A button that opens a file with a configuration. Used by Add Connector and the paste page.
 * Invariant: the file is read in the browser; nothing of it is sent before it is converted.
 * Spec: ui 5.4 (Open a file).
 */
import { Button, FileButton } from '@mantine/core'
import { textOfFile } from './file-drop.ts'

export function OpenFile({ onText }: { readonly onText: (text: string) => void }) {
  const take = (file: File | null) => {
    if (file === null) return
    void textOfFile(file).then(text => text !== undefined && onText(text))
  }
  return (
    <FileButton
      onChange={take}
      accept=".json,.properties,.yaml,.yml,.txt,.sh"
      inputProps={{ 'data-testid': 'paste-file-input' } as object}
    >
      {props => (
        <Button {...props} data-testid="paste-file">
          Open a file
        </Button>
      )}
    </FileButton>
  )
}
