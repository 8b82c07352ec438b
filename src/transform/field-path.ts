/**
 * The setting `field` of ExtractField and TimestampConverter: one name (V1) or a path of names (V2):
 * names separated by dots; one with dots stands between back-ticks; `` \` `` is a back-tick in it.
 * Compiled once, when the transform is made. Spec: connect-rest 15; KIP-821.
 * Invariant: a path has one or more steps.
 */
export class FieldPathError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'FieldPathError'
  }
}

/** Throws FieldPathError when a back-tick is not closed. */
export function parseFieldPath(text: string, syntax: 'V1' | 'V2'): readonly string[] {
  if (syntax === 'V1') return [text]
  const steps: string[] = []
  let at = 0
  while (at < text.length) {
    const step = text[at] === '`' ? quotedStep(text, at) : plainStep(text, at)
    steps.push(step.name)
    at = step.next
  }
  if (text === '' || text.endsWith('.')) steps.push('')
  return steps
}

interface Step {
  readonly name: string
  /** Behind the dot that ends the step. */
  readonly next: number
}

function plainStep(text: string, start: number): Step {
  const dot = text.indexOf('.', start)
  const end = dot < 0 ? text.length : dot
  return { name: text.slice(start, end), next: end + 1 }
}

/** Only a back-tick before a dot or at the end closes; others belong to the name. */
function quotedStep(text: string, open: number): Step {
  let name = ''
  let start = open + 1
  for (let at = text.indexOf('`', start); at >= 0; at = text.indexOf('`', at + 1)) {
    const isEnd = at === text.length - 1
    const isEscaped = text[at - 1] === '\\'
    if (isEnd && isEscaped) break
    if (!isEnd && text[at + 1] !== '.') continue
    if (!isEscaped) return { name: name + text.slice(start, at), next: at + 2 }
    name += `${text.slice(start, at - 1)}\``
    start = at + 1
  }
  throw new FieldPathError(
    `Incomplete backtick pair in path: [${text}], consider adding a backslash before backtick at position ${open} to escape it`,
  )
}
