/**
 * System, light or dark: the button in the header and the key t.
 * Invariant: the choice is kept where the page reads it before its first paint.
 * Spec: ui 4.10.
 */
import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react'

const NEXT: Readonly<Record<MantineColorScheme, MantineColorScheme>> = {
  auto: 'light',
  light: 'dark',
  dark: 'auto',
}
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon }
const WORDS = { auto: 'System', light: 'Light', dark: 'Dark' }

export function useThemeToggle(): () => void {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return () => setColorScheme(NEXT[colorScheme])
}

export function ThemeToggle() {
  const { colorScheme } = useMantineColorScheme()
  const toggle = useThemeToggle()
  const Icon = ICONS[colorScheme]
  const label = `Theme: ${WORDS[colorScheme]}`
  return (
    <Tooltip label={`${label}  t`}>
      <ActionIcon
        aria-label={label}
        onClick={toggle}
        data-testid="theme-toggle"
        data-state={colorScheme}
      >
        <Icon size={20} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  )
}
