import { ShowStage, wordsOf } from '../show/show-stage';
import { until } from '../../until';
import { mainOf } from '../../web-app';

const FIRST = [
  'cell_id,area,kind',
  ...Array.from({ length: 250 }, (_, row) => `${row},${row},a`),
  '=9,1,a',
  ',5,a',
  '400,1,a',
  '400,2,a',
].join('\n');
const SECOND = [
  'area,cell_id,kind,more',
  ...Array.from({ length: 250 }, (_, row) => `${249 - row + (row === 0 ? 7 : 0)}.0,${249 - row},${row === 1 ? '"b,c"' : 'a'},x`),
  '1,=9,a,x',
  '3,400,a,x',
  '8,777,@z,x',
].join('\n');

describe('a table of two runs, joined', () => {
  let stage: ShowStage;
  let page: string;
  let ids: number[];

  beforeAll(async () => {
    stage = await ShowStage.open();
    page = `/projects/${stage.project.id}/compare/table`;
    ids = [
      await stage.ended({ 'out/cells.csv': FIRST, 'a.txt': 'x' }),
      await stage.ended({ 'out/cells.csv': SECOND }),
      await stage.ended({ 'out/cells.csv': FIRST }),
    ];
  });
  afterAll(() => stage.close());

  const asked = async (query: Record<string, string> = {}) => {
    const search = new URLSearchParams({ runs: ids.slice(0, 2).join(','), file: 'out/cells.csv', ...query });
    let html = '';
    // On a machine with much to do the page says first that it is at work.
    await until(async () => {
      const answer = await stage.owner.get(`${page}?${search.toString()}`);
      expect(answer.status).toBe(200);
      html = mainOf(answer);
      return !html.includes('data-working');
    });
    return html;
  };

  it('takes all rows, and says what is alike, in the columns, too', async () => {
    const words = wordsOf(await asked());
    expect(words).toContain('rows are matched by cell_id');
    expect(words).toContain(`In both 251 Equal 249 Changed 2 Only in #${ids[0]} 0 Only in #${ids[1]} 1`);
    expect(words).toMatch(/area 250 1 0 \+7 kind 250 1/);
    expect(words).toContain('1 to 100 of 252');
    expect(words).not.toContain('more 2');
  });

  it('says which rows cannot be matched', async () => {
    const words = wordsOf(await asked());
    expect(words).toContain(`2 rows of #${ids[0]} are not compared: several rows have the same cell_id.`);
    expect(words).toContain(`1 row of #${ids[0]} is not compared: it has no cell_id.`);
    expect(words).toContain(`1 row of #${ids[1]} is not compared: several rows have the same cell_id.`);
  });

  it('shows those that differ, the largest difference first, with a sign and not colour alone', async () => {
    const html = await asked({ show: 'changed', sort: 'column:area' });
    expect(html).toMatch(
      /<tr class="differs">\s*<th scope="row">249<\/th>\s*<td class="meta nowrap">≠ 1 column<\/td>\s*<td class="num"><mark>249<\/mark><\/td>\s*<td class="num"><mark>256\.0<\/mark>/,
    );
    expect(html).toContain('<mark>b,c</mark>');
    expect(wordsOf(html)).toContain('1 to 2 of 2');
    expect(wordsOf(await asked({ show: 'second' }))).toMatch(/777 Only in #\d+ –\s+8 – @z/);
  });

  it('turns pages, and passes over nonsense', async () => {
    expect(wordsOf(await asked({ page: '3' }))).toContain('201 to 252 of 252');
    expect(wordsOf(await asked({ page: '99999999' }))).toContain('201 to 252 of 252');
    for (const query of [{ page: '-1' }, { sort: 'column:__proto__' }, { show: 'x' }, { key: 'nothing' }, { cols: '99' }])
      await asked(query as never);
  });

  it('joins by the column that is asked for', async () => {
    const words = wordsOf(await asked({ key: 'kind' }));
    expect(words).toContain('rows are matched by kind');
    expect(words).toContain('several rows have the same kind');
  });

  it('lets the two be chosen among more', async () => {
    const words = wordsOf(await asked({ runs: ids.join(','), a: String(ids[0]), b: String(ids[2]) }));
    expect(words).toContain('Equal 251 Changed 0');
  });

  it('hands all of it out, safe for spreadsheets', async () => {
    const search = new URLSearchParams({ runs: ids.slice(0, 2).join(','), file: 'out/cells.csv', export: 'csv', show: 'all' });
    const { status, type, body } = await stage.bytes(`${page}?${search.toString()}`);
    expect([status, type]).toEqual([200, 'text/csv; charset=utf-8']);
    const lines = body.toString().split('\r\n');
    expect(lines).toHaveLength(1 + 252 + 1);
    expect(lines[0]).toBe(`cell_id,Row,area #${ids[0]},area #${ids[1]},kind #${ids[0]},kind #${ids[1]}`);
    expect(lines.slice(1, 3)).toEqual(['0,Equal,0,0.0,a,a', '1,Equal,1,1.0,a,a']);
    expect(lines[249]).toBe('248,Changed,248,248.0,a,"b,c"');
    expect(lines[251]).toBe(`'=9,Equal,1,1,a,a`);
    expect(lines[252]).toBe(`777,Only in #${ids[1]},,8,,'@z`);
    search.set('show', 'changed');
    search.set('sort', 'changes');
    expect((await stage.bytes(`${page}?${search.toString()}`)).body.toString().split('\r\n')).toHaveLength(4);
  });

  it('is not for others', async () => {
    const stranger = stage.web.browser();
    await stranger.signUp();
    const search = new URLSearchParams({ runs: ids.slice(0, 2).join(','), file: 'out/cells.csv' });
    expect((await stranger.get(`${page}?${search.toString()}`)).status).toBe(404);
  });

  it.each([{ file: '' }, { file: 'a.txt' }, { file: 'gone.csv' }, { file: '../x.csv' }, { runs: '1' }, { runs: 'x,y' }, { file: 'out' }])(
    'answers %j with a sentence',
    async (query) => {
      const search = new URLSearchParams({ runs: ids.slice(0, 2).join(','), file: 'out/cells.csv', ...query });
      const { status, body } = await stage.owner.get(`${page}?${search.toString()}`);
      expect([400, 404, 422]).toContain(status);
      expect(body).not.toMatch(/at \w+ \(/);
    },
  );
});
