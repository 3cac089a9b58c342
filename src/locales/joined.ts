import { text } from './text';

/** Sentences in a row, those that are '' left out: where a language ends them with a wide sign, no blank follows it. */
export function sentencesInRow(...parts: readonly string[]): string {
  return parts
    .filter((part) => part !== '')
    .reduce((said, next) => (said === '' || /[。！？；：]$/.test(said) ? `${said}${next}` : `${said} ${next}`), '');
}

/** Words in a list, with the comma of the language. */
export function listed(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(text('common.comma'));
}
