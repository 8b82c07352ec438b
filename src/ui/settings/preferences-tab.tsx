/**
 * What a person chooses for this browser: theme, zone of times, single keys, motion; and the own second factor.
 * Invariant: nothing of the choices for the browser is sent to the server.
 * Spec: ui 4.7, 4.10, 5.7.
 */
import {
  type MantineColorScheme,
  SegmentedControl,
  Stack,
  Switch,
  useMantineColorScheme,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { usePreferences } from '../parts/preferences.ts'
import { sessionQuery } from '../parts/session.ts'
import { changeZone, shownZone, type Zone } from '../parts/zone.ts'
import { SecondFactor } from './second-factor.tsx'

const THEMES = [
  ['auto', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const

const ZONES = [
  ['local', 'Local'],
  ['utc', 'UTC'],
] as const

export function PreferencesTab() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [preferences, setPreferences] = usePreferences()
  const hasAccount = useQuery(sessionQuery).data?.managesUsers === true
  return (
    <Stack gap="lg">
      {hasAccount && <SecondFactor />}
      <section className="sc-card sc-card-body sc-form" aria-label="Preferences of this browser">
        <Stack gap="xl">
          <div>
            <p className="sc-label">Theme</p>
            <SegmentedControl
              aria-label="Theme"
              value={colorScheme}
              onChange={next => setColorScheme(next as MantineColorScheme)}
              data={THEMES.map(([value, label]) => ({
                value,
                label: (
                  <span data-testid="option" data-value={value}>
                    {label}
                  </span>
                ),
              }))}
              data-testid="field-theme"
            />
          </div>
          <div>
            <p className="sc-label">Times</p>
            <SegmentedControl
              aria-label="Times"
              value={shownZone()}
              onChange={next => changeZone(next as Zone)}
              data={ZONES.map(([value, label]) => ({
                value,
                label: (
                  <span data-testid="option" data-value={value}>
                    {label}
                  </span>
                ),
              }))}
              data-testid="field-times"
            />
          </div>
          <Switch
            label="Single keys"
            description="Keys such as g h, / and ? act wherever nothing is typed. ? shows them all."
            checked={preferences.keys}
            onChange={event =>
              setPreferences({ ...preferences, keys: event.currentTarget.checked })
            }
            data-testid="field-keys"
          />
          <Switch
            label="Reduce motion"
            description="Nothing moves on the page, whatever the system says."
            checked={preferences.reduceMotion}
            onChange={event =>
              setPreferences({ ...preferences, reduceMotion: event.currentTarget.checked })
            }
            data-testid="field-reduce-motion"
          />
          <p className="sc-quiet">These are kept in this browser only.</p>
        </Stack>
      </section>
    </Stack>
  )
}
