/** What became of something that the manifest cannot say as its source did. */
export type Loss = 'dropped' | 'weakened' | 'guessed';

export interface Note {
  loss: Loss;
  /** As the source names it; '' for the whole. */
  field: string;
  sentence: string;
}

const HEADS: Record<Loss, string> = {
  dropped: 'Dropped: the source says it, the pipeline does not',
  weakened: 'Weakened: the pipeline says less, or takes more, than the source',
  guessed: 'Guessed: the source does not say it; look whether it is right',
};

const MOST_NAME = 80;

/** Everything that an import lost or made up, field by field. */
export class ImportReport {
  readonly notes: Note[] = [];

  note(loss: Loss, field: string, sentence: string): void {
    if (!this.notes.some((one) => one.loss === loss && one.field === field && one.sentence === sentence)) {
      this.notes.push({ loss, field, sentence });
    }
  }

  of(field: string): Note[] {
    return this.notes.filter((note) => note.field === field);
  }

  /** As Markdown. @param source name of the file that was imported. @param fields how many parameters came of it. */
  describe(source: string, fields: number): string {
    const lines = [`# Imported from ${inWords(source)}`, '', `${fields} ${fields === 1 ? 'parameter' : 'parameters'}.`];
    if (this.notes.length === 0) lines.push('', 'Nothing was lost.');
    for (const loss of ['dropped', 'weakened', 'guessed'] as const) {
      const notes = this.grouped(loss);
      if (notes.length === 0) continue;
      lines.push('', `## ${HEADS[loss]}`, '', ...notes.map(([sentence, named]) => `- ${named === '' ? '' : `${named}: `}${sentence}`));
    }
    return `${lines.join('\n')}\n`;
  }

  /** One line for all fields of which the same is said. */
  private grouped(loss: Loss): [sentence: string, fields: string][] {
    const fields = new Map<string, string[]>();
    for (const { sentence, field } of this.notes.filter((note) => note.loss === loss)) {
      fields.set(sentence, [...(fields.get(sentence) ?? []), ...(field === '' ? [] : [inWords(field)])]);
    }
    return [...fields].map(([sentence, names]) => [oneLine(sentence), names.join(', ')]);
  }
}

/** Foreign text as code that cannot end its backticks. */
function inWords(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'").slice(0, MOST_NAME)}\``;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}
