/**
 * A file with a configuration, dropped anywhere on a screen or chosen, as text. Used by the list of
 * connectors, Add Connector and the paste page.
 * Invariants: only files are taken, text that is dragged stays the browser's; an editor below the file
 * does not take it as well; a file that is no configuration by its size is refused with its size.
 * Spec: ui 5.4 (drop a file anywhere on Connectors).
 */
import { useEffect, useRef, useState } from 'react'
import { toastProblem } from '../parts/toast.ts'

const BYTES_MAX = 1_000_000

export async function textOfFile(file: File): Promise<string | undefined> {
  if (file.size <= BYTES_MAX) return await file.text()
  const found = `expected a configuration of at most ${BYTES_MAX} bytes, found ${file.size}`
  toastProblem(`${file.name} was not read`, new Error(found))
  return undefined
}

/** Whether a file is held over the page. */
export function useFileDrop(onText: (text: string) => void, isEnabled = true): boolean {
  const [isOver, setOver] = useState(false)
  const latest = useRef(onText)
  latest.current = onText
  useEffect(() => {
    if (!isEnabled) return
    const end = new AbortController()
    const on = (type: 'dragover' | 'dragleave' | 'drop', handle: (event: DragEvent) => void) =>
      globalThis.addEventListener(type, handle, { signal: end.signal, capture: true })
    on('dragover', event => {
      if (event.dataTransfer?.types.includes('Files') !== true) return
      event.preventDefault()
      event.stopPropagation()
      setOver(true)
    })
    on('dragleave', event => {
      if (event.relatedTarget === null) setOver(false)
    })
    on('drop', event => {
      const [file] = event.dataTransfer?.files ?? []
      setOver(false)
      if (file === undefined) return
      event.preventDefault()
      event.stopPropagation()
      void textOfFile(file).then(text => text !== undefined && latest.current(text))
    })
    return () => end.abort()
  }, [isEnabled])
  return isOver
}
