/**
 * A cron pattern of five fields in plain words: "At 02:00, Monday to Friday". Pure; used by schedules.
 * Invariant: what is said is all that the pattern says; a field of a form without words of its own is
 * shown as it was written. The pattern was checked before.
 * Spec: backlog-replication 2.10; ui 5.3.
 */
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September'],
  ...['October', 'November', 'December'],
]
const DAY_NAMES = DAYS.map(one => one.slice(0, 3).toUpperCase())
const MONTH_NAMES = MONTHS.map(one => one.slice(0, 3).toUpperCase())
const NTH = ['', 'first', 'second', 'third', 'fourth', 'fifth']

export function cronWords(pattern: string): string {
  const fields = pattern.trim().toUpperCase().split(/\s+/)
  const [minute = '*', hour = '*', day = '*', month = '*', weekday = '*'] = fields
  const days = [dayWords(day), weekdayWords(weekday)].filter(one => one !== '')
  const parts = [timeWords(minute, hour), days.join(' or '), monthWords(month)]
  const text = parts.filter(one => one !== '').join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function timeWords(minute: string, hour: string): string {
  if (isNumber(minute) && isList(hour)) return `at ${list(hour.split(',').map(clock))}`
  const at = isAll(minute)
    ? 'every minute'
    : isNumber(minute)
      ? `at minute ${Number(minute)}`
      : stepOf(minute, 'minute') || `at the minutes ${valueWords(minute, plain)}`
  if (isAll(hour)) return isNumber(minute) ? `${at} of every hour` : at
  const hours = stepOf(hour, 'hour') || `during the hours ${valueWords(hour, plain)}`
  return `${at}, ${hours}`

  function clock(one: string): string {
    return `${one.padStart(2, '0')}:${minute.padStart(2, '0')}`
  }
}

function dayWords(field: string): string {
  if (isAll(field)) return ''
  if (stepOf(field, 'day') !== '') return stepOf(field, 'day')
  const parts = field.split(',').map(one => {
    if (one === 'L') return 'the last day'
    if (one === 'LW') return 'the last weekday'
    const near = /^(\d+)W$/.exec(one)
    return near === null ? `day ${valueWords(one, plain)}` : `the weekday nearest to day ${near[1]}`
  })
  return `on ${list(parts)} of the month`
}

function weekdayWords(field: string): string {
  if (isAll(field)) return ''
  return list(field.split(',').map(partOf))

  function partOf(one: string): string {
    const nth = /^(\w+)#([1-5]|L)$/.exec(one)
    if (nth !== null)
      return `the ${nth[2] === 'L' ? 'last' : NTH[Number(nth[2])]} ${dayName(nth[1] ?? '')} of the month`
    const last = /^(\d|[A-Z]{3})L$/.exec(one)
    if (last !== null) return `the last ${dayName(last[1] ?? '')} of the month`
    return valueWords(one, dayName)
  }
}

function monthWords(field: string): string {
  return isAll(field) ? '' : stepOf(field, 'month') || `in ${valueWords(field, monthName)}`
}

/** Every n-th of all; '' for other forms. */
function stepOf(field: string, noun: string): string {
  const [, step] = /^(?:\*|0)\/(\d+)$/.exec(field) ?? []
  if (step === undefined) return ''
  return Number(step) === 1 ? `every ${noun}` : `every ${Number(step)} ${noun}s`
}

/** Values, ranges and steps of a list. */
function valueWords(field: string, name: (value: string) => string): string {
  const parts = field.split(',').map(one => {
    const [, from = '', to, step] = /^([^-/]+)(?:-([^/]+))?(?:\/(\d+))?$/.exec(one) ?? []
    if (from === '') return one
    const every = step === undefined ? '' : `, every ${nthText(Number(step))}`
    if (from === '*') return `all${every}`
    if (to === undefined) return step === undefined ? name(from) : `${name(from)} and on${every}`
    return `${name(from)} to ${name(to)}${every}`
  })
  return list(parts)
}

function nthText(step: number): string {
  const last = Math.floor(step / 10) === 1 ? 0 : step % 10
  return `${step}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`
}

function dayName(value: string): string {
  const index = DAY_NAMES.indexOf(value.slice(0, 3))
  return DAYS[index === -1 ? Number(value) % 7 : index] ?? value
}

function monthName(value: string): string {
  const index = MONTH_NAMES.indexOf(value.slice(0, 3))
  return MONTHS[index === -1 ? Number(value) - 1 : index] ?? value
}

function plain(value: string): string {
  return /^\d+$/.test(value) ? String(Number(value)) : value
}

function isAll(field: string): boolean {
  return field === '*' || field === '?' || field === '*/1'
}

function isNumber(field: string): boolean {
  return /^\d+$/.test(field)
}

function isList(field: string): boolean {
  return field.split(',').every(isNumber)
}

function list(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('')
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
