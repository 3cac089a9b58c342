import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relativeTime } from '../browser/time-words';
import { formatBytes } from '../browser/amounts';
import { fillIn } from '../browser/sentences';
import { formatDate, formatList } from './formats';
import { currentLanguage, ENGLISH, inLanguage, setDefaultLanguage } from './language';
import { chooseLanguage, languageNames, missingFrom, openLanguages, readLanguage } from './languages';
import { english, sentencesOf, storedText, text } from './text';

const others = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'en')
  .map(({ name }) => name);

const in_ = <Result>(tag: string, work: () => Result): Result => inLanguage(chooseLanguage([tag]) ?? ENGLISH, work);

describe('the languages that come along', () => {
  it('are there', () => expect(others).toContain('zh'));

  it.each(others)('%s says every sentence, and none that English does not have', (tag) => {
    const { sentences, faults } = readLanguage(__dirname, tag);
    expect([...faults, ...missingFrom(sentences).map((key) => `${tag}: ${key}`)]).toEqual([]);
  });

  it.each(others)('%s is written in its own words', (tag) => {
    const { sentences } = readLanguage(__dirname, tag);
    const same = Object.entries(english as Record<string, Record<string, string>>).flatMap(([area, names]) =>
      // Names, signs and commands are the same everywhere; sentences are not.
      Object.entries(names).filter(([name, sentence]) => sentence.split(' ').length > 4 && sentences[area]?.[name] === sentence),
    );
    expect(same.map(([name]) => name)).toEqual(['valuesPlaceholder'].filter((name) => same.some(([one]) => one === name)));
  });
});

describe('languages', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'languages-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true });
    setDefaultLanguage(ENGLISH);
  });

  const drop = (tag: string, area: string, content: unknown) => {
    mkdirSync(join(folder, tag), { recursive: true });
    writeFileSync(join(folder, tag, `${area}.json`), typeof content === 'string' ? content : JSON.stringify(content));
  };
  /** @returns what is wrong with languages that were dropped; those that come along are looked at above. */
  const open = (DEFAULT_LANGUAGE = 'en') =>
    openLanguages({ DEFAULT_LANGUAGE, LANGUAGES_DIR: folder }).filter((fault) => !others.some((tag) => fault.startsWith(`${tag}: `)));

  it('are added by dropping a folder; what it lacks is said in English, in the form that English has', () => {
    drop('pl', 'common', { queue: 'Kolejka' });
    expect(open()).toEqual([expect.stringMatching(/^pl: \d+ sentences are missing and are said in English: accounts\.\w+, .*, …$/)]);
    in_('pl', () => {
      expect([text('common.queue'), text('common.projects')]).toEqual(['Kolejka', 'Projects']);
      expect(text('projects.count', { count: 1 })).toBe('1 project');
      expect(sentencesOf('common')).toMatchObject({ queue: 'Kolejka', help: 'Help' });
    });
    expect(text('common.queue')).toBe('Queue');
    expect(languageNames()).toEqual([
      { tag: 'en', name: 'English' },
      { tag: 'pl', name: 'polski' },
      { tag: 'zh', name: '中文' },
    ]);
  });

  it('may reword single sentences of one that came along', () => {
    drop('zh', 'common', { projects: '课题' });
    expect(open()).toEqual([]);
    expect(in_('zh', () => [text('common.projects'), text('common.queue')])).toEqual(['课题', '队列']);
  });

  it.each([
    ['common', '{"queue": ', 'xx: common.json is not valid JSON'],
    ['common', [], 'xx: common.json holds no sentences by name'],
    ['kitchen', {}, 'xx: there is no area kitchen'],
    ['constructor', {}, 'xx: there is no area constructor'],
    ['common', { toString: 'x' }, 'xx: common.toString is not among the English sentences'],
    ['common', { queue: 1 }, 'xx: common.queue is not a text'],
    ['common', { version: 'Showrunner' }, 'xx: common.version lacks {version}'],
    ['common', { queue: 'Queue {n}' }, 'xx: common.queue has {n}, which is not given'],
    ['common', { queue: 'Queue {' }, 'xx: common.queue has a brace that is not closed'],
  ])('tell what is wrong in %s %j', (area, content, fault) => {
    drop('xx', area, content);
    expect(open()[0]).toContain(fault);
    expect(in_('xx', () => [text('common.queue'), text('common.version', { version: 1 })])).toEqual(['Queue', 'Showrunner 1']);
  });

  it('do not need the forms of others', () => {
    drop('xx', 'projects', { count: '{count} X' });
    drop('xx', 'queue', { alarmNobodyAdmin: 'X' });
    expect(open()[0]).toContain('sentences are missing');
    expect(in_('xx', () => text('projects.count', { count: 1 }))).toBe('1 X');
  });

  it('name a folder that is no language, and one that cannot be read', () => {
    drop('Deutsch neu', 'common', {});
    expect(open()).toEqual(['Deutsch neu: is not the tag of a language, such as de or pt-BR']);
    expect(openLanguages({ DEFAULT_LANGUAGE: 'en', LANGUAGES_DIR: join(folder, 'none') })).toContain(
      `${join(folder, 'none')}: cannot be read (ENOENT)`,
    );
  });

  it('have a default that stored sentences keep', () => {
    open('zh');
    expect(currentLanguage().tag).toBe('zh');
    expect(in_('en', () => [text('common.queue'), storedText('common.queue')])).toEqual(['Queue', '队列']);
    expect(() => open('nl')).toThrow('there is no language nl; there are en, zh');
  });

  it('are chosen by the first wish that can be met', () => {
    open();
    const chosen = (...wishes: string[]) => chooseLanguage(wishes)?.tag;
    expect([chosen('zh-Hans-CN'), chosen('de', 'zh-CN', 'en'), chosen('EN-us'), chosen('de'), chosen()]).toEqual([
      'zh',
      'zh',
      'en',
      undefined,
      undefined,
    ]);
  });

  it('travel with the work of a request, and do not mix', async () => {
    open();
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return text('common.queue');
    };
    expect(await Promise.all([in_('zh', later), in_('en', later), later()])).toEqual(['队列', 'Queue', 'Queue']);
  });

  it('write amounts, lists and dates in their own way', () => {
    open();
    expect(in_('zh', () => [formatBytes(5), formatList(['a', 'b', 'c']), formatDate(0, { dateStyle: 'long', timeZone: 'UTC' })])).toEqual([
      '5 字节',
      'a、b和c',
      '1970年1月1日',
    ]);
    expect([formatBytes(1), formatBytes(5), formatList(['a', 'b', 'c'])]).toEqual(['1 byte', '5 bytes', 'a, b and c']);
    const words = in_('zh', () => sentencesOf('common'));
    expect(relativeTime(0, 86_400_000 * 12, { ...words, locale: 'zh' }, { timeZone: 'UTC' })).toBe('1月1日');
  });

  it('choose among as many forms as they have', () => {
    const of = (locale: string, forms: string) => [0, 1, 2, 5, 22].map((count) => fillIn(`{count, ${forms}}`, { count }, locale));
    expect(of('en-GB', 'file|files')).toEqual(['files', 'file', 'files', 'files', 'files']);
    expect(of('pl', 'plik|pliki|plików')).toEqual(['plików', 'plik', 'pliki', 'plików', 'pliki']);
    expect(of('fr', 'fichier|fichiers')).toEqual(['fichier', 'fichier', 'fichiers', 'fichiers', 'fichiers']);
  });
});
