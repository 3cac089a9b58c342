import { sentencesInRow } from '../locales/joined';
import { text, type TextKey, type TextValues } from '../locales/text';

/** A sentence that is stored by its key and values, so that everybody reads it in their language. */
export interface KeptSentence {
  key: TextKey;
  values?: TextValues;
}

const SHORT = 100;

/** As they are stored. Of long ones the values are cut off rather than the JSON. @param most UTF-16 units. */
export function keepSentences(sentences: readonly KeptSentence[], most: number): string {
  const whole = JSON.stringify(sentences);
  if (whole.length <= most) return whole;
  const cut = JSON.stringify(sentences.map(({ key, values = {} }) => ({ key, values: withShortValues(values) })));
  return cut.length <= most ? cut : JSON.stringify(sentences.slice(0, 1).map(({ key }) => ({ key })));
}

/** In the language of the moment. Earlier versions stored a single one by itself, or words as they were to be read. */
export function keptInWords(kept: string): string {
  if (!/^\[?{/.test(kept)) return kept;
  try {
    const sentences = [JSON.parse(kept) as KeptSentence | KeptSentence[]].flat();
    return sentencesInRow(...sentences.map(({ key, values }) => text(key, values)));
  } catch {
    return kept;
  }
}

function withShortValues(values: TextValues): TextValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? value : value.slice(0, SHORT)]),
  );
}
