import { createWriteStream } from 'node:fs';
import { readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { parse } from 'csv-parse/sync';
import type { TestAnswer } from '../../web-app';
import { RunResults } from '../../../src/web/show/run-results';
import { TableRows } from '../../../src/web/tables/table-rows';
import { until } from '../../until';
import { ShowStage, wordsOf } from './show-stage';

const CELLS = 2500;

/** `cell_id,well,area,note`: areas that repeat, notes with all that CSV can hold. */
function cell(row: number): string[] {
  const area = row % 50 === 0 ? '' : String(((row * 7919) % 1000) / 4);
  const note = ['plain', 'with, comma', 'with "quotes"', 'two\nlines', '=1+1', '-3.5', '@sum', 'é'][row % 8];
  return [String(row), `B${row % 12}`, area, note];
}

function csv(rows: string[][], { delimiter = ',', end = '\n' } = {}): string {
  const quoted = (text: string) => (/["\n\r]/.test(text) || text.includes(delimiter) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(quoted).join(delimiter) + end).join('');
}

const HEAD = ['cell_id', 'well', 'area', 'note'];
const ROWS = Array.from({ length: CELLS }, (_, index) => cell(index + 1));

/** The rows of a page: their numbers and cells. */
function rowsOf({ body }: TestAnswer): { number: string; cells: string[] }[] {
  const table = /<tbody id="table-body">([^]*?)<\/tbody>/.exec(body)![1];
  return [...table.matchAll(/<tr[^>]*>([^]*?)<\/tr>/g)].map(([, row]) => ({
    number: />(\d+)<\/a>/.exec(row)![1],
    cells: [...row.matchAll(/<td[^>]*>([^]*?)<\/td>/g)].map(([, text]) => plain(text)),
  }));
}

function plain(html: string): string {
  return html
    .replace(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

const namesOf = ({ body }: TestAnswer) =>
  [...body.matchAll(/class="col-sort"[^>]*><span class="clip">([^<]*)</g)].map(([, name]) => plain(name));

describe('the page of a table', () => {
  let stage: ShowStage;
  let id: number;

  beforeAll(async () => {
    stage = await ShowStage.open();
    id = await stage.ended({ 'cells.csv': csv([HEAD, ...ROWS]) });
  });
  afterAll(() => stage.close());

  /** A page of a table when all work on it is done. */
  async function table(path: string, query = ''): Promise<TestAnswer> {
    let answer: TestAnswer | undefined;
    await until(async () => {
      answer = await stage.owner.get(`/runs/${id}/table/${path}?${query}`, { 'x-table-wait': '1' });
      return answer.status !== 200 || !answer.body.includes('data-working');
    }, 60_000);
    return answer!;
  }

  const numbers = async (query: string) => rowsOf(await table('cells.csv', query)).map(({ number }) => Number(number));

  it('is led to by the page of the run', async () => {
    const page = await stage.page(id);
    expect(page.match(new RegExp(`href="/runs/${id}/table/cells.csv"`, 'g'))).toHaveLength(2);
    expect(page).toContain('Open table');
  });

  it('is led to by the headings of the page of the run, sorted by them', async () => {
    const page = await stage.page(id);
    expect(page).toContain(`<a href="/runs/${id}/table/cells.csv?sort&#x3D;3" title="Open the table, sorted by area">area</a>`);
  });

  it('shows at each heading that it sorts, and in which direction', async () => {
    const { body } = await table('cells.csv', 'sort=3&dir=desc');
    const heads = [...body.matchAll(/<th scope="col"[^>]*aria-sort="(\w+)"[^]*?icons.svg#([\w-]+)"/g)].map(([, sort, icon]) => [
      sort,
      icon,
    ]);
    expect(heads).toEqual([
      ['none', 'selector'],
      ['none', 'selector'],
      ['descending', 'arrow-down'],
      ['none', 'selector'],
    ]);
    const asText = wordsOf((await table('cells.csv', 'sort=3&x=3&as=text')).body);
    expect(asText).toContain('Rows are sorted as text, 10 before 9. Sort as numbers');
    expect(wordsOf((await table('cells.csv', 'sort=3&x=3')).body)).toContain('Rows are sorted as numbers. Sort as text');
  });

  it('names what is downloaded: the file, all rows, or those that pass', async () => {
    const words = async (query: string) => wordsOf((await table('cells.csv', query)).body);
    expect(await words('')).toMatch(/Download the file [\d.]+ kB/);
    // All rows of a file of that kind are the file.
    const exported = async (query: string) =>
      /<a class="btn" id="table-export"( hidden)?/.exec((await table('cells.csv', query)).body)?.[1];
    expect([await exported(''), await exported('sort=3')]).toEqual([' hidden', undefined]);
    expect(await words('sort=3')).toContain('Export in this order as CSV');
    expect(await words('f2=%3DB3')).toMatch(/Export these \d+ rows as CSV/);
  });

  it('shows any hundred rows, with their numbers, their total and the figures of the columns', async () => {
    const first = await table('cells.csv');
    expect(first.status).toBe(200);
    expect(namesOf(first)).toEqual(HEAD);
    expect(rowsOf(first).map(({ cells }) => cells)).toEqual(ROWS.slice(0, 100));
    expect(wordsOf(first.body)).toContain('2,500 rows · 4 columns');
    expect(wordsOf(first.body)).toMatch(/median 1,25[01]/);
    const last = rowsOf(await table('cells.csv', 'page=25'));
    expect([last[0].number, last.at(-1)!.number, last.at(-1)!.cells]).toEqual(['2401', '2500', ROWS.at(-1)]);
    expect(rowsOf(await table('cells.csv', 'page=26'))).toEqual([]);
  });

  it('sorts by numbers and by text in both directions, with what is empty last', async () => {
    const areas = ROWS.map((row, index) => ({ number: index + 1, area: row[2] === '' ? null : Number(row[2]) }));
    const ordered = (turn: number) =>
      areas
        .toSorted((one, other) =>
          one.area === null || other.area === null
            ? Number(one.area === null) - Number(other.area === null)
            : (one.area - other.area) * turn || one.number - other.number,
        )
        .map(({ number }) => number);
    expect(await numbers('sort=3')).toEqual(ordered(1).slice(0, 100));
    expect(await numbers('sort=3&dir=desc&page=25')).toEqual(ordered(-1).slice(2400));
    const wells = await table('cells.csv', 'sort=2&dir=desc');
    expect(rowsOf(wells).every(({ cells }) => cells[1] === 'B9')).toBe(true);
    expect(await numbers('sort=1&as=text')).toEqual(
      ROWS.map((_, index) => index + 1)
        .toSorted((one, other) => (String(one) < String(other) ? -1 : 1))
        .slice(0, 100),
    );
  });

  it('filters by words, numbers, ranges and emptiness, all together', async () => {
    const found = async (query: string) => {
      const answer = await table('cells.csv', query);
      return { rows: rowsOf(answer).map(({ number }) => Number(number)), words: wordsOf(answer.body) };
    };
    const expected = (test: (row: string[]) => boolean) => ROWS.flatMap((row, index) => (test(row) ? [index + 1] : []));
    const lines = await found('f4=LINES');
    expect(lines.rows).toEqual(expected((row) => row[3].includes('lines')).slice(0, 100));
    expect(lines.words).toContain('313 of 2,500 rows');
    expect((await found('f3=100..101&f2=%3D+B5')).rows).toEqual(
      expected((row) => row[1] === 'B5' && row[2] !== '' && +row[2] >= 100 && +row[2] <= 101),
    );
    expect((await found('f3=%3D')).rows).toEqual(expected((row) => row[2] === ''));
    expect((await found('f1=%3E+2495&sort=1&dir=desc')).rows).toEqual([2500, 2499, 2498, 2497, 2496]);
    const nothing = await table('cells.csv', 'f1=nothing');
    expect([rowsOf(nothing), wordsOf(nothing.body)]).toEqual([[], expect.stringContaining('No row passes the filters.')]);
    const wrong = await table('cells.csv', 'f3=%3E+many');
    expect(wrong.body).toMatch(/aria-invalid="true"/);
    expect(rowsOf(wrong)).toHaveLength(100);
  });

  it('measures a column, and draws it alone or against another', async () => {
    const areas = ROWS.flatMap((row) => (row[2] === '' ? [] : [Number(row[2])]));
    const answer = await table('cells.csv', 'x=3');
    const words = wordsOf(answer.body);
    for (const fact of ['Rows 2,500', 'Empty 50', 'Lowest 0', 'Highest 249.75', `Distinct ${new Set(areas).size}`])
      expect(words).toContain(fact);
    const bars = [...answer.body.matchAll(/<td class="num">(\d+)<\/td><\/tr>/g)].map(([, count]) => Number(count));
    expect(answer.body).toContain('class="histogram"');
    expect(bars.reduce((sum, count) => sum + count, 0)).toBe(areas.length);
    expect(wordsOf((await table('cells.csv', 'x=3&f3=%3E+200')).body)).toContain(`Rows ${areas.filter((area) => area > 200).length}`);
    const scatter = await table('cells.csv', 'x=1&y=3');
    expect(scatter.body).toContain('class="scatter"');
    expect(wordsOf(scatter.body)).toContain('2,450 points');
    const texts = wordsOf((await table('cells.csv', 'x=2')).body);
    expect(texts).toMatch(/Distinct 12/);
    expect(texts).toMatch(/B1 209/);
  });

  it('hands out a selection that no spreadsheet takes for formulas', async () => {
    const { status, headers, body } = await stage.owner.get(`/runs/${id}/table/cells.csv?export=csv&f1=%3C%3D+16&sort=1&dir=desc`);
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="cells-selection.csv"',
    ]);
    const safe = ROWS.slice(0, 16)
      .toReversed()
      .map((row) => row.map((text) => (text === '=1+1' || text === '@sum' ? `'${text}` : text)));
    expect(parse(body, { record_delimiter: '\r\n' })).toEqual([HEAD, ...safe]);
    const whole = await stage.owner.get(`/runs/${id}/table/cells.csv?export=csv`);
    expect(parse(whole.body, { record_delimiter: '\r\n' })).toHaveLength(CELLS + 1);
  });

  it('finds a row by its key, marks it, and says when there is none', async () => {
    const found = await table('cells.csv', 'key=cell_id&value=1234');
    expect(found.body).toMatch(/<tr class="picked" id="row-1234"/);
    expect(rowsOf(found)[0].number).toBe('1201');
    expect(wordsOf((await table('cells.csv', 'key=cell_id&value=9999')).body)).toContain('No row has “9999” in the column cell_id.');
    const marked = await table('cells.csv', 'row=77');
    expect(marked.body).toContain('id="row-77"');
    // All of it, for screens on which not all of its columns are in sight.
    expect(/<section class="row-card"[^]*?<\/section>/.exec(marked.body)?.[0]).toMatch(
      /Row 77<\/h2>[^]*<dt><span>cell_<wbr>id<\/span><\/dt>/,
    );
    const rows = stage.web.app.get(TableRows);
    const run = { id, projectId: stage.project.id };
    const place = {
      runId: id,
      results: await stage.web.app.get(RunResults).of(run),
      path: [Buffer.from('cells.csv')],
      signal: new AbortController().signal,
    };
    expect(await rows.findByKey(place, 'cell_id', '42.0')).toEqual({
      row: 42,
      cells: HEAD.map((name, column) => ({ name, value: ROWS[41][column] })),
    });
    expect(await rows.findByKey(place, 'note', 'two\nlines')).toMatchObject({ row: 3 });
    expect(await rows.findByKey(place, 'cell_id', '0')).toBeNull();
    expect(await rows.findByKey(place, 'cell_id', '')).toBeNull();
    expect(await rows.findByKey(place, 'nothing', '1')).toBeNull();
  });

  it.each([
    [
      'semicolons.csv',
      csv(
        [
          ['a', 'b'],
          ['1,5', 'x'],
        ],
        { delimiter: ';' },
      ),
      [['a', 'b']],
      [['1,5', 'x']],
    ],
    [
      'tabs.tab',
      csv(
        [
          ['a', 'b'],
          ['1', 'x, y'],
        ],
        { delimiter: '\t' },
      ),
      [['a', 'b']],
      [['1', 'x, y']],
    ],
    [
      'windows.csv',
      csv(
        [
          ['a', 'b'],
          ['1', 'two\r\nlines'],
        ],
        { end: '\r\n' },
      ),
      [['a', 'b']],
      [['1', 'two\r\nlines']],
    ],
    [
      'marked.csv',
      `\uFEFF${csv([
        ['a', 'b'],
        ['1', '2'],
      ])}`,
      [['a', 'b']],
      [['1', '2']],
    ],
    [
      'wide.csv',
      Buffer.from(
        `\uFEFF${csv([
          ['größe', 'b'],
          ['1', '€ 😀'],
        ])}`,
        'utf16le',
      ),
      [['größe', 'b']],
      [['1', '€ 😀']],
    ],
    ['old.csv', Buffer.from('größe,b\n1,°C\n', 'latin1'), [['größe', 'b']], [['1', '°C']]],
    [
      'headless.csv',
      '1,2\n3,4\n',
      [['1', '2']],
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'twins.csv',
      'a,a,,b\n1,2,3,4\n',
      [['1', '2', '3', '4']],
      [
        ['a', 'a', '', 'b'],
        ['1', '2', '3', '4'],
      ],
    ],
    [
      'ragged.csv',
      'a,b\n1\n1,2,3\n\n4,5\n',
      [['a', 'b', 'column 3']],
      [
        ['1', '', ''],
        ['1', '2', '3'],
        ['4', '5', ''],
      ],
    ],
    [
      'unbalanced.csv',
      'a,b\n1,"open\n2,x\n',
      [['a', 'b']],
      [
        ['1', '"open'],
        ['2', 'x'],
      ],
    ],
    ['empty.csv', '', [[]], []],
    ['head.csv', 'a,b\n', [['a', 'b']], []],
    [
      'html.csv',
      'a,b\n<script>alert(1)</script>,"<img src=x onerror=alert(1)>"\n',
      [['a', 'b']],
      [['<script>alert(1)</script>', '<img src=x onerror=alert(1)>']],
    ],
  ] as [string, string | Buffer, string[][], string[][]][])('reads %s as it was meant', async (name, content, [names], rows) => {
    await stage.writeResult(id, name, content);
    const answer = await table(name);
    expect(answer.status).toBe(200);
    expect(namesOf(answer)).toEqual(names);
    expect(rowsOf(answer).map(({ cells }) => cells)).toEqual(rows);
    expect(answer.body).not.toContain('<script>alert');
    const sorted = rowsOf(await table(name, 'sort=1'));
    expect(sorted).toHaveLength(rows.length);
  });

  it('pages through 100,000 columns', async () => {
    const columns = Array.from({ length: 100_000 }, (_, index) => `marker ${index + 1}`);
    const rows = Array.from({ length: 6 }, (_, row) => columns.map((_name, column) => String(row * 1000 + column)));
    await stage.writeResult(id, 'columns.csv', csv([columns, ...rows]));
    const first = await table('columns.csv');
    expect(namesOf(first)).toEqual(columns.slice(0, 24));
    expect(wordsOf(first.body)).toContain('Columns 1 to 24 of 100,000');
    const last = await table('columns.csv', 'cols=99990&sort=99995&dir=desc');
    expect(namesOf(last)).toEqual(columns.slice(99_989));
    expect(rowsOf(last)[0]).toEqual({ number: '6', cells: rows[5].slice(99_989) });
    expect(last.body.length).toBeLessThan(200_000);
  });

  it('says when the file was written anew, and reads it as it is', async () => {
    await stage.writeResult(id, 'new.csv', 'a\n1\n2\n');
    const old = /data-here="([^"]+)"/.exec((await table('new.csv')).body)![1].replaceAll('&amp;', '&');
    await stage.writeResult(id, 'new.csv', 'a\n7\n8\n9\n');
    await utimes(stage.resultPath(id, 'new.csv'), new Date(), new Date(Date.now() + 5000));
    const answer = await table('new.csv', plain(old).split('?')[1].replaceAll('&#x3D;', '='));
    expect(wordsOf(answer.body)).toContain('The file has been written anew');
    expect(rowsOf(answer).map(({ cells }) => cells)).toEqual([['7'], ['8'], ['9']]);
    expect(wordsOf((await table('new.csv')).body)).not.toContain('written anew');
    // What was made of the old version is gone.
    const derived = (await readdir(stage.controlPath(id, 'views'))).filter((name) => name.startsWith('table-'));
    const stems = new Set(derived.map((name) => name.split('.').slice(0, 2).join('.')));
    expect(new Set([...stems].map((stem) => stem.split('.')[0])).size).toBe(stems.size);
  });

  it.each(['a.txt', 'none.csv', '..%2f..%2fa.csv', 'picture.csv'])('has no page for %s', async (name) => {
    await stage.writeResult(id, 'a.txt', 'a,b\n');
    await stage.writeResult(id, 'picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0, 0, 0, 13]));
    const { status } = await table(name);
    expect([404, 422]).toContain(status);
  });

  it.each(['page=0', 'page=x', 'sort=-1', 'page=1&page=2', 'f1[]=x', 'x=1e9', 'row=%00'])('refuses the address %s', async (query) => {
    expect((await table('cells.csv', query)).status).toBe(422);
  });

  it.each([
    'page=999999999',
    'sort=99999',
    'f77777=x',
    'x=5000',
    'x=1&y=5000',
    'cols=9999999',
    'row=99999999',
    'f__proto__=x',
    'key=__proto__&value=1',
  ])('stands the address %s', async (query) => {
    expect((await table('cells.csv', query)).status).toBe(200);
  });

  describe('with hostile files', () => {
    /** Command lines of the programs of this process. */
    const programs = async () => {
      const ids = (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).split(' ').filter(Boolean);
      return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
    };
    const rss = async () => Number(/VmHWM:\s+(\d+)/.exec(await readFile('/proc/self/status', 'utf8'))![1]) / 1024;

    it('shows the beginning of one endless line, and costs this process nothing', async () => {
      const path = stage.resultPath(id, 'line.csv');
      const file = createWriteStream(path);
      const piece = Buffer.from('3.14,word,,"q,q",'.repeat(60_000));
      for (let bytes = 0; bytes < 60_000_000; bytes += piece.length) if (!file.write(piece)) await once(file, 'drain');
      file.end();
      await once(file, 'close');
      await writeFile('/proc/self/clear_refs', '5').catch(() => undefined);
      const before = await rss();
      const began = performance.now();
      const first = await stage.owner.get(`/runs/${id}/table/line.csv`);
      const tookMs = performance.now() - began;
      expect([first.status, rowsOf(first).length]).toEqual([200, 1]);
      expect(rowsOf(first)[0].cells.slice(0, 4)).toEqual(['3.14', 'word', '', 'q,q']);
      expect(tookMs).toBeLessThan(1500);
      const counted = await table('line.csv', 'cols=1000000');
      expect(wordsOf(counted.body)).toMatch(/1 row · 1\d,\d{3},\d{3} columns/);
      expect((await rss()) - before).toBeLessThan(100);
      const address = `/runs/${id}/table/line.csv?export=csv`;
      const { status } = await stage.owner.send(address, { headOnly: true });
      expect(status).toBe(200);
      // Whoever hangs up ends the work on it.
      await until(async () => !(await programs()).some((words) => words.includes('table-worker')), 10_000);
      await rm(path);
    });

    it('takes hundreds of megabytes without a line for one cell', async () => {
      const path = stage.resultPath(id, 'sparse.csv');
      await writeFile(path, '1,2\n3,'.padEnd(600_000, 'x'));
      // A hole reads as zeros, which a cell may hold, and costs no disk.
      await truncate(path, 300_000_000);
      const answer = await table('sparse.csv');
      expect([answer.status, rowsOf(answer).length]).toEqual([200, 2]);
      expect(rowsOf(answer)[1].cells[1]).toMatch(/ title="x{200}…">/);
      await rm(path);
    });
  });
});
