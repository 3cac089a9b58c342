import { appendFile, truncate } from 'node:fs/promises';
import { until } from '../../until';
import { ShowStage, wordsOf } from './show-stage';

interface Row {
  at: number;
  c?: boolean;
  t?: string;
  more?: number;
  s: [string, string][];
}

interface Rows {
  rows: Row[];
  first: number | null;
  from: number;
  to: number;
  resume: number;
  size: number;
  lines: number | null;
  cut: string | null;
  attempt: number;
  grows: boolean;
}

interface Hits {
  hits: { at: number; line: number | null }[];
  scanned: number;
  isDone: boolean;
}

const textOf = (row: Row | undefined) => row?.s.map(([text]) => text).join('');
/** As browsers read the addresses in it. */
const unescaped = (html: string) => html.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
const CUT_NOTE = '\n[The log ends here: it reached the size limit, or the disk is full. The program went on.]\n';

describe('the log of a run', () => {
  let stage: ShowStage;
  beforeAll(async () => (stage = await ShowStage.open({ MAX_LOG: '1 MB' })));
  afterAll(() => stage.close());

  const append = (id: number, text: string | Buffer) => appendFile(stage.controlPath(id, '1/log'), text);
  async function json<Answer>(id: number, path: string): Promise<Answer> {
    const answer = await stage.owner.get(`/runs/${id}/log/${path}`, { accept: 'application/json' });
    expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    return JSON.parse(answer.body) as Answer;
  }
  const rows = (id: number, query = '') => json<Rows>(id, `rows?${query}`);
  const search = (id: number, query: string) => json<Hits>(id, `search?${query}`);
  const page = async (id: number, query: string) => unescaped((await stage.owner.get(`/runs/${id}/log${query}`)).body);
  const texts = ({ rows: some }: Rows) => some.map(textOf);
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join('');

  describe('followed', () => {
    it('sends a line that has no end yet until it has one', async () => {
      const { id, fence } = await stage.running();
      expect(await rows(id, 'at=0')).toMatchObject({ rows: [], resume: 0, size: 0, lines: 0, grows: true, attempt: 1, cut: null });
      await append(id, 'one\nWARNING: two\n10%');
      const first = await rows(id, 'at=0');
      expect(first).toMatchObject({ rows: [{ at: 0 }, { at: 4, t: 'w' }, { at: 17 }], first: 1, resume: 17, to: 20, lines: 3 });
      await append(id, '\r50%');
      expect(texts(await rows(id, 'at=17'))).toEqual(['50%']);
      await append(id, '\r100%\n');
      expect(await rows(id, 'at=17')).toMatchObject({ rows: [{ at: 17, s: [['100%', '']] }], first: 3, resume: 30 });
      expect(await rows(id, 'at=30')).toMatchObject({ rows: [], resume: 30, lines: 3 });
      await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
      expect((await rows(id, 'at=30')).grows).toBe(false);
    });

    it('gives every line once, however it is written', async () => {
      const { id } = await stage.running();
      const seen = new Map<number, string>();
      let resume = 0;
      const look = async () => {
        const news = await rows(id, `at=${resume}`);
        for (const at of seen.keys()) if (at >= news.from) seen.delete(at);
        for (const row of news.rows) seen.set(row.at, textOf(row)!);
        ({ resume } = news);
      };
      for (let index = 0; index < 150; index++) {
        const line = Buffer.from(`Zeile ${index} µm\n`);
        const cut = (index * 7) % line.length;
        await append(id, line.subarray(0, cut));
        if (index % 3 === 0) await look();
        await append(id, line.subarray(cut));
        if (index % 7 === 0) await look();
      }
      await look();
      expect([...seen.values()]).toEqual(Array.from({ length: 150 }, (_, index) => `Zeile ${index} µm`));
    });
  });

  describe('at any place', () => {
    let id: number;
    let log: string;
    beforeAll(async () => {
      log = numbered(60_000);
      id = await stage.ended({}, { log });
    });

    it('begins at the end', async () => {
      const end = await rows(id, 'most=3');
      expect(end).toMatchObject({ first: 59_998, to: log.length, size: log.length, resume: log.length, lines: 60_000 });
      expect(texts(end)).toEqual(['line 59998', 'line 59999', 'line 60000']);
    });

    it('is read forwards and backwards without a gap', async () => {
      const forwards: string[] = [];
      for (let at = 0; at < log.length;) {
        const block = await rows(id, `at=${at}&most=499`);
        expect(block.first).toBe(forwards.length + 1);
        forwards.push(...texts(block).map((text) => text!));
        at = block.to;
      }
      expect(forwards.join('\n')).toBe(log.trimEnd());
      const backwards: string[] = [];
      for (let before = log.length; before > 0;) {
        const block = await rows(id, `before=${before}&most=499`);
        backwards.unshift(...texts(block).map((text) => text!));
        before = block.from;
      }
      expect(backwards).toEqual(forwards);
    });

    it('finds lines by number and by byte', async () => {
      for (const line of [1, 2, 29_999, 59_999, 60_000]) {
        const block = await rows(id, `line=${line}&most=1`);
        expect(block).toMatchObject({ first: line, rows: [{ s: [[`line ${line}`, '']] }] });
        expect(await rows(id, `at=${block.from + 3}&most=1`)).toMatchObject({ first: line, from: block.from });
      }
      expect((await stage.owner.get(`/runs/${id}/log/rows?line=60001`)).status).toBe(404);
      expect((await rows(id, 'at=999999999999999')).rows).toEqual([]);
    });

    it('is a page that needs no script', async () => {
      const body = await page(id, '');
      expect(body).toMatch(/data-n="59501"><\/a>line 59501<\/span>/);
      expect(body).not.toContain('>line 59500<');
      const older = /href="(\/runs\/\d+\/log\?before=\d+)"/.exec(body)![1];
      expect((await stage.owner.get(older)).body).toMatch(/line 59500<\/span><\/pre>/);
      const middle = await page(id, '?line=30000');
      expect(middle).toMatch(/class="here"><a [^>]*href="\/runs\/\d+\/log\?line=30000" data-n="30000"><\/a>line 30000</);
      expect(middle).toContain('>line 29988<');
      expect(wordsOf(middle)).toMatch(/Start Earlier lines Later lines End.*60,000 lines/);
      const beyond = await page(id, '?line=60001');
      expect(wordsOf(beyond)).toContain('There is no line 60,001.');
      expect(beyond).toContain('data-at-end');
    });
  });

  describe('searched', () => {
    it('finds words in any case, forwards and backwards, with the numbers of their lines', async () => {
      const id = await stage.ended({}, { log: numbered(100_000) });
      expect(await search(id, 'q=LINE%2099999')).toMatchObject({ hits: [{ line: 99_999 }], isDone: true });
      const some = await search(id, 'q=7777&most=3');
      expect(some.hits.map((hit) => hit.line)).toEqual([7777, 17_777, 27_777]);
      const next = await search(id, `q=7777&most=1&from=${some.scanned}`);
      expect(next.hits[0].line).toBeGreaterThan(27_777);
      const before = await search(id, `q=7777&most=2&backwards=1&from=${some.hits[2].at}`);
      expect(before.hits.map((hit) => hit.line)).toEqual([17_777, 7777]);
      expect(textOf((await rows(id, `at=${before.hits[0].at}&most=1`)).rows[0])).toBe('line 17777');
      expect(await search(id, 'q=nowhere')).toMatchObject({ hits: [], isDone: true });
    });

    it('looks at what a terminal shows', async () => {
      const bar = Array.from({ length: 5000 }, (_, index) => `\r\u{1b}[32m${index}\u{1b}[0m of 5000 tiles`).join('');
      const id = await stage.ended({}, { log: `first\n${bar}\n\u{1b}[31mFAI\u{1b}[1mLED\u{1b}[0m in tile Ä7\nlast (a+b)\r\n` });
      const lines = async (query: string) => (await search(id, query)).hits.map((hit) => hit.line);
      expect(await lines('q=failed')).toEqual([3]);
      expect(await lines('q=4999%20of')).toEqual([2]);
      expect(await lines('q=4998%20of')).toEqual([]);
      expect(await lines('q=%C3%A47')).toEqual([3]);
      expect(await lines('q=[32m')).toEqual([]);
      expect(await lines('q=(a%2Bb)')).toEqual([4]);
      expect(await lines('q=%5Ela.t&expression=1')).toEqual([4]);
      expect(await lines('q=.&expression=1&most=2')).toEqual([1, 2]);
    });

    it('finds lines that look like errors', async () => {
      const id = await stage.ended({}, { log: 'begin\n0 errors\nFATAL: no image\nmean error = 2\n\u{1b}[31merror\u{1b}[0m: two\n' });
      expect((await search(id, 'errors=1')).hits.map((hit) => hit.line)).toEqual([3, 5]);
    });

    it('ends an expression that never ends, and lets the next one in', async () => {
      const id = await stage.ended({}, { log: `${'a'.repeat(60_000)}!\n` });
      const slow = await stage.owner.get(`/runs/${id}/log/search?q=${encodeURIComponent('(a|aa)+$')}&expression=1`, {
        accept: 'application/json',
      });
      expect([slow.status, slow.body]).toEqual([422, expect.stringContaining('took too long') as string]);
      expect((await search(id, 'q=aaa')).hits).toHaveLength(1);
      expect((await stage.owner.get(`/runs/${id}/log/search?q=(&expression=1`)).status).toBe(422);
    });

    it('is a page that needs no script', async () => {
      const id = await stage.ended({}, { log: `${numbered(1000)}<b>needle</b> {{x}}\n` });
      expect(wordsOf(await page(id, '?q=needle'))).toMatch(/Lines with “needle”.*1,001 <b>needle<\/b> \{\{x\}\}/);
      const more = /href="(\/runs\/\d+\/log\?[^"]*searched=\d+[^"]*)"/.exec(await page(id, '?q=line'))![1];
      expect(wordsOf((await stage.owner.get(more)).body)).toMatch(/51 line 51/);
      expect(wordsOf(await page(id, '?q=nothing'))).toContain('No line of the log has it.');
    });
  });

  describe('drawn', () => {
    it('shows colours, and the last state of bars, as classes only', async () => {
      const bar = Array.from({ length: 9000 }, (_, index) => `\rtile ${index}`).join('');
      const id = await stage.ended({}, { log: `\u{1b}[1;31mred\n still\u{1b}[0m\n\u{1b}[38;2;255;128;0mtrue\u{1b}[m\n${bar}\nend\n` });
      const answer = await rows(id, 'at=0');
      expect(answer.rows.map((row) => row.s)).toEqual([
        [['red', 'f1 bo']],
        [[' still', 'f1 bo']],
        [['true', 'f208']],
        [['tile 8999', '']],
        [['end', '']],
      ]);
      expect([answer.first, answer.lines]).toEqual([1, 5]);
      const { body } = await stage.owner.get(`/runs/${id}/log`);
      expect(body).toContain('<span class="f1 bo">red</span>');
      expect(body).not.toContain('\u{1b}');
      expect(body).not.toContain('style=');
    });

    it.each([
      ['a script', '<script>alert(1)</script>\n', '<script>alert'],
      ['an attribute', '" onmouseover="alert(1)\n', '" onmouseover'],
      ['a link of a terminal', '\u{1b}]8;;javascript:alert(1)\u{7}click\u{1b}]8;;\u{7}\n', 'javascript:'],
      ['a colour with a quote', '\u{1b}[31"><b>m\n', '"><b>'],
      ['template words', '{{constructor}} {{{body}}}\n', '[object'],
      ['bytes that are no text', Buffer.from([0, 1, 2, 0xff, 0xfe, 10]), '\u{0}'],
      ['a line of ten megabytes', 'x'.repeat(10_000_000), 'x'.repeat(3000)],
    ])('does nothing with %s', async (_what, content, forbidden) => {
      const { id } = await stage.running();
      await append(id, content);
      for (const path of [`/runs/${id}`, `/runs/${id}/log`]) {
        const { status, body } = await stage.owner.get(path);
        expect(status).toBe(200);
        expect(body).not.toContain(forbidden);
      }
      const answer = await stage.owner.get(`/runs/${id}/log/rows`);
      expect(answer.body.length).toBeLessThan(300_000);
      expect(answer.body).not.toContain('\\u001b');
    });

    it('folds long lines, and opens them', async () => {
      const id = await stage.ended({}, { log: `${'abcdefghij'.repeat(1000)}\nnext\n` });
      expect((await rows(id, 'at=0')).rows[0]).toMatchObject({ more: 8000 });
      expect(textOf((await rows(id, 'at=0&whole=1')).rows[0])).toHaveLength(10_000);
      const { body } = await stage.owner.get(`/runs/${id}/log`);
      expect(wordsOf(body)).toContain('… 8000 more characters');
      expect((await stage.owner.get(`/runs/${id}/log?at=0&whole=1`)).body).toContain('abcdefghij'.repeat(1000));
    });
  });

  it('says that it was cut, why, and at which size', async () => {
    const atLimit = await stage.ended({}, { log: `${'x'.repeat(999_400)}${CUT_NOTE}` });
    for (const path of ['', '/log'])
      expect(wordsOf((await stage.owner.get(`/runs/${atLimit}${path}`)).body)).toMatch(/was cut at 999 kB, the most that is kept/);
    const full = await stage.ended({}, { log: `some${CUT_NOTE}` });
    expect(wordsOf((await stage.owner.get(`/runs/${full}/log`)).body)).toMatch(/was cut at 95 bytes, because the disk was full/);
    expect(await rows(full)).toMatchObject({ cut: 'full' });
    expect((await stage.owner.get(`/runs/${full}/log`, { 'accept-language': 'zh' })).body).toContain('处截断，因为磁盘已满。');
    expect(await rows(await stage.ended({}, { log: 'whole' }))).toMatchObject({ cut: null });
  });

  it('of an earlier attempt is still there', async () => {
    const { id, fence } = await stage.running({ maxStarts: 2 });
    await append(id, 'the first try\n');
    expect(await stage.store.retry({ runId: id, fence }, 'again')).toBe(true);
    await stage.held(id);
    await stage.writeControl(id, '2/log', 'the second try\n');
    expect(texts(await rows(id))).toEqual(['the second try']);
    expect(texts(await rows(id, 'attempt=1'))).toEqual(['the first try']);
    const first = await page(id, '?attempt=1');
    expect(wordsOf(first)).toMatch(/Attempt 1 Attempt 2.*the first try/);
    expect(first).toContain(`href="/runs/${id}/log?line=1&attempt=1"`);
    expect((await stage.owner.get(`/runs/${id}/log/file?attempt=1&download=1`)).headers['content-disposition']).toBe(
      `attachment; filename="run-${id}-attempt-1.log"`,
    );
  });

  it('comes whole as plain text, in parts where asked', async () => {
    const id = await stage.ended({}, { log: 'one\ntwo <b>\n' });
    const whole = await stage.owner.get(`/runs/${id}/log/file`);
    expect(whole).toMatchObject({ status: 200, body: 'one\ntwo <b>\n' });
    expect(whole.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '12',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    const etag = whole.headers.etag!;
    expect((await stage.owner.get(`/runs/${id}/log/file`, { 'if-none-match': etag })).status).toBe(304);
    expect(await stage.owner.get(`/runs/${id}/log/file`, { range: 'bytes=4-6' })).toMatchObject({ status: 206, body: 'two' });
    expect((await stage.owner.get(`/runs/${id}/log/file?download=1`)).headers['content-disposition']).toBe(
      `attachment; filename="run-${id}.log"`,
    );
    const waiting = await stage.queued();
    expect(await stage.owner.get(`/runs/${waiting}/log/file`)).toMatchObject({ status: 200, body: '' });
    expect(wordsOf((await stage.owner.get(`/runs/${waiting}/log`)).body)).toContain('The run has not started');
  });

  it('is read anew when it was replaced by a shorter one', async () => {
    const { id } = await stage.running();
    await append(id, numbered(50_000));
    expect((await rows(id, 'most=1')).lines).toBe(50_000);
    await truncate(stage.controlPath(id, '1/log'), 7);
    expect(await rows(id)).toMatchObject({ lines: 1, size: 7, first: 1 });
  });

  it('costs a page little at hundreds of megabytes, and is counted behind it', async () => {
    const { id } = await stage.running();
    await append(id, 'begin\n');
    await truncate(stage.controlPath(id, '1/log'), 300_000_000);
    await append(id, '\nlast line\n');
    for (const path of ['', '/log', '/log?at=150000000', '/log?at=0']) {
      expect([path, (await stage.owner.get(`/runs/${id}${path}`)).status]).toEqual([path, 200]);
    }
    await until(async () => (await rows(id, 'most=1')).lines === 3, 60_000);
    expect(textOf((await rows(id, 'line=3')).rows[0])).toBe('last line');
  }, 90_000);

  it.each([
    'rows?at=-1',
    'rows?at=1e9',
    'rows?at=x',
    'rows?at[]=1',
    'rows?at=1&at=2',
    'rows?at[__proto__]=1',
    'rows?at=1&line=2',
    `rows?line=${'9'.repeat(20)}`,
    'rows?attempt=2',
    'rows?attempt=../1',
    'rows?most=-1',
    'search',
    'search?q=',
    'search?q[]=x',
    `search?q=${'x'.repeat(201)}`,
    'search?q=x&from=-1',
    'file?attempt=9',
  ])('refuses %s', async (path) => {
    const id = await stage.ended({}, { log: 'x' });
    const { status } = await stage.owner.get(`/runs/${id}/log/${path}`);
    expect([400, 422]).toContain(status);
  });
});
