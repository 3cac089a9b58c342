import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Assets } from './assets';
import { createHelpers } from './helpers';
import { ViewEngine } from './view-engine';

describe('ViewEngine', () => {
  let folder: string;
  const write = (name: string, source: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, `${name}.hbs`), source);
  };
  const engine = () => new ViewEngine(folder, createHelpers(new Assets(join(folder, 'none'))));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'views-'));
    write('layouts/main', '<{{currentPath}}>{{{body}}}');
    write('layouts/other', 'OTHER {{{body}}}');
    write('page', 'page of {{name}}{{> part}}');
    write('partials/part', '!{{url "/x" "a b"}}');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('puts the page into the layout, escaped, with the base path in addresses', () => {
    expect(engine().renderPage('page', { name: '<b>"', _locals: { currentPath: '/q', basePath: '/lab' } })).toBe(
      '</q>page of &lt;b&gt;&quot;!/lab/x/a%20b',
    );
  });

  it('lets data choose neither layout nor frame nor cache', () => {
    const hostile = { name: 'n', layout: 'layouts/other', body: 'EVIL', cache: true, settings: { views: '/etc' }, currentPath: '/evil' };
    expect(engine().renderPage('page', { ...hostile, _locals: { currentPath: '/q' } })).toBe('</q>page of n!/x/a%20b');
  });

  it('gives no access to prototypes', () => {
    write('page', '[{{constructor.name}}{{__proto__.toString}}{{name.constructor.name}}]');
    expect(engine().renderPage('page', { name: 'n', _locals: {} })).toBe('<>[]');
  });

  it('refuses unknown helpers and broken templates at the start, with the file', () => {
    write('page', '{{shout name}}');
    expect(engine).toThrow(/views\/page\.hbs.*shout/);
    write('page', '{{#if}');
    expect(engine).toThrow(/views\/page\.hbs/);
  });

  it('compiles at the start and never again', () => {
    const sut = engine();
    writeFileSync(join(folder, 'page.hbs'), 'changed');
    expect(sut.render('page', { name: 'n' })).toContain('page of n');
    expect(() => sut.render('added', {})).toThrow('There is no template');
  });

  it('reports an error through the callback of Express', () => {
    const outcome: unknown[] = [];
    engine().express(join(folder, 'missing.hbs'), {}, (...words) => outcome.push(words));
    expect(outcome).toEqual([[expect.objectContaining({ message: 'There is no template views/missing.hbs' })]]);
  });
});
