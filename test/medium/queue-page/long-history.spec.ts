import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { dialectOf } from '../../../src/common/database/dialect';
import { SEARCHED_AT_ONCE } from '../../../src/web/queue/queue-lists.repository';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

/** Milliseconds when the first of the old and of the new runs ended. */
const [OLD_MS, NEW_MS] = [1_000_000, 2_000_000];
const DIGITS = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')})`;

describe('the queue page of an installation with a long history', () => {
  let web: TestWebApp;
  let browser: TestBrowser;
  let ancient: number[];
  /** The last one that is searched at once, and the one behind it. */
  let edge: number[];

  /** Runs that have ended one after the other. */
  const fill = async (count: number, title: string, state: string, fromMs: number) => {
    const source = web.app.get(DataSource);
    const tag = randomUUID().slice(0, 8);
    const id = dialectOf(source.options) === 'sqlite' ? `'${tag}' || n` : `CONCAT('${tag}', n)`;
    await source.query(
      `INSERT INTO queue (submission_id, pipeline_id, pipeline_title, project_id, owner_id, state, \`rank\`, fence, attempt, starts, max_starts,
         start_failures, time_limit_seconds, pipeline_limit, requested_ms, available_ms, started_ms, finished_ms, keep)
       SELECT ${id}, 'p', '${title}', 'project', 'somebody', '${state}', 0, 1, 1, 1, 1, 0, 60, NULL, 1, 1, 2, ${fromMs} + n, 0
       FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
             FROM ${DIGITS} a, ${DIGITS} b, ${DIGITS} c, ${DIGITS} e, ${DIGITS} f) numbers WHERE n < ${count} ORDER BY n`,
    );
  };
  /** Numbers, last first. */
  const called = async (title: string) => {
    const rows = await web.app
      .get(DataSource)
      .query<{ id: number }[]>('SELECT id FROM queue WHERE pipeline_title = ? ORDER BY id DESC', [title]);
    return rows.map(({ id }) => id);
  };
  const look = async (query: string) => {
    const html = mainOf(await browser.get(`/queue?${query}`));
    const before = /before(?:=|&#x3D;)(\d+-\d+)/.exec(html)?.[1];
    return { html, before, ids: [...html.matchAll(/<tr id="run-(\d+)"/g)].map((match) => Number(match[1])) };
  };

  beforeAll(async () => {
    web = await startTestWebApp();
    browser = web.browser();
    await browser.signUp('mira@example.org');
    await fill(2, 'Ancient', 'lost', OLD_MS);
    await fill(2, 'Edge', 'succeeded', NEW_MS - 2);
    await fill(SEARCHED_AT_ONCE - 1, 'Nuclei', 'succeeded', NEW_MS);
    [ancient, edge] = await Promise.all(['Ancient', 'Edge'].map(called));
  }, 60_000);
  afterAll(() => web.close());

  it('searches for words among the last runs, says so, and goes on from there', async () => {
    const first = await look('q=ancient');
    expect(first.html).toContain('5,000 ended runs were searched, the latest first. Older ones may fit, too.');
    expect(first.ids).toEqual([]);
    const next = await look(`q=ancient&before=${first.before}`);
    expect(next.ids).toEqual(ancient);
    expect(next.html).not.toContain('were searched');
    expect((await look('q=nuclei')).html).not.toContain('were searched');
    expect((await look('q=ancient&state=succeeded')).html).toContain('Search older runs');
  });

  it('finds a number however old its run is, and once', async () => {
    const number = ancient[1];
    const first = await look(`q=%23${number}`);
    expect(first.ids).toEqual([number]);
    expect((await look(`q=${number}&before=${first.before}`)).ids).toEqual([]);
    expect((await look(`q=${number}&state=failed`)).ids).toEqual([]);
    expect((await look(`q=${number}&whose=mine`)).ids).toEqual([]);
  });

  it('finds all of a state, common or rare', async () => {
    expect((await look('state=lost')).ids).toEqual(ancient);
    const common = await look('state=succeeded');
    expect(common.ids).toHaveLength(30);
    expect((await look(`state=succeeded&before=${common.before}`)).ids[0]).toBe(common.ids[29] - 1);
    expect((await look('state=failed')).html).toContain('No run fits');
  });

  it('searches each run once, where one search ends and the next begins', async () => {
    const first = await look('q=edge');
    const next = await look(`q=edge&before=${first.before}`);
    expect([first.ids, next.ids]).toEqual([[edge[0]], [edge[1]]]);
    expect([first.html.includes('were searched'), next.html.includes('were searched')]).toEqual([true, false]);
  });
});
