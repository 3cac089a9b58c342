import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const VIEWS = resolve(__dirname, '..', '..', 'views');
/** Names of what holds a moment, in milliseconds or as a text. */
const MOMENT = /(?:Ms|Date|At|Moment)\b/;
/** Read by scripts, programs or the server, and by nobody else. */
const DATA = /(?:\bdata-[\w-]+|\bvalue|\bdatetime)="$/;
const ELEMENTS = /^\{+(?:when|tWhen |expected|since|date|exact|#if|#unless|#each|else if|\/|>|!)/;

/** What writes a moment as it is: neither in the time of the reader nor in words. */
function rawMoments(template: string): string[] {
  return [...template.matchAll(/\{\{\{?[^{}]*\}?\}\}/g)]
    .filter(({ 0: expression, index }) => {
      if (ELEMENTS.test(expression) || DATA.test(template.slice(0, index))) return false;
      // Keys of sentences are none, nor is what another helper makes of one.
      const bare = expression.replaceAll(/'[^']*'/g, "''");
      return MOMENT.test(bare.replaceAll(/\((?:when|expected|since|date|exact|and|or|not|gt|eq) [^()]*\)/g, ''));
    })
    .map(([expression]) => expression);
}

describe('moments on pages', () => {
  const files = readdirSync(VIEWS, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.hbs') && !name.startsWith('mail/'),
  );

  it('are elements that the browser brings into the time of the reader', () => {
    expect(files.length).toBeGreaterThan(100);
    const raw = files.flatMap((name) => rawMoments(readFileSync(join(VIEWS, name), 'utf8')).map((expression) => `${name}: ${expression}`));
    expect(raw).toEqual([]);
  });

  it('are written by helpers alone, so that each has its full time with the zone', () => {
    const handmade = files.filter((name) => /<time\b/.test(readFileSync(join(VIEWS, name), 'utf8')));
    expect(handmade).toEqual([]);
  });

  it.each([
    '<p>{{run.finishedMs}}</p>',
    "{{t 'show.resultsUntil' date=deletionDate}}",
    "{{t 'a.b' when=../startedMs}}",
    '<time>{{changedAt}}</time>',
    '<p title="{{openedMs}}">',
  ])('would be seen in %s', (template) => expect(rawMoments(template)).toHaveLength(1));

  it.each([
    '{{when run.finishedMs}}',
    "{{tWhen 'show.ended' run.finishedMs}}",
    "{{t 'show.resultsUntil' date=(date deletionMs)}}",
    '<i data-written="{{nowMs}}">',
    '{{#if startedMs}}{{/if}}',
    '{{> shared-note until=sharedUntilMs}}',
  ])('are well in %s', (template) => expect(rawMoments(template)).toEqual([]));
});
