/**
 * The sections of the page: one list for the navigation, the keys and the palette.
 * A section stands here only when it works.
 * Spec: ui 2 (map), 4.7 (keys).
 */
import { IconPlugConnected } from '@tabler/icons-react'

export interface Section {
  readonly id: string
  readonly title: string
  readonly group: string
  readonly to: '/connectors'
  /** Pressed after g. */
  readonly key: string
  readonly icon: typeof IconPlugConnected
}

export const SECTIONS: readonly Section[] = [
  {
    id: 'connectors',
    title: 'Connectors',
    group: 'Stream',
    to: '/connectors',
    key: 'c',
    icon: IconPlugConnected,
  },
]
