import { text } from '../../../locales/text';
import type { FileLine, LineQuote, LinesFile, LineWord } from './argument-file';
import { characterInWords, controlIn, refusal, textOf, type Piece, type PieceFault } from './pieces';
import type { Scope } from './scope';

/** What no shell and no reader takes for anything but a part of a word. */
const BARE = /^[\p{L}\p{M}\p{N}_@%+=:,./-]$/u;
/** What each kind of quotes cannot hold. */
const FORBIDDEN: Record<LineQuote, RegExp | null> = { none: null, single: /'/u, double: /["\\$`!]/u, shell: null };

type Words = Piece[][];

/**
 * The content of a file of lines. Nothing that was entered can begin another word or line: what the quotes of the file cannot hold is a
 * fault, told by the parameter that holds it.
 * @param isWritten says of a line whether its condition holds.
 */
export function renderLines(file: LinesFile & { path: string }, scope: Scope, isWritten: (line: FileLine) => boolean) {
  const faults: PieceFault[] = [];
  const lines = file.lines.filter(isWritten).flatMap((line) => {
    const words = line.words.flatMap((word) => wordsOf(word, line, scope, file.path, faults));
    const grammar = new LineGrammar(file, words.length > 1);
    const spelledWords = words.map((word) => grammar.spell(word, faults)).filter((word) => word !== '');
    return spelledWords.length === 0 ? [] : [spelledWords.join(' ')];
  });
  return { content: lines.map((line) => `${line}\n`).join(''), faults };
}

function wordsOf(word: LineWord, { omitEmpty }: FileLine, scope: Scope, path: string, faults: PieceFault[]): Words {
  if ('boolean' in word) {
    const isTrue = scope.truthOf(word.boolean);
    const written = isTrue === undefined ? null : isTrue ? word.whenTrue : word.whenFalse;
    return written === null ? [] : [[{ text: written, of: null }]];
  }
  const before: Words = word.flag === undefined ? [] : [[{ text: word.flag, of: null }]];
  const [only] = word.template;
  if (word.each && only) {
    const texts = scope.textsOf(only);
    if (texts.length > 0) return texts.flatMap((piece) => [...before, [piece]]);
  }
  const report = (fault: PieceFault) => faults.push(fault);
  const pieces = scope.assemble(word.template, path, report);
  if (pieces) return [...before, pieces];
  return omitEmpty && !word.keepEmpty ? [] : [...before, scope.assembleAll(word.template, path, report)];
}

/** How the words of one line are written, and what they cannot hold. */
class LineGrammar {
  private readonly safe: RegExp | null;

  constructor(
    private readonly file: Pick<LinesFile, 'quote' | 'safe' | 'comment'> & { path: string },
    private readonly hasMore: boolean,
  ) {
    this.safe = file.safe === null ? (file.quote === 'none' ? BARE : null) : new RegExp(`^(?:${file.safe})$`, 'u');
  }

  /** @returns the word as it stands in the file; '' for one that cannot be written as nothing. */
  spell(pieces: readonly Piece[], faults: PieceFault[]): string {
    for (const piece of pieces) {
      const found = piece.of && this.unfit(piece.text);
      if (piece.of && found !== null && found !== undefined) faults.push(refusal(piece, piece.of, this.file.path, found.inWords));
    }
    const { quote } = this.file;
    const whole = textOf(pieces);
    if (quote === 'none') {
      this.checkAlone(pieces, whole, faults);
      return whole;
    }
    if (whole !== '' && isBare(whole)) return whole;
    // What stands before the value stays outside: some programs look for `-data='` in the line.
    const start = pieces[0]?.of === null && isBare(pieces[0].text) ? pieces[0].text : '';
    return start + quoted(whole.slice(start.length), quote);
  }

  private unfit(value: string): { inWords: string | null } | null {
    if (controlIn(value)) return { inWords: null };
    const { quote } = this.file;
    for (const character of value) {
      const isUnfit =
        FORBIDDEN[quote]?.test(character) ||
        (this.safe && !this.safe.test(character)) ||
        (quote === 'none' && this.hasMore && /\s/u.test(character));
      if (isUnfit) return { inWords: characterInWords(character) };
    }
    return null;
  }

  /** A word that has a line to itself may hold blanks where its file says so, but readers cut them off at its ends. */
  private checkAlone(pieces: readonly Piece[], whole: string, faults: PieceFault[]): void {
    const { comment, path } = this.file;
    const value = pieces.find(({ of }) => of !== null);
    if (this.hasMore || !value?.of) return;
    if (whole !== whole.trim()) faults.push(refusal(value, value.of, path, text('rendering.blankAtEnd')));
    else if (comment !== '' && whole.startsWith(comment)) {
      faults.push(refusal(value, value.of, path, text('rendering.commentAtStart', { comment })));
    }
  }
}

function isBare(word: string): boolean {
  return Array.from(word).every((character) => BARE.test(character));
}

function quoted(word: string, quote: LineQuote): string {
  if (quote === 'double') return `"${word}"`;
  return `'${quote === 'shell' ? word.replaceAll("'", `'\\''`) : word}'`;
}
