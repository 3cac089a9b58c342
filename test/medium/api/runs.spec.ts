import { gzipSync } from 'node:zlib';
import { ApiOrdersRepository } from '../../../src/common/api-orders/api-orders.repository';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { OpenApi } from '../../../src/web/api/description/open-api';
import { ApiClient, programOf, type ApiAnswer } from '../../api-client';
import { OpenApiCheck } from '../../open-api-check';
import { mainOf } from '../../web-app';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';

interface RunJson {
  id: number;
  state: string;
  parameters: Record<string, unknown>;
}

interface ProblemJson {
  status: number;
  title: string;
  detail: string;
  type: string;
  code?: string;
  errors?: { field: string; message: string }[];
}

const ORDER = { pipeline: 'blur', parameters: { input: 'project:cells.txt', sigma: 0.5, kernel: 'gauss' } };

describe('runs by programs', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  let email: string;
  let program: ApiClient;
  let check: OpenApiCheck;
  let orders: string;

  beforeAll(async () => {
    ({ stage, email, close } = await openApiWorld());
    program = await programOf(stage.web, email);
    check = new OpenApiCheck(stage.web.app.get(OpenApi, { strict: false }).document());
    orders = `/projects/${stage.project.id}/runs`;
  });
  afterAll(() => close?.());

  /** Holds each answer to the document. */
  async function ask(method: string, path: string, request: Parameters<ApiClient['ask']>[2] = {}, by = program): Promise<ApiAnswer> {
    const answer = await by.ask(method, path, request);
    const plain = `/api/v1${path.replace(/\?.*$/, '')}`;
    const found = check
      .operations()
      .filter((one) => one.method === method.toLowerCase() && patternOf(one.path).test(plain))
      .toSorted((one, other) => one.path.split('{').length - other.path.split('{').length)[0];
    expect(found ? [path, answer.status, check.faultsOf(found.operation, answer)] : `${method} ${path} is not described`).toEqual([
      path,
      answer.status,
      [],
    ]);
    return answer;
  }

  const get = (path: string, headers = {}) => ask('GET', path, { headers });
  const post = (path: string, body?: unknown, headers = {}) => ask('POST', path, { body, headers });
  const problemIn = (answer: ApiAnswer) => answer.json as ProblemJson;

  it('are asked for as by the form, and look the same on the page', async () => {
    const { status, headers, json } = await post(orders, ORDER);
    const { run } = json as { run: RunJson };
    expect(status).toBe(201);
    expect(headers.location).toBe(`/api/v1/runs/${run.id}`);
    expect(run).toMatchObject({
      state: 'queued',
      isMine: true,
      pipeline: { id: 'blur', title: 'Blur' },
      project: { id: stage.project.id },
    });
    expect(run.parameters).toEqual({ input: 'project:cells.txt', sigma: '0.5', kernel: 'gauss', output: 'blurred.txt' });
    expect(await stage.page(run.id)).toContain('data-run-state="queued"');
    expect((await get(`/runs/${run.id}`)).json).toEqual(run);
  });

  it('are refused with the sentences of the form, each beside its parameter', async () => {
    const wrong = { pipeline: 'blur', parameters: { input: 'project:gone.txt', sigma: 99, kernel: 'round', other: 1 } };
    const answer = await post(orders, wrong);
    const problem = problemIn(answer);
    expect([answer.status, answer.headers['content-type']]).toEqual([422, 'application/problem+json; charset=utf-8']);
    expect(problem).toMatchObject({ status: 422, code: 'api.wrongFields', type: '/help/api#status-422' });
    const faults = Object.fromEntries(problem.errors!.map(({ field, message }) => [field, message]));
    expect(Object.keys(faults).toSorted()).toEqual(['parameters.input', 'parameters.kernel', 'parameters.other', 'parameters.sigma']);
    const form = await stage.owner.postForm(`/projects/${stage.project.id}/run/blur`, { 'p.input': 'project:gone.txt', 'p.sigma': '99' });
    expect(form.status).toBe(422);
    for (const name of ['input', 'sigma']) expect(form.body.replaceAll('&#x27;', "'")).toContain(faults[`parameters.${name}`]);
  });

  it('are asked for once under one key, whatever breaks off, and the key is for nothing else', async () => {
    const key = { 'idempotency-key': 'once-1' };
    const [one, other] = await Promise.all([post(orders, ORDER, key), post(orders, ORDER, key)]);
    const { id } = (one.json as { run: RunJson }).run;
    expect((other.json as { run: RunJson }).run.id).toBe(id);
    const again = await post(orders, ORDER, key);
    expect([again.status, again.headers['idempotency-replayed'], (again.json as { run: RunJson }).run.id]).toEqual([201, 'true', id]);
    const misused = await post(orders, { ...ORDER, parameters: { ...ORDER.parameters, sigma: 1 } }, key);
    expect([misused.status, problemIn(misused).code]).toEqual([422, 'api.usedOrderKey']);
    // As after a crash between the run and its note: the same run is found.
    const [row] = await stage.web.app.get(ApiOrdersRepository, { strict: false })['orders'].find();
    await stage.web.app.get(ApiOrdersRepository, { strict: false })['orders'].update({ keyHash: row.keyHash }, { runId: null });
    expect(((await post(orders, ORDER, key)).json as { run: RunJson }).run.id).toBe(id);
    // What was refused leaves the key free.
    const wrong = { ...ORDER, parameters: { input: 'project:none.txt' } };
    expect((await post(orders, wrong, { 'idempotency-key': 'once-2' })).status).toBe(422);
    expect((await post(orders, ORDER, { 'idempotency-key': 'once-2' })).status).toBe(201);
    expect((await post(orders, ORDER, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(422);
  });

  it('can be tried without being queued', async () => {
    const before = (await get('/runs?limit=1')).json as { items: RunJson[] };
    const { status, json } = await post(`${orders}?dryRun=true`, ORDER);
    expect(status).toBe(200);
    expect(json).toEqual({
      dryRun: true,
      pipeline: { id: 'blur', title: 'Blur', version: '' },
      runCount: 1,
      runs: [
        {
          parameters: { input: 'project:cells.txt', sigma: '0.5', kernel: 'gauss', output: 'blurred.txt' },
          command: ['./blur', 'cells.txt', '0.5', 'gauss', 'results/blurred.txt'],
          files: [],
          inputs: [],
        },
      ],
    });
    const several = { ...ORDER, sweep: { axes: [{ parameter: 'sigma', values: [1, '2..4'] }] } };
    const sweep = (await post(`${orders}?dryRun=true`, several)).json as { runCount: number };
    expect(sweep.runCount).toBe(4);
    expect((await post(`${orders}?dryRun=true`, { ...ORDER, parameters: {} })).status).toBe(422);
    expect(((await get('/runs?limit=1')).json as { items: RunJson[] }).items).toEqual(before.items);
  });

  it('are asked for together, listed, cancelled and taken back', async () => {
    const order = { ...ORDER, sweep: { mode: 'all', axes: [{ parameter: 'sigma', values: [1, 2, 3] }] } };
    const { status, json } = await post(orders, order, { 'idempotency-key': 'several' });
    const { sweep, runs } = json as { sweep: { id: string; runCount: number }; runs: number[] };
    expect([status, sweep.runCount, runs.length]).toEqual([201, 3, 3]);
    expect(((await post(orders, order, { 'idempotency-key': 'several' })).json as { runs: number[] }).runs).toEqual(runs);
    const path = `/projects/${stage.project.id}/sweeps/${sweep.id}`;
    expect((await get(path)).json).toMatchObject({ states: { queued: 3 }, isOver: false });
    const listed: number[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page = (await get(`${path}/runs?limit=2${next === '' ? '' : `&after=${next}`}`)).json as {
        items: RunJson[];
        next: string | null;
      };
      listed.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(listed).toEqual(runs);
    const cancelled = (await post(`${path}/cancel`)).json as { count: number; since: string };
    expect(cancelled.count).toBe(3);
    expect((await get(path)).json).toMatchObject({ states: { cancelled: 3 }, isOver: true });
    expect((await post(`${path}/requeue`, { since: cancelled.since })).json).toEqual({ count: 3 });
    const wrong = await post(orders, { ...ORDER, sweep: { axes: [{ parameter: 'none', values: [1] }] } });
    expect([wrong.status, problemIn(wrong).errors?.[0].field]).toEqual([422, 'sweep']);
  });

  it('are cancelled, come back, and are asked for once more', async () => {
    const { run } = (await post(orders, ORDER)).json as { run: RunJson };
    expect((await post(`/runs/${run.id}/cancel`)).json).toMatchObject({ outcome: 'cancelled', run: { state: 'cancelled', isFinal: true } });
    expect((await post(`/runs/${run.id}/cancel`)).json).toMatchObject({ outcome: 'cancelled' });
    const late = await post(`/runs/${await stage.ended()}/cancel`);
    expect([late.status, problemIn(late).code]).toEqual([409, 'queue.flashAlreadyFinal']);
    const back = await post(`/runs/${run.id}/requeue`);
    expect([back.status, (back.json as RunJson).state]).toEqual([201, 'queued']);
    const again = await post(`/runs/${run.id}/again`);
    expect([again.status, (again.json as RunJson).parameters]).toEqual([201, run.parameters]);
    expect((await post(`/runs/${(again.json as RunJson).id}/again`)).status).toBe(409);
  });

  it('are listed newest first, page by page, by state, pipeline and project', async () => {
    const all: number[] = [];
    let path: string | undefined = '/runs?limit=3';
    while (path !== undefined) {
      const { json, headers } = await get(path);
      all.push(...(json as { items: RunJson[] }).items.map(({ id }) => id));
      const [, next] = /^<\/api\/v1(\/[^>]+)>; rel="next"$/.exec(String(headers.link ?? '')) ?? [];
      expect(next === undefined).toBe((json as { next: unknown }).next === null);
      path = next;
    }
    expect(all).toEqual(all.toSorted((one, other) => other - one));
    expect(new Set(all).size).toBe(all.length);
    expect(((await get(`${orders}?limit=200`)).json as { items: RunJson[] }).items.map(({ id }) => id)).toEqual(all);
    const states = ((await get('/runs?state=cancelled&limit=200')).json as { items: RunJson[] }).items.map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['cancelled']));
    expect(((await get('/runs?pipeline=merge')).json as { items: unknown[] }).items).toEqual([]);
    expect(((await get(`/runs?project=${crypto.randomUUID()}`)).json as { items: unknown[] }).items).toEqual([]);
    for (const query of ['limit=0', 'limit=x', 'state=gone', 'after=x', 'afterwards=1', 'after=bnVsbA'])
      expect([query, (await get(`/runs?${query}`)).status]).toEqual([query, 422]);
  });

  it('tell what has happened to them, their log from an offset, and their results', async () => {
    const id = await stage.ended(
      { 'table.csv': 'cell,area\n', 'deep/a b.txt': '0123456789' },
      { log: 'one\ntwo\n' },
      { pipelineId: 'blur' },
    );
    const events = (await get(`/runs/${id}/events`)).json as { items: { from: string | null; to: string }[] };
    expect(events.items.map(({ to }) => to)).toEqual(['queued', 'starting', 'running', 'succeeded']);
    expect(events.items[0].from).toBeNull();

    const first = await get(`/runs/${id}/log?limit=5`);
    expect([first.text, first.headers['log-offset'], first.headers['log-end']]).toEqual(['one\nt', '5', 'false']);
    const rest = await get(`/runs/${id}/log?offset=5`);
    expect([rest.text, rest.headers['log-offset'], rest.headers['log-end']]).toEqual(['wo\n', '8', 'true']);
    const beyond = await get(`/runs/${id}/log?offset=99`);
    expect([beyond.text, beyond.headers['log-offset'], beyond.headers['log-end']]).toEqual(['', '8', 'true']);
    expect((await get(`/runs/${id}/log?attempt=7`)).status).toBe(404);

    const { items } = (await get(`/runs/${id}/results`)).json as { items: { path: string; name: string; size: number }[] };
    expect(items.map(({ path, name, size }) => [path, name, size])).toEqual([
      ['table.csv', 'table.csv', 10],
      ['deep/a b.txt', 'deep/a b.txt', 10],
    ]);
    const whole = await get(`/runs/${id}/results/deep/a%20b.txt`);
    expect([whole.status, whole.text]).toEqual([200, '0123456789']);
    const part = await get(`/runs/${id}/results/deep/a%20b.txt`, { range: 'bytes=2-4' });
    expect([part.status, part.text, part.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await get(`/runs/${id}/results/deep/a%20b.txt`, { 'if-none-match': whole.headers.etag! })).status).toBe(304);
    expect((await get(`/runs/${id}/results/none.txt`)).status).toBe(404);
    expect((await get(`/runs/${id}/events`, { accept: 'text/event-stream' })).status).toBe(204);
    const crate = await get(`/runs/${id}/crate`);
    expect([crate.status, crate.headers['content-type'], crate.text.slice(0, 2)]).toEqual([200, 'application/zip', 'PK']);
    expect(crate.text).toContain('ro-crate-metadata.json');
    expect(crate.text).toContain('results/table.csv');
  });

  it('have logs that are searched part by part, and checksums of what they have left', async () => {
    const log = 'one\nTwo is Killed\nthree\nkilled\nerror: no space\nkilled 12\n';
    const id = await stage.ended({ 'table.csv': 'cell,area\n', 'deep/a b.txt': 'x' }, { log }, { pipelineId: 'blur' });
    const search = `/runs/${id}/log/search`;
    const first = await get(`${search}?words=killed&limit=2`);
    const { items, next } = first.json as { items: { at: number; line: number }[]; next: string };
    expect(items.map(({ line }) => line)).toEqual([2, 4]);
    expect(first.headers.link).toContain(`after=${next}`);
    const rest = (await get(`${search}?words=killed&limit=2&after=${next}`)).json as { items: { at: number; line: number }[] };
    expect(rest).toMatchObject({ items: [{ line: 6 }], next: null });
    expect((await get(`/runs/${id}/log?offset=${rest.items[0].at}&limit=9`)).text).toBe('killed 12');
    const lines = async (query: string) => ((await get(`${search}?${query}`)).json as typeof rest).items.map(({ line }) => line);
    expect([await lines('for=errors'), await lines('for=expression&words=%5Eone%24'), await lines('words=nowhere')]).toEqual([
      [2, 4, 5, 6],
      [1],
      [],
    ]);
    for (const query of ['', 'for=expression&words=(', `words=${'x'.repeat(201)}`]) {
      const { errors, status } = problemIn(await get(`${search}?${query}`));
      expect([query, status, errors]).toEqual([query, 422, [{ field: 'words', message: expect.stringMatching(/.{15}/) as string }]]);
    }
    expect(problemIn(await get(`${search}?words=one&attempt=9`)).code).toBe('api.noSuchAttempt');

    expect(problemIn(await get(`/runs/${await stage.queued()}/checksums`)).code).toBe('show.noChecksumsYet');
    const files = ['table.csv', 'deep/a b.txt'].map((path, index) => {
      return { path, inode: '1', size: 10, mtimeNs: '1', sha256: index === 0 ? 'a'.repeat(64) : null };
    });
    await stage.writeControl(id, '1/outputs.json', JSON.stringify({ complete: true, done: true, files }));
    const one = (await get(`/runs/${id}/checksums?limit=1`)).json as { next: string };
    const known = { path: 'table.csv', name: 'table.csv', size: 10, sha256: 'a'.repeat(64) };
    expect(one).toEqual({ items: [known], next: expect.any(String) as string, isComplete: true, isUnderWay: false });
    expect((await get(`/runs/${id}/checksums?after=${one.next}`)).json).toMatchObject({
      items: [{ path: 'deep/a b.txt', name: 'deep/a b.txt', sha256: null }],
      next: null,
    });
  });

  it('take values that were kept under a name, for whoever kept them', async () => {
    const kept = await post('/pipelines/blur/presets', { name: ' Wide ', parameters: { input: 'project:cells.txt', sigma: 4 } });
    expect([kept.status, kept.json]).toMatchObject([201, { name: 'Wide', isOwn: true }]);
    const { id, parameters } = kept.json as { id: string; parameters: Record<string, unknown> };
    expect(Object.keys(parameters)).toEqual(['sigma']);
    expect((await get('/pipelines/blur/presets')).json).toEqual({ items: [kept.json], next: null });
    const wrong = await post('/pipelines/blur/presets', { name: 'Odd', parameters: { sigmas: 4 } });
    expect(problemIn(wrong).errors).toEqual([{ field: 'parameters', message: expect.stringContaining('sigmas') as string }]);
    expect(problemIn(await post('/pipelines/blur/presets', { name: ' ' })).errors).toMatchObject([{ field: 'name' }]);
    const plan = async (order: object, by = program) =>
      (await ask('POST', `${orders}?dryRun=true`, { body: { pipeline: 'blur', ...order } }, by)).json as { runs: RunJson[] };
    const input = 'project:cells.txt';
    expect((await plan({ preset: id, parameters: { input } })).runs[0].parameters).toMatchObject({ sigma: '4', kernel: 'box' });
    expect((await plan({ preset: id, parameters: { input, sigma: 2 } })).runs[0].parameters).toMatchObject({ sigma: '2' });
    const run = await post(orders, { pipeline: 'blur', preset: id, parameters: { input } });
    expect((run.json as { run: RunJson }).run.parameters).toMatchObject({ sigma: '4' });
    const stranger = await programOf(stage.web, (await stage.web.browser().signUp()).email);
    expect((await ask('GET', '/pipelines/blur/presets', {}, stranger)).json).toEqual({ items: [], next: null });
    expect((await ask('DELETE', `/pipelines/blur/presets/${id}`, {}, stranger)).status).toBe(404);
    expect((await ask('DELETE', `/pipelines/blur/presets/${id}`)).status).toBe(204);
    expect(problemIn(await post(orders, { pipeline: 'blur', preset: id, parameters: { input } })).errors).toMatchObject([
      { field: 'preset' },
    ]);
    expect((await post(`/pipelines/blur/presets/${id}/restore`)).status).toBe(204);
    expect((await get('/pipelines/blur/presets')).json).toEqual({ items: [kept.json], next: null });
  });

  it('are kept from the cleaner, and let go', async () => {
    const id = await stage.ended({ 'table.csv': 'cell,area\n' }, {}, { pipelineId: 'blur' });
    const filer = await programOf(stage.web, email, ['files']);
    const keep = (body: unknown) => ask('POST', `/runs/${id}/keep`, { body }, filer);
    expect((await keep({})).json).toMatchObject({ isKept: true });
    expect((await stage.web.app.get(RunsRepository, { strict: false }).find(id))!).toMatchObject({ keep: true });
    expect((await keep({ keep: false })).json).toEqual({ isKept: false, until: null });
    const waiting = await stage.queued({ pipelineId: 'blur' });
    expect(problemIn(await get(`/runs/${waiting}/crate`)).code).toBe('show.notOver');
  });

  it('are told as a stream until they are over', async () => {
    const { id, fence } = await stage.running({ pipelineId: 'blur' });
    const told = program.get(`/runs/${id}/events`, { accept: 'text/event-stream' });
    setTimeout(() => void stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null }), 300);
    const { headers, text } = await told;
    expect(headers['content-type']).toMatch(/^text\/event-stream/);
    const states = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json]) => (JSON.parse(json) as RunJson).state);
    expect([states[0], states.at(-1)]).toEqual(['running', 'succeeded']);
  });

  it('come with the pipelines that there are, the queue and the runners', async () => {
    const { items } = (await get('/pipelines')).json as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(['blur', 'merge']);
    const merge = (await get('/pipelines/merge')).json as { form: { properties: Record<string, unknown>; required: string[] } };
    expect(merge.form.properties).toMatchObject({
      tables: { type: 'array', 'x-accept': ['.csv', '.txt'] },
      depth: { type: 'integer', minimum: 1, default: 3, 'x-advanced': true },
      marks: { items: { enum: ['a', 'b'] } },
      rows: { type: 'array', items: { properties: { name: { type: 'string' }, weight: { type: 'number' } } } },
    });
    expect((await get('/pipelines/none')).status).toBe(404);
    const parameters = { tables: ['project:cells.txt'], fast: false, depth: 4, marks: ['b'], rows: [{ name: 'x', weight: 1.5 }] };
    const { run } = (await post(orders, { pipeline: 'merge', parameters })).json as { run: RunJson };
    expect(run.parameters).toMatchObject({
      tables: ['project:cells.txt'],
      fast: false,
      depth: '4',
      marks: ['b'],
      rows: [{ name: 'x', weight: '1.5' }],
    });
    const queue = (await get('/queue')).json as { waiting: RunJson[] };
    expect(queue.waiting.map(({ id }) => id)).toContain(run.id);
    expect((await get('/runners')).json).toMatchObject({ items: [{ name: 'ws-core-1', mode: 'active' }] });
  });

  describe('and everything that fails', () => {
    it.each([
      ['GET', '/nothing/here', {}, 404, 'errors.notFound'],
      ['DELETE', '/runs', {}, 405, 'api.wrongMethod'],
      ['POST', '/projects/PROJECT/runs', { raw: '{', headers: { 'content-type': 'application/json' } }, 400, 'api.badJson'],
      [
        'POST',
        '/projects/PROJECT/runs',
        { raw: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        415,
        'api.wantsJson',
      ],
      ['POST', '/projects/PROJECT/runs', {}, 400, 'api.bodyMissing'],
      ['POST', '/projects/PROJECT/runs', { body: 'x'.repeat(1_100_000) }, 413, 'api.tooLarge'],
      ['POST', '/projects/PROJECT/runs', { body: { pipeline: 5 } }, 422, 'api.wrongFields'],
    ] as const)('%s %s is a problem document', async (method, path, request, status, code) => {
      const answer = await program.ask(method, path.replace('PROJECT', stage.project.id), request);
      expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
      const problem = problemIn(answer);
      expect([problem.status, problem.type]).toEqual([status, `/help/api#status-${status}`]);
      if (status !== 404) expect(problem.code).toBe(code);
      expect(problem.detail.length).toBeGreaterThan(20);
      expect(answer.text).not.toMatch(/at .*\.(ts|js):\d+/);
    });

    it('speaks the language that is asked for, and says who it is that lacks a token', async () => {
      const nobody = new ApiClient(stage.web.port, null);
      const english = await nobody.get('/runs');
      const chinese = await nobody.get('/runs', { 'accept-language': 'zh-CN', cookie: 'showrunner_language=en' });
      expect(english.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(problemIn(english).detail).toContain('Authorization: Bearer');
      expect(problemIn(chinese).detail).toMatch(/令牌/);
      expect(chinese.headers['content-language'] ?? 'zh').toBe('zh');
    });

    it('is told where the address stands that takes another method', async () => {
      expect((await program.ask('DELETE', '/runs')).headers.allow).toBe('GET, HEAD');
    });
  });

  it('describe themselves on pages that ask nobody else, one for each area, and lead from the first to each', async () => {
    const { status, body } = await stage.owner.get('/help/api');
    expect(status).toBe(200);
    const main = mainOf({ body } as never);
    const { tags, components } = stage.web.app.get(OpenApi, { strict: false }).document();
    const pages = new Map<string, string>();
    for (const { name, description } of tags) {
      const page = await stage.owner.get(`/help/api/${name}`);
      expect([name, page.status]).toEqual([name, 200]);
      pages.set(name, mainOf(page));
      expect(pages.get(name)).toContain(`<a href="/help/api/${name}" aria-current="page">${description}</a>`);
      // Where a place is told, it is told in words.
      expect(pages.get(name)).not.toMatch(/NaN|\bapi\.[a-z]+[A-Z]/);
      for (const [, object] of pages.get(name)!.matchAll(/href="#object-(\w+)"/g))
        expect(pages.get(name)).toContain(`id="object-${object}"`);
    }
    for (const { path, operation } of check.operations()) {
      const [area] = operation.tags;
      expect(pages.get(area)).toContain(`id="${operation.operationId}"`);
      expect(main).toContain(`href="/help/api/${area}#${operation.operationId}"`);
      expect(path.startsWith('/api/v1')).toBe(true);
    }
    // Addresses in what was answered, or written down, before there were several pages.
    for (const name of Object.keys(components.schemas)) {
      expect(main).toContain(`id="object-${name}"`);
      const [, area = ''] = new RegExp(`href="/help/api/(\\w+)#object-${name}"`).exec(main) ?? [];
      if (name !== 'Problem') expect(pages.get(area)).toContain(`id="object-${name}"`);
    }
    // Fields of one type each say what they are about themselves.
    const { createdAt, cron } = components.schemas['Schedule'].properties!;
    expect([createdAt.description, cron.description]).toEqual([undefined, expect.stringContaining('five parts')]);
    const { used, reserved } = components.schemas['Space'].properties!;
    expect([used.description, reserved.description]).toEqual([undefined, expect.stringContaining('promised')]);
    expect(main).toContain('id="status-422"');
    expect(main).toContain('Authorization: Bearer $TOKEN');
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(main).not.toMatch(/\bapi\.[a-z]+[A-Z]/);
    expect((await stage.owner.get('/help/api/nothing')).status).toBe(404);
    for (const path of ['/help/api', ...tags.map(({ name }) => `/help/api/${name}`)]) {
      const { body: other } = await stage.web.browser().get(path, { 'accept-language': 'zh' });
      if (path === '/help/api') expect(mainOf({ body: other } as never)).toContain('如何请求');
      expect([path, gzipSync(other).length < 24_000]).toEqual([path, true]);
    }
  });

  it('say in headers how much a token may still ask, and refuse more', async () => {
    const { close: end, stage: other, email: owner } = await openApiWorld({ API_RATE: '10', API_FILE_RATE: '12' });
    try {
      const [one, two] = [await programOf(other.web, owner), await programOf(other.web, owner)];
      const statuses: number[] = [];
      for (let index = 0; index < 11; index += 1) statuses.push((await one.get('/')).status);
      expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
      const refused = await one.get('/');
      expect(problemIn(refused).code).toBe('api.tooManyRequests');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(refused.headers['ratelimit-remaining']).toBe('0');
      const { headers, status } = await two.get('/');
      expect([status, headers['ratelimit-limit'], headers['ratelimit-remaining']]).toEqual([200, '10', '9']);
      // What carries files counts apart: the token that may not ask any more still sends and takes them.
      const begin = () => one.ask('POST', `/projects/${other.project.id}/uploads`, { headers: { 'tus-resumable': '1.0.0' } });
      const begun: string[] = [];
      for (let index = 0; index < 13; index += 1) {
        const answer = await begin();
        begun.push(`${answer.status} of ${String(answer.headers['ratelimit-limit'])}`);
      }
      expect(begun).toEqual([...Array<string>(12).fill('400 of 12'), '429 of 12']);
      // Without a token nobody has more than others.
      const nobody = new ApiClient(other.web.port, null);
      expect((await nobody.post(`/projects/${other.project.id}/uploads`)).headers['ratelimit-limit']).toBe('10');
      expect((await one.get(`/projects/${other.project.id}/zip`)).headers['ratelimit-limit']).toBe('12');
    } finally {
      await end();
    }
  });

  it('are known to nobody else', async () => {
    const stranger = await programOf(stage.web, (await stage.web.browser().signUp()).email);
    await stage.queued({ pipelineId: 'blur' });
    const { json } = await stranger.get('/queue');
    const { waiting } = json as { waiting: { project: unknown; requester: string; pipeline: { id: string | null } }[] };
    expect(waiting.length).toBeGreaterThan(0);
    for (const { project, pipeline } of waiting) expect([project, pipeline.id]).toEqual([null, null]);
  });
});

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('{path}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}
