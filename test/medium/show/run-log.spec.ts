import { appendFile, truncate } from 'node:fs/promises';
import { ShowStage, wordsOf } from './show-stage';

interface News {
  lines: { text: string; tone: string }[];
  unfinished: { text: string } | null;
  next: number;
  skipped: boolean;
  grows: boolean;
  attempt: number;
}

describe('the log of a run', () => {
  let stage: ShowStage;
  beforeAll(async () => (stage = await ShowStage.open()));
  afterAll(() => stage.close());

  const append = (id: number, text: string | Buffer) => appendFile(stage.controlPath(id, '1/log'), text);
  async function news(id: number, from: number | string): Promise<News> {
    const answer = await stage.owner.get(`/runs/${id}/log?from=${from}`, { accept: 'application/json' });
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    return JSON.parse(answer.body) as News;
  }

  it('is followed by bytes, with the line that has no end yet sent until it has one', async () => {
    const { id, fence } = await stage.running();
    expect(await news(id, 0)).toMatchObject({ lines: [], unfinished: null, next: 0, grows: true, attempt: 1 });
    await append(id, 'one\nWARNING: two\n10%');
    const first = await news(id, 0);
    expect(first).toMatchObject({
      lines: [{ text: 'one' }, { text: 'WARNING: two', tone: 'warning' }],
      unfinished: { text: '10%' },
      next: 17,
    });
    await append(id, '\r50%');
    expect(await news(id, first.next)).toMatchObject({ lines: [], unfinished: { text: '50%' }, next: 17 });
    await append(id, '\r100%\n');
    expect(await news(id, first.next)).toMatchObject({ lines: [{ text: '100%' }], unfinished: null, next: 30 });
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
    expect((await news(id, 30)).grows).toBe(false);
  });

  it('gives every line once, however it is cut', async () => {
    const { id } = await stage.running();
    const seen: string[] = [];
    let next = 0;
    for (let index = 0; index < 300; index++) {
      await append(id, Buffer.from(`Zeile ${index} µm\n`).subarray(0, index % 3 ? undefined : 5));
      if (index % 3 === 0) await append(id, Buffer.from(`Zeile ${index} µm\n`).subarray(5));
      if (index % 7) continue;
      const { lines, next: after } = await news(id, next);
      seen.push(...lines.map((line) => line.text));
      next = after;
    }
    seen.push(...(await news(id, next)).lines.map((line) => line.text));
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => `Zeile ${index} µm`));
  });

  it('leaves lines out, and says so, where a follower is far behind', async () => {
    const { id } = await stage.running();
    await append(id, `${'x'.repeat(99)}\n`.repeat(20_000));
    const late = await news(id, 0);
    expect(late).toMatchObject({ skipped: true, next: 2_000_000 });
    expect(late.lines.length).toBeLessThanOrEqual(1000);
    await truncate(stage.controlPath(id, '1/log'), 3);
    expect(await news(id, 2_000_000)).toMatchObject({ unfinished: { text: 'xxx' }, next: 0 });
  });

  it('shows the last two hundred lines with their numbers', async () => {
    const { id, fence } = await stage.running();
    await append(id, Array.from({ length: 1234 }, (_, index) => `line ${index + 1}\n`).join(''));
    const page = await stage.page(id);
    expect(page).toContain('<span data-n="1035">line 1035</span>');
    expect(page).toContain('<span data-n="1234">line 1234</span></pre>');
    expect(page).not.toContain('>line 1034<');
    expect(page).toContain('data-number="1235"');
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
    expect(wordsOf(await stage.page(id))).toContain('1,234 lines');
  });

  it.each([
    ['a script', '<script>alert(1)</script>\n', '<script>alert'],
    ['an attribute', '" onmouseover="alert(1)\n', '" onmouseover'],
    ['a link of a terminal', '\u{1b}]8;;javascript:alert(1)\u{7}click\u{1b}]8;;\u{7}\n', 'javascript:'],
    ['colours', '\u{1b}[31mred\u{1b}[0m\n', '\u{1b}'],
    ['template words', '{{constructor}} {{{body}}}\n', '[object'],
    ['bytes that are no text', Buffer.from([0, 1, 2, 0xff, 0xfe, 10]), '\u{0}'],
    ['a line of ten megabytes', 'x'.repeat(10_000_000), 'x'.repeat(3000)],
  ])('does nothing with %s', async (_what, content, forbidden) => {
    const { id } = await stage.running();
    await append(id, content);
    const page = await stage.page(id);
    expect(page).not.toContain(forbidden);
    const { body } = await stage.owner.get(`/runs/${id}/log?from=0`);
    expect(body.length).toBeLessThan(20_000);
    expect(JSON.parse(body)).toMatchObject({ skipped: content.length > 1_000_000 });
  });

  it('costs a page little at one gigabyte', async () => {
    const { id } = await stage.running();
    await append(id, 'begin\n');
    await truncate(stage.controlPath(id, '1/log'), 1_000_000_000);
    await append(id, '\nlast line\n');
    const began = performance.now();
    const page = await stage.page(id);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(page).toContain('>last line</span></pre>');
    expect(page).not.toContain('data-n=');
  });

  it('comes whole as plain text, in parts where asked', async () => {
    const id = await stage.ended({}, { log: 'one\ntwo <b>\n' });
    const whole = await stage.owner.get(`/runs/${id}/log`);
    expect(whole).toMatchObject({ status: 200, body: 'one\ntwo <b>\n' });
    expect(whole.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
    expect(await stage.owner.get(`/runs/${id}/log`, { range: 'bytes=4-6' })).toMatchObject({ status: 206, body: 'two' });
    expect((await stage.owner.get(`/runs/${id}/log?download=1`)).headers['content-disposition']).toBe(
      `attachment; filename="run-${id}.log"`,
    );
    const waiting = await stage.queued();
    expect(await stage.owner.get(`/runs/${waiting}/log`)).toMatchObject({ status: 200, body: '' });
  });

  it.each([
    'from=-1',
    'from=1e9',
    'from=x',
    'from=',
    'from[]=1',
    'from=1&from=2',
    'from[__proto__]=1',
    `from=${'9'.repeat(20)}`,
    'attempt=2',
    'attempt=../1',
    'attempt=-1',
  ])('refuses %s', async (query) => {
    const id = await stage.ended({}, { log: 'x' });
    const { status } = await stage.owner.get(`/runs/${id}/log?${query}`);
    expect([400, 422]).toContain(status);
  });
});
