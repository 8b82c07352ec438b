/**
 * Configuration: field declarations and everything derived from them, the readers of configuration
 * files, config providers. The only door of the room; used by every component that has settings.
 * Start with `defineConfig` and the constructors of `field-types.ts`.
 */
export * from './class-alias.ts'
export * from './define-config.ts'
export * from './errors.ts'
export * from './evaluate.ts'
export * from './field.ts'
export * from './field-types.ts'
export * from './json-schema.ts'
export * from './json-source.ts'
export * from './lint.ts'
export * from './parse.ts'
export * from './properties.ts'
export * from './providers.ts'
export * from './read-config.ts'
export * from './redact.ts'
export * from './render.ts'
export * from './secret.ts'
export * from './source.ts'
export * from './suggest.ts'
export * from './validate.ts'
export * from './validator.ts'
export * from './value-text.ts'
