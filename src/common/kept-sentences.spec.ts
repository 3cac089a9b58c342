import { inLanguage } from '../locales/language';
import { chooseLanguage, openLanguages } from '../locales/languages';
import { keepSentences, keptInWords } from './kept-sentences';

describe('sentences that are kept', () => {
  const read = (tag: string, kept: string) => inLanguage(chooseLanguage([tag])!, () => keptInWords(kept));

  beforeAll(() => openLanguages({ DEFAULT_LANGUAGE: 'en' }));

  it('are read by everybody in their language', () => {
    const kept = keepSentences([{ key: 'inbox.moved', values: { count: 2 } }, { key: 'tasks.cancelled' }], 1000);
    expect(read('en', kept)).toBe('2 entries were moved from the inbox. Cancelled. Nothing of it remains.');
    expect(read('zh', kept)).toMatch(/2.*。已取消/);
  });

  it.each(['All was copied.', '', '[not JSON', '{neither'])('leave what an earlier version has stored as it is: %s', (kept) => {
    expect(read('zh', kept)).toBe(kept);
  });

  it('lose the ends of long values rather than the sentence', () => {
    const kept = keepSentences([{ key: 'archives.doneFiles', values: { count: 1, place: 'x'.repeat(2000) } }], 1000);
    expect(kept.length).toBeLessThanOrEqual(1000);
    expect(read('en', kept)).toBe(`1 file was unpacked into ${'x'.repeat(100)}.`);
  });
});
