import { text } from '../../../locales/text';
import type { RowsFile } from './argument-file';
import { characterInWords, controlIn, refusal, textOf, type Piece, type PieceFault } from './pieces';
import type { Current, Scope } from './scope';

type NamedFile = RowsFile & { path: string };

/** More rows than any table has, and less than would fill a memory. */
export const MOST_ROWS = 100_000;

/**
 * The content of a file of rows. With `quote: never` what a reader would split, trim or pass over is a fault; else such cells stand in
 * double quotes as RFC 4180 has it.
 */
export function renderRows(file: NamedFile, scope: Scope) {
  const faults: PieceFault[] = [];
  const lines = headerOf(file);
  let row = 0;
  for (const currents of combined(file.rows, scope)) {
    row += 1;
    if (row > MOST_ROWS) {
      faults.push({ name: file.rows.at(-1) ?? '', sentence: text('rendering.tooManyRows', { file: file.path, most: MOST_ROWS }) });
      break;
    }
    const here = scope.at(currents, row);
    // A path of which a part is missing would name another file.
    const cells = file.columns.map(({ template }) => here.assemble(template, file.path, (fault) => faults.push(fault)) ?? []);
    lines.push(new RowGrammar(file, row).spell(cells, faults));
  }
  return { content: lines.map((line) => `${line}\n`).join(''), faults };
}

function headerOf(file: NamedFile): string[] {
  if (file.header === 'none') return [];
  const names = file.columns.map(({ header }, index) => {
    const isComment = file.header === 'comment' || (index === 0 && file.comment !== '' && header.startsWith(file.comment));
    return needsQuotes(header, file, isComment && file.header !== 'comment') ? inQuotes(header) : header;
  });
  return [(file.header === 'comment' ? file.comment : '') + names.join(file.delimiter)];
}

/** Each item of the first parameter with each of the others. */
function* combined(names: readonly string[], scope: Scope): Generator<Current[]> {
  const [parameter, ...others] = names;
  if (parameter === undefined) return yield [];
  for (const value of scope.itemsOf(parameter)) {
    for (const rest of combined(others, scope)) yield [{ parameter, value }, ...rest];
  }
}

/** How the cells of one row are written, and what they cannot hold. */
class RowGrammar {
  constructor(
    private readonly file: NamedFile,
    private readonly row: number,
  ) {}

  spell(cells: readonly Piece[][], faults: PieceFault[]): string {
    const words = cells.map((pieces, index) => this.cell(pieces, index === 0, faults));
    // Readers pass over empty lines.
    const isBlank = words.length === 1 && words[0] === '';
    if (!isBlank) return words.join(this.file.delimiter);
    if (this.file.quote !== 'never') return '""';
    const sentence = text('rendering.inRow', { row: this.row, sentence: text('rendering.emptyRow', { file: this.file.path }) });
    faults.push({ name: this.file.rows[0] ?? '', sentence });
    return '';
  }

  private cell(pieces: readonly Piece[], isFirst: boolean, faults: PieceFault[]): string {
    const { quote, comment, path } = this.file;
    const whole = textOf(pieces);
    const startsComment = isFirst && comment !== '' && whole.startsWith(comment);
    const value = pieces.find((piece) => piece.of !== null);
    if (quote !== 'never') {
      const unfit = pieces.find((piece) => piece.of && piece.text.includes('\0'));
      if (unfit?.of) faults.push(refusal(unfit, this.rowed(unfit), path, null));
      return quote === 'always' || needsQuotes(whole, this.file, startsComment) ? inQuotes(whole) : whole;
    }
    for (const piece of pieces) {
      const found = piece.of && this.unfit(piece.text);
      if (piece.of && found) faults.push(refusal(piece, this.rowed(piece), path, found.inWords));
    }
    if (value?.of && whole !== whole.trim()) faults.push(refusal(value, this.rowed(value), path, text('rendering.blankAtEnd')));
    if (value?.of && startsComment) faults.push(refusal(value, this.rowed(value), path, text('rendering.commentAtStart', { comment })));
    return whole;
  }

  /** Also a parameter that is no part of the row is told with the row. */
  private rowed({ of }: Piece) {
    return { ...of!, row: of!.row ?? this.row };
  }

  private unfit(value: string): { inWords: string | null } | null {
    if (value.includes(this.file.delimiter)) return { inWords: characterInWords(this.file.delimiter) };
    if (controlIn(value)) return { inWords: null };
    return value.includes('"') ? { inWords: characterInWords('"') } : null;
  }
}

function needsQuotes(cell: string, { delimiter, quote }: RowsFile, startsComment: boolean): boolean {
  if (quote === 'never') return false;
  return quote === 'always' || startsComment || cell.includes(delimiter) || /["\r\n]/.test(cell) || cell !== cell.trim();
}

function inQuotes(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}
