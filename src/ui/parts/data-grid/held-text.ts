/**
 * The text of a search box that the page keeps in its address: it is shown and searched at once, and goes to the
 * address when the typing rests. Used by the data grid.
 * Invariant: what somebody types is never replaced by what the address said before.
 * Spec: ui 2 (every filter is in the address), 7 (filter, key to paint).
 */
import { useEffect, useRef, useState } from 'react'

export interface HeldText {
  readonly text: string
  readonly onText: (text: string) => void
}

const REST_MS = 250

/** Without `held` the text is kept here alone. */
export function useHeldText(held: HeldText | undefined): [string, (text: string) => void] {
  const [text, setText] = useState(held?.text ?? '')
  const given = useRef(text)
  const latest = useRef(held)
  latest.current = held
  const outside = held?.text
  useEffect(() => {
    if (outside === undefined || outside === given.current) return
    given.current = outside
    setText(outside)
  }, [outside])
  useEffect(() => {
    if (text === given.current) return
    const timer = setTimeout(() => {
      given.current = text
      latest.current?.onText(text)
    }, REST_MS)
    return () => clearTimeout(timer)
  }, [text])
  return [text, setText]
}
