import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inLanguage } from '../../locales/language';
import { chooseLanguage, openLanguages } from '../../locales/languages';
import { english, text, type TextKey, type TextValues } from '../../locales/text';
import { noteInWords, noteKeys } from './note-words';

const VALUES: TextValues = {
  code: 3,
  names: 'cells.csv, overview.png',
  count: 2,
  name: 'Mira',
  signal: 'SIGTERM',
  reason: 'exit 1',
  size: '4 GB',
};
const in_ = (tag: string, work: () => string): string => inLanguage(chooseLanguage([tag])!, work);
const zh = (note: string) => in_('zh', () => noteInWords(note));
/** Every value has a word of its own, so that none can be taken for another. */
const valuesOf = (sentence: string): TextValues =>
  Object.fromEntries([...sentence.matchAll(/\{(\w+)/g)].map(([, name]) => [name, /count|seconds/.test(name) ? 2 : `<${name}>`]));

beforeAll(() => void openLanguages({ DEFAULT_LANGUAGE: 'en' }));
afterAll(() => void openLanguages({ DEFAULT_LANGUAGE: 'en' }));

describe('a note in the language of its reader', () => {
  const keys = (['runner', 'slurm', 'docker'] as const).flatMap((area) =>
    Object.keys(english[area]).map((name) => `${area}.${name}` as TextKey),
  );
  const folder = join(__dirname, '../../locales');
  const tags = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

  it.each(tags.map(({ name }) => name))('is found again in all sentences of the engines, whoever reads what was written in %s', (tag) => {
    const other = tag === 'en' ? 'zh' : 'en';
    const wrong = keys.filter((key) => {
      const values = valuesOf(in_(tag, () => text(key)) + in_(other, () => text(key)));
      const [written, expected] = [tag, other].map((language) => in_(language, () => text(key, values)));
      // Labels of a word or two are no notes.
      return written.length > 25 && in_(other, () => noteInWords(written)) !== expected;
    });
    expect(wrong).toEqual([]);
  });

  it.each<TextKey>([
    'queue.endedWithCode',
    'queue.missingOutputs',
    'queue.endedByKill',
    'queue.endedBySignal',
    'queue.cancelledBy',
    'projects.deletedMeanwhile',
  ])('says %s', (key) => expect(zh(text(key, VALUES))).toBe(in_('zh', () => text(key, VALUES))));

  it('says several sentences, one in another, and parts with their reasons', () => {
    const memory = `${text('runner.memoryExceeded', { size: '2 GB' })} ${text('runner.memoryOfPipeline', { title: 'Nuclei' })}`;
    expect(zh(memory)).toBe(
      in_('zh', () => `${text('runner.memoryExceeded', { size: '2 GB' })}${text('runner.memoryOfPipeline', { title: 'Nuclei' })}`),
    );
    const lost = text('queue.declaredLostBy', { name: 'Root', evidence: text('runner.restarted') });
    expect(zh(lost)).toBe(in_('zh', () => text('queue.declaredLostBy', { name: 'Root', evidence: text('runner.restarted') })));
    const parts = '1 of 2 steps succeeded, 3 of 3 rows succeeded. Failed: Segment (it wrote no new masks.tif).';
    expect(zh(parts)).not.toMatch(/succeeded|Failed|wrote/);
    expect(zh(parts)).toContain('masks.tif');
  });

  it.each([
    ['cells.csv', /this file that it should have written is missing: cells\.csv/],
    ['cells.csv, overview.png', /these files that it should have written are missing: cells\.csv, overview\.png/],
  ])('finds the form for %s where the language of the note has none', (names, expected) => {
    const note = in_('zh', () => text('queue.missingOutputs', { names, count: 7 }));
    expect(in_('en', () => noteInWords(note))).toMatch(expected);
  });

  it('says reasons in brackets of any width', () => {
    const partsIn = (tag: string) =>
      in_(tag, () => {
        const reason = text('outcome.missing', { names: 'masks.tif' });
        const list = ['Segment', 'Measure'].map((title) => text('outcome.oneWithReason', { title, reason })).join(', ');
        return text('outcome.failedOnes', { list });
      });
    expect(in_('en', () => noteInWords(partsIn('zh')))).toBe(partsIn('en'));
    expect(zh(partsIn('en'))).toBe(partsIn('zh'));
  });

  it('leaves alone what is not ours, also beside what is', () => {
    expect(zh('ValueError: no cells in field 7')).toBe('ValueError: no cells in field 7');
    expect(zh(`Something new. ${text('queue.endedByKill')}`)).toBe(`Something new. ${in_('zh', () => text('queue.endedByKill'))}`);
    expect(zh('')).toBe('');
    expect(in_('en', () => noteInWords(null))).toBe('');
  });

  it('tells which sentences it is made of', () => {
    expect(noteKeys(text('runner.triedAgain', { reason: text('queue.endedByKill') }))).toEqual(['runner.triedAgain', 'queue.endedByKill']);
    expect(noteKeys('ValueError: no cells')).toEqual([]);
  });

  it('does not take long over words that nearly fit', () => {
    const began = performance.now();
    for (let round = 0; round < 20; round += 1) zh(`Job ${`ended (x). left, ${round} `.repeat(60)}`.slice(0, 1000));
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
