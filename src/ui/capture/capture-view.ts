/**
 * What every tab of Capture gets: the state, the connectors that read destinations, and the ways to
 * the forms. Types only.
 * Made by capture-page.tsx. Spec: ui 5.5.
 */
import type { CaptureOverview } from '../../api-v1-capture.ts'
import type { Reader } from './capture-model.ts'

export interface CaptureView {
  readonly overview: CaptureOverview
  readonly readers: readonly Reader[]
  /** Destinations and channels may be made and changed. */
  readonly mayEdit: boolean
  addDestination(): void
  changeDestination(name: string): void
  /** Undefined: to be chosen. */
  addChannel(destination?: string): void
}
