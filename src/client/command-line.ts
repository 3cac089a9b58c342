import { misuse } from './failures';

/** What was typed behind the name of a command. */
export interface Typed {
  words: string[];
  /** Options with the values that were typed behind them; '' for those that take none. */
  options: ReadonlyMap<string, readonly string[]>;
}

/** Options that every command knows. */
const COMMON = { '--json': false, '--quiet': false, '--site': true } as const;

/**
 * @param words as typed behind the name of the command. @param known its options; true for those that take a value.
 * @throws ClientError for anything else that begins with a dash. Behind `--` all are words.
 */
export function readWords(words: readonly string[], known: Readonly<Record<string, boolean>>): Typed {
  const all: Record<string, boolean> = { ...COMMON, ...known };
  const typed: { words: string[]; options: Map<string, string[]> } = { words: [], options: new Map() };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '--') return { ...typed, words: [...typed.words, ...words.slice(index + 1)] };
    if (!word.startsWith('-') || word === '-') {
      typed.words.push(word);
      continue;
    }
    const [name = '', ...value] = word.split('=');
    if (!Object.hasOwn(all, name)) throw misuse(`There is no option ${name} here.`);
    if (!all[name] && value.length > 0) throw misuse(`${name} takes no value.`);
    const given = all[name] ? (value.length > 0 ? value.join('=') : words[(index += 1)]) : '';
    if (given === undefined) throw misuse(`${name} needs a value.`);
    typed.options.set(name, [...(typed.options.get(name) ?? []), given]);
  }
  return typed;
}

export function optionOf({ options }: Typed, name: string): string | undefined {
  return options.get(name)?.at(-1);
}
