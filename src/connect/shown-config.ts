/**
 * A connector's configuration as the REST API may show it, and the way back: secrets read
 * `[hidden]`, and `[hidden]` in an update means "as before".
 * Called by the worker wherever a configuration leaves it. References to config providers are
 * shown as they are, because they hold no secret. Without a known class, any connector's secrets count.
 * Spec: connect-rest 16 (ours: masked).
 */
import { connectorClasses, findConnectorClass } from '../catalog.ts'
import { HIDDEN, type Redactor, redactorOf } from '../config/index.ts'
import { sinkFrameworkConfig } from './framework-config.ts'
import { sourceFrameworkConfig } from './source-framework-config.ts'

type Config = Readonly<Record<string, string>>

/** By class name; the empty name stands for a class that is not known. */
const redactors = new Map<string, Redactor>()

export function toShownConfig(config: Config): Record<string, string> {
  const own = findConnectorClass(config['connector.class']?.trim() ?? '')
  const name = own?.className ?? ''
  let redactor = redactors.get(name)
  if (redactor === undefined) {
    const classes = own === undefined ? connectorClasses : [own]
    const configs = classes.map(one => one.config)
    redactor = redactorOf([sinkFrameworkConfig, sourceFrameworkConfig, ...configs])
    redactors.set(name, redactor)
  }
  return redactor(config)
}

/** Puts the stored values where an update sends back what it was shown. */
export function fromShownConfig(shown: Config, stored: Config): Record<string, string> {
  const out = Object.entries(shown).map(([key, value]) => {
    const known = value === HIDDEN ? stored[key] : undefined
    return [key, known ?? value] as const
  })
  return Object.fromEntries(out)
}
