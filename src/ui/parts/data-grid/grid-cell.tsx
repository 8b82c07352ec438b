/**
 * Text of a cell as the grid writes it. Used by its rows, and by columns that add something to the text.
 * Invariant: control and direction characters are seen, never obeyed; a long text is cut.
 * Spec: ui 4.8 (cells).
 */
import type { ReactNode } from 'react'

const SHOWN_CHARACTERS = 200
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible
const HIDDEN = /[\u0000-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Control and direction characters as signs; cut where a line ends anyway. */
export function visible(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
  return withoutHidden(shown)
}

/** As long as it is: for texts that lines are made of. */
export function withoutHidden(text: string): string {
  return text.replace(HIDDEN, one => {
    const code = one.charCodeAt(0)
    if (code < 32) return String.fromCharCode(0x2400 + code)
    return code === 127 ? '\u2421' : `⟨${code.toString(16).toUpperCase()}⟩`
  })
}

export function CellText({ text }: { readonly text: string | null }): ReactNode {
  if (text === null) return <span className="sc-quiet">NULL</span>
  if (text === '') return <span className="sc-quiet">""</span>
  return <bdi>{visible(text)}</bdi>
}
