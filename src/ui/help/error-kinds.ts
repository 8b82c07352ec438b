/**
 * The kinds of errors in words: what is wrong, and what the product does then by itself.
 * Used by the pages of help. Invariant: the kinds are those of the product; one that is not known reads
 * as it is written.
 * Spec: docs/reference/errors.md.
 */
export interface KindWords {
  readonly word: string
  readonly effect: string
}

const WORDS: Readonly<Record<string, KindWords>> = {
  config: { word: 'settings', effect: 'Nothing is started or saved until the settings are right.' },
  request: { word: 'request', effect: 'The request is refused; nothing was changed.' },
  data: {
    word: 'record',
    effect:
      'The record is skipped, put aside as a dead letter, or stops the task: as errors.tolerance says.',
  },
  retriable: { word: 'passing', effect: 'It is tried again, with longer and longer pauses.' },
  disconnected: {
    word: 'connection',
    effect: 'The connection is opened again, then it is tried again.',
  },
  fatal: {
    word: 'fatal',
    effect: 'The task fails and keeps its trace. Restart it when it is mended.',
  },
  cancelled: { word: 'cancelled', effect: 'It ends quietly: somebody stopped it.' },
}

export function kindOf(kind: string): KindWords {
  return WORDS[kind] ?? { word: kind, effect: '–' }
}
