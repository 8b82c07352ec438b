/**
 * The predefined formats of Java's DateTimeFormatter by name (`ISO_INSTANT`, `BASIC_ISO_DATE`, …).
 * Looked up before a text is taken for a pattern.
 * Invariant: every name of ISO and RFC formats that Java declares is here; FormatStyle formats are
 * not, because they have no name.
 */
import { monthLength } from './civil.ts'
import { FormatBuilder } from './format-builder.ts'
import { NumberElement, OptionalFractionElement } from './number-elements.ts'
import { OffsetElement } from './offset-elements.ts'
import { DATE_TIME_FAILURE, type Element, FAILED, ParseContext } from './parse-context.ts'
import { resolveFields } from './resolve.ts'
import { LiteralElement, ModeElement, NameElement, SequenceElement } from './text-elements.ts'
import { WeekFields } from './week-fields.ts'
import { ZoneElement } from './zone-elements.ts'

const literal = (text: string): Element => new LiteralElement(text)
const sequence = (...elements: Element[]): Element => new SequenceElement(elements, false)
const optional = (...elements: Element[]): Element => new SequenceElement(elements, true)

const IGNORE_CASE = new ModeElement('caseInsensitive')
const MATCH_CASE = new ModeElement('caseSensitive')
const LENIENT = new ModeElement('lenient')
const STRICT = new ModeElement('strict')
const OFFSET_ID = new OffsetElement('+HH:MM:ss', 'Z')
const YEAR = new NumberElement({
  field: 'year',
  widthMin: 4,
  widthMax: 10,
  signStyle: 'exceedsPad',
})

const LOCAL_DATE = sequence(
  YEAR,
  new FormatBuilder().append(literal('-')).number('month', 2).build(),
  new FormatBuilder().append(literal('-')).number('day', 2).build(),
)

const SECOND = new FormatBuilder().append(literal(':')).number('second', 2)
const LOCAL_TIME = sequence(
  new FormatBuilder().number('hour', 2).append(literal(':')).number('minute', 2).build(),
  optional(SECOND.append(new OptionalFractionElement()).build()),
)
const LOCAL_DATE_TIME = sequence(IGNORE_CASE, LOCAL_DATE, literal('T'), LOCAL_TIME)
const OFFSET_DATE_TIME = sequence(LOCAL_DATE_TIME, LENIENT, OFFSET_ID, STRICT)
const REGION = optional(literal('['), MATCH_CASE, new ZoneElement(undefined), literal(']'))

/** An ISO date-time with an offset, resolved at once to the instant. */
class InstantElement implements Element {
  parse(context: ParseContext, position: number): number {
    const own = new ParseContext(context.text)
    own.ignoresCase = true
    const next = OFFSET_DATE_TIME.parse(own, position)
    if (next === FAILED || !own.fields.has('second')) return FAILED
    checkDayOfMonth(own)
    const isLeapSecond = own.fields.get('second') === 60 && own.fields.get('hour') === 23
    if (isLeapSecond && own.fields.get('minute') === 59) own.fields.set('second', 59)
    const parsed = resolveFields(own, new WeekFields(1, 4))
    if (parsed.instantSecond === undefined) throw DATE_TIME_FAILURE
    const at = context.setField('instantSecond', parsed.instantSecond, next)
    return at === FAILED ? FAILED : context.setField('nano', parsed.instantNano, at)
  }
}

/** An instant has no clamped days. */
function checkDayOfMonth({ fields }: ParseContext): void {
  const length = monthLength(fields.get('year') ?? 0, fields.get('month') ?? 0)
  if ((fields.get('day') ?? 0) > length) throw DATE_TIME_FAILURE
}

function ordinalDate(): Element {
  return sequence(YEAR, new FormatBuilder().append(literal('-')).number('dayOfYear', 3).build())
}

function weekDate(): Element {
  return sequence(
    new NumberElement({ field: 'isoWeekYear', widthMin: 4, widthMax: 10, signStyle: 'exceedsPad' }),
    new FormatBuilder().append(literal('-W')).number('isoWeek', 2).build(),
    new FormatBuilder().append(literal('-')).number('dayOfWeek', 1).build(),
  )
}

function basicDate(): Element {
  const date = new FormatBuilder().number('year', 4).number('month', 2).number('day', 2)
  const offset = optional(LENIENT, new OffsetElement('+HHMMss', 'Z'), STRICT)
  return sequence(IGNORE_CASE, date.build(), offset)
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const named = (names: readonly string[]) => names.map((name, i) => [name, i + 1] as const)

function rfc1123(): Element {
  const day = new NumberElement({
    field: 'day',
    widthMin: 1,
    widthMax: 2,
    signStyle: 'notNegative',
  })
  const clock = new FormatBuilder()
    .append(literal(' '))
    .number('year', 4)
    .append(literal(' '))
    .number('hour', 2)
    .append(literal(':'))
    .number('minute', 2)
  return sequence(
    IGNORE_CASE,
    LENIENT,
    optional(new NameElement('dayOfWeek', named(DAYS)), literal(', ')),
    day,
    literal(' '),
    new NameElement('month', named(MONTHS)),
    clock.build(),
    optional(new FormatBuilder().append(literal(':')).number('second', 2).build()),
    literal(' '),
    new OffsetElement('+HHMM', 'GMT'),
  )
}

/** Formats whose name alone is the setting. */
export const PREDEFINED_FORMATS: ReadonlyMap<string, Element> = new Map([
  ['ISO_LOCAL_DATE', LOCAL_DATE],
  ['ISO_OFFSET_DATE', sequence(IGNORE_CASE, LOCAL_DATE, OFFSET_ID)],
  ['ISO_DATE', sequence(IGNORE_CASE, LOCAL_DATE, optional(OFFSET_ID))],
  ['ISO_LOCAL_TIME', LOCAL_TIME],
  ['ISO_OFFSET_TIME', sequence(IGNORE_CASE, LOCAL_TIME, OFFSET_ID)],
  ['ISO_TIME', sequence(IGNORE_CASE, LOCAL_TIME, optional(OFFSET_ID))],
  ['ISO_LOCAL_DATE_TIME', LOCAL_DATE_TIME],
  ['ISO_OFFSET_DATE_TIME', OFFSET_DATE_TIME],
  ['ISO_ZONED_DATE_TIME', sequence(OFFSET_DATE_TIME, REGION)],
  ['ISO_DATE_TIME', sequence(LOCAL_DATE_TIME, optional(OFFSET_ID, REGION))],
  ['ISO_ORDINAL_DATE', sequence(IGNORE_CASE, ordinalDate(), optional(OFFSET_ID))],
  ['ISO_WEEK_DATE', sequence(IGNORE_CASE, weekDate(), optional(OFFSET_ID))],
  ['ISO_INSTANT', sequence(IGNORE_CASE, new InstantElement())],
  ['BASIC_ISO_DATE', basicDate()],
  ['RFC_1123_DATE_TIME', rfc1123()],
])
