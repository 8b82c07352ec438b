/**
 * The look of the components, made of the tokens in tokens.css. Used once, by main.tsx.
 * Invariant: no colour stands here; a component reads the variable of its role.
 * Spec: ui 3.
 */
import {
  ActionIcon,
  Alert,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  SegmentedControl,
  Tooltip,
} from '@mantine/core'

const shades = (name: string): MantineColorsTuple => {
  const one = `var(--${name})`
  return [one, one, one, one, one, one, one, one, one, one]
}

/** The neutral scales of the library, by the roles that it gives to their steps. */
const GRAY = tuple('bg sunken sunken line line-strong text-3 text-3 text-2 text text')
const DARK = tuple('text text-2 text-3 text-3 line-strong sunken surface bg sunken bg')

function tuple(names: string): MantineColorsTuple {
  return names.split(' ').map(name => `var(--${name})`) as unknown as MantineColorsTuple
}

/** What explains a field stands below it, so that fields side by side are level. */
const FIELD: ('label' | 'input' | 'description' | 'error')[] = [
  'label',
  'input',
  'description',
  'error',
]
const FAST = { duration: 120, timingFunction: 'ease-out' }

export const theme = createTheme({
  primaryColor: 'accent',
  colors: {
    accent: shades('accent'),
    error: shades('error'),
    gray: GRAY,
    dark: DARK,
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '8px', xl: '8px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  defaultRadius: 'sm',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm', variant: 'default' } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', size: 32 } }),
    Alert: Alert.extend({ defaultProps: { variant: 'light' } }),
    Modal: Modal.extend({ defaultProps: { size: 480, centered: true, transitionProps: FAST } }),
    InputWrapper: Input.Wrapper.extend({ defaultProps: { inputWrapperOrder: FIELD } }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', transitionProps: FAST } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, transitionProps: FAST } }),
  },
})

const roles = {
  '--mantine-color-body': 'var(--bg)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--text-3)',
  '--mantine-color-placeholder': 'var(--text-3)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--error)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--accent-soft)',
  '--mantine-color-accent-light-color': 'var(--accent)',
  '--mantine-color-accent-outline': 'var(--accent)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-error-filled': 'var(--error)',
  '--mantine-color-error-filled-hover': 'var(--error)',
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: roles,
  light: roles,
  dark: roles,
})
