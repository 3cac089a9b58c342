import { Script, createContext } from 'node:vm';

const MOST_MS = 50;
const place = createContext({ source: '', value: '' });
const script = new Script('new RegExp(`^(?:${source})$`, "u").test(value)');

/**
 * Whether a whole text matches a regular expression of a manifest. Patterns come from administrators and texts from anybody: one that
 * backtracks without end counts as no match after 50 ms, instead of stopping the process for everyone.
 */
export function matchesWhole(source: string, value: string): boolean {
  place['source'] = source;
  place['value'] = value;
  try {
    return script.runInContext(place, { timeout: MOST_MS }) === true;
  } catch {
    return false;
  }
}

/** Why a text is no regular expression, or undefined when it is one. */
export function patternFault(source: string): string | undefined {
  try {
    // Compiled as it will be used, so that what passes here cannot fail there.
    void new RegExp(`^(?:${source})$`, 'u');
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: /, '');
  }
}
