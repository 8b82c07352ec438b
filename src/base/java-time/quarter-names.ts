/**
 * Names of quarters by language, short and full: the runtime's locale data has no door to them.
 * Read by LocaleText only. The empty language holds for all that are not listed.
 * The names follow the Unicode locale data.
 */
type Names = readonly [string, string, string, string]

const numbered = (before: string, after = ''): Names => [
  `${before}1${after}`,
  `${before}2${after}`,
  `${before}3${after}`,
  `${before}4${after}`,
]
const roman = (before: string, after: string): Names => [
  `${before}I${after}`,
  `${before}II${after}`,
  `${before}III${after}`,
  `${before}IV${after}`,
]

export const QUARTER_NAMES: Readonly<Record<string, readonly [short: Names, full: Names]>> = {
  '': [numbered('Q'), numbered('Q')],
  en: [numbered('Q'), ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter']],
  de: [numbered('Q'), numbered('', '. Quartal')],
  fr: [numbered('T'), ['1er trimestre', '2e trimestre', '3e trimestre', '4e trimestre']],
  es: [numbered('T'), ['1.er trimestre', '2.º trimestre', '3.er trimestre', '4.º trimestre']],
  it: [numbered('T'), numbered('', 'º trimestre')],
  pt: [numbered('T'), numbered('', 'º trimestre')],
  nl: [numbered('K'), numbered('', 'e kwartaal')],
  sv: [numbered('K'), ['1:a kvartalet', '2:a kvartalet', '3:e kvartalet', '4:e kvartalet']],
  da: [numbered('', '. kvt.'), numbered('', '. kvartal')],
  nb: [numbered('K'), numbered('', '. kvartal')],
  fi: [numbered('', '. nelj.'), numbered('', '. neljännes')],
  pl: [roman('', ' kw.'), roman('', ' kwartał')],
  cs: [numbered('Q'), numbered('', '. čtvrtletí')],
  hu: [roman('', '. n.év'), roman('', '. negyedév')],
  ru: [numbered('', '-й кв.'), numbered('', '-й квартал')],
  uk: [numbered('', '-й кв.'), numbered('', '-й квартал')],
  tr: [numbered('Ç'), numbered('', '. çeyrek')],
  el: [numbered('Τ'), numbered('', 'ο τρίμηνο')],
  ja: [numbered('Q'), numbered('第', '四半期')],
  zh: [numbered('', '季度'), ['第一季度', '第二季度', '第三季度', '第四季度']],
  ko: [numbered('', '분기'), numbered('제 ', '/4분기')],
}
