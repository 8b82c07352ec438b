/**
 * The phases of a migration, in words: what is done in each, and how one goes back.
 * Shown by the command and the API; the checks that end a phase are in checks.ts.
 * Spec: live-migration 5.
 */
export interface Phase {
  readonly title: string
  readonly action: string
  readonly back: string
}

export const PHASES: readonly Phase[] = [
  {
    title: 'Plan',
    action: 'Look at both clusters and at every table; make the tables on the target.',
    back: 'Nothing was changed.',
  },
  {
    title: 'Proxy',
    action: 'Start proxies, point every client at them by a rolling restart.',
    back: 'Point the clients back to the source; the data of the target is scrap.',
  },
  {
    title: 'Copy and validate',
    action: 'Run migrate, then validate, repair and validate again until nothing differs.',
    back: 'Stop the copy, truncate the tables of the target, stay behind the proxies.',
  },
  {
    title: 'Rehearse reads',
    action: 'Set the read mode of the proxies to dual-async for a whole business cycle, then back.',
    back: 'Set the read mode to primary.',
  },
  {
    title: 'Switch reads',
    action:
      'Set the primary of each proxy to target, one after the other; writes still go to both.',
    back: 'Set the primary of each proxy to source.',
  },
  {
    title: 'Cut over',
    action: 'Point the clients at the target, drain the proxies and stop them.',
    back: 'None: from the first direct write on the source is stale.',
  },
  { title: 'Done', action: 'Nothing.', back: 'A new migration in the other direction.' },
]

export const PHASE_DONE = PHASES.length - 1
