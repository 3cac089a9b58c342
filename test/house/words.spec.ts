import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Handlebars from 'handlebars';
import { english } from '../../src/locales/text';

const VIEWS = resolve(__dirname, '..', '..', 'views');
const sentences = english as Record<string, Record<string, string>>;

/** Keys that a template names as they stand; a key that is put together is checked where it is made. */
function keysIn(template: string): string[] {
  return [...template.matchAll(/[{(]t '([^']+)'/g)].map((match) => match[1]);
}

/** Words that stand in a template itself, where no language reaches them; signs, and names that are the same everywhere, are none. */
function wordsOutside(template: string): string[] {
  const bare = template
    .replaceAll(/\{\{!--[^]*?--\}\}|\{\{\{?[^]*?\}?\}\}/g, '')
    .replaceAll(/<(script|style)\b[^]*?<\/\1>|<!--[^]*?-->/g, '');
  const attributes = [...bare.matchAll(/\s(?:title|alt|placeholder|aria-label|aria-description|aria-valuetext)="([^"]*)"/g)];
  const texts = bare.replaceAll(/<[^>]*>/g, '\n').split('\n');
  return [...attributes.map(([, words]) => words), ...texts].map((words) => words.trim()).filter((words) => /\p{L}{2}/u.test(words));
}

function isKnown(key: string): boolean {
  const [area = '', name = ''] = key.split('.');
  return sentences[area]?.[name] !== undefined;
}

describe('the words of templates', () => {
  const files = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.hbs'));

  it('are all there', () => {
    expect(files.length).toBeGreaterThan(10);
    const missing = files.flatMap((name) =>
      keysIn(readFileSync(join(VIEWS, name), 'utf8'))
        .filter((key) => !isKnown(key))
        .map((key) => `${name}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  it('would be missed', () => {
    expect(keysIn(`<p>{{t 'mail.nothing'}} {{> x label=(t 'run.none' a=1)}}</p>`).filter((key) => !isKnown(key))).toEqual([
      'mail.nothing',
      'run.none',
    ]);
  });

  it('stand in no template', () => {
    const outside = files.flatMap((name) => wordsOutside(readFileSync(join(VIEWS, name), 'utf8')).map((words) => `${name}: ${words}`));
    expect(outside).toEqual([]);
  });

  it('would be seen there', () => {
    expect(wordsOutside(`{{! no }}<p title="Close" class="big">{{t 'run.title'}} Hello</p>{{#if a}}·{{/if}}`)).toEqual(['Close', 'Hello']);
  });

  it('stand in templates that can be read', () => {
    for (const name of files) expect(() => Handlebars.precompile(readFileSync(join(VIEWS, name), 'utf8'))).not.toThrow();
  });
});

describe('sentences', () => {
  it('are text, with each brace closed', () => {
    const faults = Object.entries(sentences).flatMap(([area, all]) =>
      Object.entries(all)
        .filter(([, sentence]) => typeof sentence !== 'string' || sentence.replaceAll(/\{\w+(,[^{}|]*\|[^{}]*)?\}/g, '').match(/[{}]/))
        .map(([name]) => `${area}.${name}`),
    );
    expect(faults).toEqual([]);
  });
});
