/** How sentences are filled in, for the server and for the browser. Pure. */

/** `{name}`, or `{name, one|many}` with as many forms as the language has. */
const PLACEHOLDER = /\{(\w+)(?:,\s*([^{}|]*\|[^{}]*))?\}/g;
/** The order in which a sentence gives its forms; a language has some of them. */
const CATEGORIES: readonly Intl.LDMLPluralRule[] = ['zero', 'one', 'two', 'few', 'many', 'other'];

interface Plural {
  rules: Intl.PluralRules;
  order: readonly Intl.LDMLPluralRule[];
}

const plurals = new Map<string, Plural>();

/** What Intl is asked for: English is written the British way, day before month. @param tag of the language, such as "en" or "pt-BR". */
export function localeOf(tag: string): string {
  return tag === 'en' || tag === '' ? 'en-GB' : tag;
}

/**
 * A sentence with its values. A value that is not given leaves its place as it stands.
 * @param locale of the language that the sentence is written in: its rules choose among the forms.
 * @param write how values are written where no form is chosen by them.
 */
export function fillIn(
  sentence: string,
  values: Readonly<Record<string, string | number>>,
  locale: string,
  write: (value: string | number) => string = String,
): string {
  return sentence.replace(PLACEHOLDER, (whole, name: string, forms?: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return forms === undefined ? write(value) : formFor(Number(value), forms.split('|'), locale);
  });
}

/** With fewer forms than the language has, the last one serves for the rest. */
function formFor(count: number, forms: readonly string[], locale: string): string {
  const { rules, order } = pluralOf(locale);
  return forms[Math.min(order.indexOf(rules.select(count)), forms.length - 1)] ?? '';
}

function pluralOf(locale: string): Plural {
  const known = plurals.get(locale);
  if (known) return known;
  const rules = new Intl.PluralRules(locale);
  const has = new Set(rules.resolvedOptions().pluralCategories);
  const plural = { rules, order: CATEGORIES.filter((category) => has.has(category)) };
  plurals.set(locale, plural);
  return plural;
}
