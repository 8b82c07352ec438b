/**
 * Hands a text to the browser as a file to keep. Used by every button that downloads what the page holds.
 * Invariants: the file is made when it is asked for; its name holds no character that a system refuses.
 * Spec: ui 4.1 (CSV), 5.4 (download).
 */
const KEPT_MS = 10_000

export function saveText(name: string, text: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name.replaceAll(/[^\w.-]+/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}
