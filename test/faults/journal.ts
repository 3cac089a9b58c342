/** One start or end that a program wrote down itself. */
export interface JournalLine {
  word: 'start' | 'end' | 'overlap';
  key: string;
  attempt: number;
  /** Exit status of an end. */
  code: number | null;
}

/** What the programs themselves wrote, in the order in which they wrote it. */
export class Journal {
  readonly lines: JournalLine[];

  constructor(text: string) {
    this.lines = text
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [word, key = '', attempt, code] = line.split(' ');
        return { word: word as JournalLine['word'], key, attempt: Number(attempt), code: word === 'end' ? Number(code) : null };
      });
  }

  of(key: string, word: JournalLine['word']): JournalLine[] {
    return this.lines.filter((line) => line.key === key && line.word === word);
  }

  /** The end of the attempt, if it came to its end. */
  endOf(key: string, attempt: number): JournalLine | undefined {
    return this.lines.find((line) => line.word === 'end' && line.key === key && line.attempt === attempt);
  }
}
