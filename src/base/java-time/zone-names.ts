/**
 * Zone abbreviations and long names as text, as the pattern letter `z` and CQL_TIMESTAMP read them.
 * An abbreviation stands for a region, not an offset: `EST` in July is New York's summer time.
 * Ambiguous ones take the region that most people mean (BST London, IST Kolkata, CST Chicago).
 * Used by the zone parsers; long names are built once per locale, on first use.
 */
const REGIONS: readonly (readonly [region: string, abbreviations: string])[] = [
  ['UTC', 'UTC'],
  ['Europe/London', 'BST'],
  ['Europe/Paris', 'CET CEST MET MEST'],
  ['Europe/Bucharest', 'EET EEST'],
  ['Atlantic/Canary', 'WET WEST'],
  ['Europe/Moscow', 'MSK MSD'],
  ['Europe/Samara', 'SAMT'],
  ['Europe/Istanbul', 'TRT'],
  ['Atlantic/Azores', 'AZOT AZOST'],
  ['America/New_York', 'EST EDT ET'],
  ['America/Chicago', 'CST CDT CT'],
  ['America/Denver', 'MST MDT MT'],
  ['America/Los_Angeles', 'PST PDT PT'],
  ['America/Juneau', 'AKST AKDT'],
  ['Pacific/Honolulu', 'HST HDT HAST'],
  ['America/Halifax', 'AST ADT'],
  ['America/St_Johns', 'NST NDT'],
  ['America/Sao_Paulo', 'BRT BRST'],
  ['America/Argentina/Buenos_Aires', 'ART ARST'],
  ['America/Bogota', 'COT'],
  ['America/Lima', 'PET'],
  ['America/Caracas', 'VET'],
  ['America/La_Paz', 'BOT'],
  ['America/Asuncion', 'PYT PYST'],
  ['America/Montevideo', 'UYT UYST'],
  ['Africa/Johannesburg', 'SAST'],
  ['Africa/Lagos', 'WAT WAST'],
  ['Africa/Maputo', 'CAT'],
  ['Africa/Nairobi', 'EAT'],
  ['Asia/Dubai', 'SCT RET'],
  ['Asia/Kolkata', 'IST'],
  ['Asia/Jerusalem', 'IDT'],
  ['Asia/Karachi', 'PKT'],
  ['Asia/Tehran', 'IRST IRDT'],
  ['Asia/Tashkent', 'UZT'],
  ['Asia/Dhaka', 'BDT'],
  ['Asia/Kathmandu', 'NPT'],
  ['Asia/Bangkok', 'ICT'],
  ['Asia/Jakarta', 'WIB'],
  ['Asia/Makassar', 'WITA'],
  ['Asia/Jayapura', 'WIT'],
  ['Asia/Singapore', 'SGT'],
  ['Asia/Hong_Kong', 'HKT HKST'],
  ['Asia/Manila', 'PHT'],
  ['Asia/Seoul', 'KST KDT'],
  ['Asia/Tokyo', 'JST JDT'],
  ['Asia/Novosibirsk', 'NOVT'],
  ['Asia/Yekaterinburg', 'YEKT'],
  ['Asia/Vladivostok', 'VLAT'],
  ['Australia/Perth', 'AWST AWDT'],
  ['Australia/Darwin', 'ACST'],
  ['Australia/Adelaide', 'ACDT'],
  ['Australia/Sydney', 'AEST AEDT'],
  ['Pacific/Auckland', 'NZST NZDT'],
  ['Pacific/Fiji', 'FJT'],
  ['Pacific/Guam', 'ChST'],
  ['Pacific/Pago_Pago', 'SST'],
]

const byAbbreviation: ReadonlyMap<string, string> = new Map(
  REGIONS.flatMap(([region, names]) =>
    names.split(' ').map(name => [name.toUpperCase(), region] as const),
  ),
)

/** The region of an abbreviation, in any letter case. */
export function regionOfAbbreviation(text: string): string | undefined {
  return byAbbreviation.get(text.toUpperCase())
}

const longNames = new Map<string, readonly (readonly [name: string, region: string])[]>()
const WINTER_MS = Date.UTC(2020, 0, 15)
const SUMMER_MS = Date.UTC(2020, 6, 15)

/** Long names such as `Central European Standard Time`, lower case, longest first. */
export function longZoneNames(tag: string): readonly (readonly [name: string, region: string])[] {
  const known = longNames.get(tag)
  if (known !== undefined) return known
  const names = new Map<string, string>()
  for (const [region] of REGIONS) {
    for (const timeZoneName of ['long', 'longGeneric'] as const) {
      const format = new Intl.DateTimeFormat(tag, { timeZone: region, timeZoneName })
      for (const ms of [WINTER_MS, SUMMER_MS]) {
        const name = format.formatToParts(ms).find(part => part.type === 'timeZoneName')?.value
        if (name !== undefined && !names.has(name.toLowerCase())) {
          names.set(name.toLowerCase(), region)
        }
      }
    }
  }
  const list = [...names].sort((a, b) => b[0].length - a[0].length)
  longNames.set(tag, list)
  return list
}
