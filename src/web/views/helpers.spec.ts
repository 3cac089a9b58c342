import { create } from 'handlebars';
import { formatBytes } from '../../browser/amounts';
import { Assets } from './assets';
import { address, createHelpers } from './helpers';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('template helpers', () => {
  const handlebars = create();
  handlebars.registerHelper(createHelpers(new Assets('/nowhere')));
  const render = (source: string, context: object = {}) => handlebars.compile(source)({ basePath: '/lab', nowMs: NOW, ...context });

  it('t fills sentences and escapes what it fills in', () => {
    expect(render(`{{t 'common.newsOfRun' number=x state='<i>'}}`, { x: 12 })).toBe('Run 12 is &lt;i&gt;');
  });

  it('shortName leaves out the middle: names that begin alike differ at their end', () => {
    const shown = (name: string) => render('{{shortName name}}', { name });
    expect(shown('Spleen, slide 4')).toBe('Spleen, slide 4');
    expect(shown(`${'a'.repeat(60)} <7>`)).toBe(`${'a'.repeat(60)} &lt;7&gt;`);
    expect(shown(`${'a'.repeat(150)} of day 12`)).toBe(`${'a'.repeat(44)} … ${'a'.repeat(12)} of day 12`);
    expect(shown(`${'组'.repeat(60)}第12号`)).toBe(`${'组'.repeat(22)} … ${'组'.repeat(7)}第12号`);
  });

  it('url encodes segments, keeps the slashes of paths and leaves empty query values out', () => {
    expect(render(`{{url '/runs' id 'files' path}}`, { id: 12, path: 'a b/ü#?.png' })).toBe('/lab/runs/12/files/a%20b/%C3%BC%23%3F.png');
    expect(render(`{{url '/queue' whose='mine' before=none text='a&b'}}`)).toBe('/lab/queue?text&#x3D;a%26b&amp;whose&#x3D;mine');
    expect(() => address('/runs', ['..', 'x'])).toThrow('Not a path');
  });

  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [904_217, '904 kB'],
    [999_600, '1 MB'],
    [1_840_000, '1.8 MB'],
    [99_960_000, '100 MB'],
    [38.2e9, '38.2 GB'],
  ])('bytes writes %d as %s', (count, words) => expect(formatBytes(count)).toBe(words));

  it('runState carries the state as it is stored and shows its word', () => {
    const html = render(`{{runState 'timed_out' large=true}}`);
    expect(html).toContain('class="state state-lg" data-run-state="timed_out"');
    expect(html.replace(/<[^>]*>/g, '')).toBe('timed out');
  });

  it('when writes a time element with relative words, and nothing for no time', () => {
    expect(render('{{when at}}', { at: NOW - 720_000 })).toMatch(
      /^<time datetime="2026-11-21T11:48:00.000Z" title="[^"]+" data-when="\d+">12 min ago<\/time>$/,
    );
    expect(render('{{when at}}', { at: null })).toBe('');
  });

  it('when names the zone of the server, which only scripts can change', () => {
    const html = render('{{when at}}', { at: NOW - 50 * 3_600_000 });
    const zone = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' })
      .formatToParts(NOW)
      .find(({ type }) => type === 'timeZoneName')?.value;
    expect(html).toContain(` ${zone}</time>`);
    expect(html).toMatch(new RegExp(`title="[^"]* ${zone?.replace('+', '&#x2B;|\\\\+')}"`));
  });

  it('date writes a day as a time element, also within a sentence, whose other values stay text', () => {
    const day = '<time datetime="2026-11-21T12:00:00.000Z" title="';
    expect(render('{{date at}}', { at: NOW })).toMatch(
      /^<time datetime="2026-11-21T12:00:00.000Z" title="[^"]+" data-date="\d+">21 November 2026<\/time>$/,
    );
    expect(render('{{date at}}', { at: null })).toBe('');
    const sentence = render(`{{t 'common.newsOfRun' number=x state=(date at)}}`, { x: '<b>', at: NOW });
    expect(sentence).toMatch(/^Run &lt;b&gt; is <time /);
    expect(sentence).toContain(day);
  });

  it('cut keeps the end of a long name in a half of its own, whole letters of any script, and leaves others as they are', () => {
    const render1 = (name: string) => render('{{cutName name}}', { name });
    expect(render1('<cells> of week 12.csv')).toBe('&lt;cells&gt; of week 12.csv');
    expect(render1('Pancreas & spleen, stained on Monday, field 0043.tif')).toBe(
      '<span class="cut"><span>Pancreas &amp; spleen, stained on Monday, </span><span>field 0043.tif</span></span>',
    );
    expect(render1('胰腺组织切片第七号核心区域的多重免疫荧光成像 0043.tif')).toBe(
      '<span class="cut"><span>胰腺组织切片第七号核心区域的多重免疫荧光</span><span>成像 0043.tif</span></span>',
    );
    expect(render1(`${'a'.repeat(30)}${'e\u0301'.repeat(14)}`)).toContain(`<span>${'e\u0301'.repeat(14)}</span>`);
  });

  it('cells and names of any length are cut without being read letter by letter', () => {
    const endless = `${'🙂'.repeat(300_000)} end.tif`;
    const fromMs = performance.now();
    const [cell, name, short] = ['{{cell words}}', '{{cutName words}}', '{{shortName words}}'].map((one) =>
      render(one, { words: endless }),
    );
    expect(performance.now() - fromMs).toBeLessThan(400);
    for (const shown of [cell, name, short]) expect(shown.length).toBeLessThan(4000);
    expect(cell).toMatch(/🙂… *<\/span><span>🙂+ end\.tif<\/span>/u);
    expect(name).toBe(/<span class="cut">.*<\/span>(?=<\/span>$)/u.exec(cell)?.[0]);
    expect(short).toMatch(/^🙂+ … 🙂+ end\.tif$/u);
    expect(render('{{cutName words}}', { words: `e${'\u0301'.repeat(5000)}` })).toContain('class="cut"');
  });

  it('a head has places to break behind the signs that put a name together', () => {
    expect(render('{{head name}}', { name: 'nucleus_area' })).toBe('<span>nucleus_<wbr>area</span>');
    expect(render('{{head name}}', { name: '<i>__mean.CD8' })).toBe('<span>&lt;i&gt;__<wbr>mean.<wbr>CD8</span>');
    expect(render('{{head name}}', { name: 'x' })).toBe('x');
  });

  it('a long cell of a table keeps its end, and has all of its words for whoever goes to it', () => {
    expect(render('{{cell words}}', { words: '<20.5>' })).toBe('&lt;20.5&gt;');
    expect(render('{{cell words}}', { words: 'plate7_well_A1_field_1_marker_CD8_export_v2.tif' })).toMatch(
      /^<span class="long-cell" tabindex="0" title="plate7_well_A1_field_1_marker_CD8_export_v2\.tif"><span class="cut"><span>[^<]+<\/span><span>[^<]*v2\.tif<\/span>/,
    );
  });

  it('json cannot end its script element', () => {
    const value = { a: '</script><!--\u2028' };
    const html = render('{{json value}}', { value });
    expect(html).not.toContain('<');
    expect(JSON.parse(html)).toEqual(value);
  });

  it('icons point into the sprite below the base path', () => {
    expect(render(`{{icon 'clock' class='spin'}}`)).toBe(
      '<svg class="icon spin" aria-hidden="true"><use href="/lab/assets/unbuilt/img/icons.svg#clock"/></svg>',
    );
  });
});
