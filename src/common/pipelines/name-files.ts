import { parse } from 'csv-parse/sync';

/** Names to pick from, out of the content of files. */

const DELIMITERS = [',', '\t', ';', '|'];

/** One name a line, each once. */
export function namesIn(content: string): ReadonlySet<string> {
  const lines = withoutMark(content).split(/\r?\n/);
  return new Set(lines.map((line) => line.trim()).filter((line) => line !== ''));
}

/** The names of columns in the first line of a delimited file, each once. */
export function columnsIn(content: string): string[] {
  const [line = ''] = withoutMark(content).split(/\r?\n/, 1);
  const [delimiter = ','] = [...DELIMITERS].sort((one, other) => line.split(other).length - line.split(one).length);
  const names = cellsIn(line, delimiter).map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

/** A quote that is never closed was meant as a character. */
function cellsIn(line: string, delimiter: string): string[] {
  try {
    const [record = []] = parse(line, { delimiter, relax_quotes: true });
    return record;
  } catch {
    return line.split(delimiter);
  }
}

/** Some programs begin their files with a mark of their encoding. */
function withoutMark(content: string): string {
  return content.replace(/^\u{feff}/u, '');
}
