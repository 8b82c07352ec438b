/**
 * Java locale names (`language[_COUNTRY[_variant]]`) as the BCP 47 tags of the runtime.
 * Used by the codec settings, the date formatter and the locale number parser.
 * Invariant: a returned tag is accepted by every Intl constructor.
 */
const JAVA_LOCALE = /^([A-Za-z]{2,8})(?:[_-]([A-Za-z]{2}|\d{3})?(?:[_-]([A-Za-z0-9_-]+))?)?$/

/** The BCP 47 tag; undefined when the text is not a locale name. A variant does not matter. */
export function toLanguageTag(javaName: string): string | undefined {
  const match = JAVA_LOCALE.exec(javaName.trim())
  if (match === null) return undefined
  const [, language = '', country] = match
  const tag = country
    ? `${language.toLowerCase()}-${country.toUpperCase()}`
    : language.toLowerCase()
  try {
    return Intl.getCanonicalLocales(tag)[0]
  } catch {
    // Not well formed for the runtime.
    return undefined
  }
}
