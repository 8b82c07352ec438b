/**
 * The runs of all jobs on one day as bars, with buttons to the days around it. Shown above the list of
 * runs in Monitoring.
 * Invariant: a day is that of the shown zone, also where it has 23 or 25 hours.
 * Spec: ui 5.7 (Runs).
 */
import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { DayGantt } from '../jobs/run-gantt.tsx'
import { toLocal } from '../parts/format.ts'
import { Empty, Panel } from '../parts/panel.tsx'
import { shownZone } from '../parts/zone.ts'
import { dayRunsQuery } from './monitoring-queries.ts'

const DAY_CHARS = 10

/** The first moment of a day, so many days before today. */
function startOf(daysBack: number): number {
  const day = new Date()
  if (shownZone() === 'utc')
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() - daysBack)
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() - daysBack).getTime()
}

export function RunsDay() {
  const [daysBack, setDaysBack] = useState(0)
  const [fromMs, toMs] = [startOf(daysBack), startOf(daysBack - 1)]
  const query = useQuery(dayRunsQuery(fromMs, toMs))
  const day = toLocal(new Date(fromMs).toISOString()).slice(0, DAY_CHARS)
  return (
    <section aria-label={`Runs of ${day}`} className="sc-runs-day">
      <Group justify="space-between" mb="md">
        <h2 className="sc-card-title" data-testid="runs-day">
          {daysBack === 0 ? `Today, ${day}` : day}
        </h2>
        <Group gap="sm">
          <Button onClick={() => setDaysBack(daysBack + 1)} data-testid="runs-day-before">
            Day before
          </Button>
          <Button
            disabled={daysBack === 0}
            onClick={() => setDaysBack(daysBack - 1)}
            data-testid="runs-day-after"
          >
            Day after
          </Button>
        </Group>
      </Group>
      <Panel query={query} what="the runs of the day">
        {runs =>
          runs.length === 0 ? (
            <div className="sc-card">
              <Empty text="No job ran on this day." />
            </div>
          ) : (
            <DayGantt {...{ runs, fromMs, toMs }} />
          )
        }
      </Panel>
    </section>
  )
}
