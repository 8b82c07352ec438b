/**
 * A configuration on its way from the paste page to the form. Kept in memory only, because it may
 * hold secrets; read by the form of the same class.
 * Spec: ui 4.4 (drafts never hold secrets in storage).
 */
import type { NamedConfig } from './config-text.ts'

let handed: NamedConfig | undefined

export function handDraft(draft: NamedConfig): void {
  handed = draft
}

export function peekDraft(plugin: string): NamedConfig | undefined {
  return handed?.config['connector.class'] === plugin ? handed : undefined
}

let handedText = ''

/** A file that was dropped elsewhere, for the paste page. */
export function handText(text: string): void {
  handedText = text
}

/** Given once. */
export function takeText(): string {
  const text = handedText
  handedText = ''
  return text
}
