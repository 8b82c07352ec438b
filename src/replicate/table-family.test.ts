/** Where tasks that read together go on. */
import { expect, it } from 'vitest'
import { commonCursor } from './table-family.ts'

const NONE = { isAnew: false, isFull: false, isConsent: false }
const one = { watermarkMs: 5, projects: [1, 2] }

it.each([
  ['alike', [one, { ...one }], {}, { watermarkMs: 5, projects: [1, 2] }],
  ['not alike', [one, { watermarkMs: 6, projects: [2, 3] }], {}, { projects: [1, 2, 3] }],
  ['one of them new', [one, undefined], {}, { projects: [1, 2] }],
  ['both new', [undefined, undefined], {}, {}],
  [
    'in the middle of a load',
    [{ loadDay: '2026-01-01', projects: [1] }],
    { isAnew: true, isFull: true },
    { projects: [1] },
  ],
  ['with consent, by changes', [one], { isConsent: true }, { watermarkMs: 5, projects: [1, 2] }],
  ['with consent, whole', [one], { isConsent: true, isFull: true }, { watermarkMs: 5 }],
  ['with consent, a table that is always whole', [{ projects: [1] }], { isConsent: true }, {}],
])('%s', (_, starts, of, cursor) => {
  expect(commonCursor(starts, { ...NONE, ...of })).toEqual(cursor)
})
