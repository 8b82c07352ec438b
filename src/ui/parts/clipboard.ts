/**
 * Puts a text on the clipboard. Used by every button that copies.
 * Invariant: where nothing was copied, that is said: browsers give a page of another machine a clipboard over
 * https only.
 * Spec: ui 4.6.
 */
import { notifications } from '@mantine/notifications'

/** Whether it was copied. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    notifications.show({
      title: 'Nothing was copied',
      message: globalThis.isSecureContext
        ? 'The browser does not let this page copy. Select the text and copy it by hand.'
        : 'Over plain http the browser lets no page copy. Select the text and copy it by hand.',
      ...{ color: 'error', autoClose: false, role: 'alert' },
      ...{ 'data-testid': 'toast', 'data-kind': 'problem' },
      closeButtonProps: { 'aria-label': 'Close the message' },
    })
    return false
  }
}
