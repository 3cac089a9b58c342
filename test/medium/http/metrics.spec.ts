import { DataSource } from 'typeorm';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { startTestWebApp, type TestWebApp } from '../../web-app';
import { aRunner } from '../queue/queue-stage';

const TOKEN = 'a-token-of-a-monitor';
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('GET /metrics', () => {
  let web: TestWebApp;

  const read = async () => (await web.browser().send('/metrics', bearer(TOKEN))).body;
  const valueOf = (text: string, name: string) => {
    const line = text.split('\n').find((one) => one.startsWith(`${name} `));
    return line === undefined ? undefined : Number(line.slice(name.length + 1));
  };

  describe('with a token', () => {
    beforeAll(async () => (web = await startTestWebApp({ METRICS_TOKEN: TOKEN })));
    afterAll(() => web.close());

    it('is there for whoever brings it, under any host name and without a cookie, and for nobody else', async () => {
      const answer = await web.browser().send('/metrics', { headers: { authorization: `Bearer ${TOKEN}`, host: '10.9.8.7:8080' } });
      expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
      expect(answer.headers['set-cookie']).toBeUndefined();
      for (const more of [{}, bearer('another-token-of-a-monitor'), bearer(''), { headers: { authorization: `Basic ${TOKEN}` } }]) {
        expect((await web.browser().send('/metrics', more)).status).toBe(404);
      }
      expect((await web.browser().get(`/metrics?token=${TOKEN}`)).status).toBe(404);
    });

    it('is in the format of Prometheus: each value with a name, a type and a sentence; none twice', async () => {
      const lines = (await read()).trimEnd().split('\n');
      const values = lines.filter((line) => !line.startsWith('#'));
      const names = new Set(lines.flatMap((line) => /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line)?.[1] ?? []));
      for (const line of values) {
        expect(line).toMatch(/^[a-z_]+(?:\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+\})? (?:[\d.e+-]+|NaN|[+-]Inf)$/);
        expect(names).toContain(/^[a-z_]+/.exec(line)![0].replace(/_(?:bucket|sum|count)$/, ''));
      }
      const keys = values.map((line) => line.replace(/ \S+$/, ''));
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('tells of the queue, its runners and the outbox', async () => {
      const store = web.app.get(QueueStore);
      await store.registerRunner(aRunner('dgx "1"', { slots: 3 }));
      await store.enqueue(aNewRun());
      await store.enqueue(aNewRun());
      await store.claim({ ...aRunner('dgx "1"'), incarnation: await incarnation() }, 1);
      const dataSource = web.app.get(DataSource);
      await dataSource.query('UPDATE queue SET available_ms = available_ms - 90000');
      const mail = "'finished', 1, 'a@example.org', 's', 't', 'h', 1, 1, ";
      const names = 'kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries, last_error';
      await dataSource.query(`INSERT INTO mails (run_id, ${names}) VALUES (1, ${mail} 0, NULL), (2, ${mail} 3, 'refused')`);
      const text = await read();
      expect(valueOf(text, 'showrunner_runs{state="queued"}')).toBe(1);
      expect(valueOf(text, 'showrunner_runs{state="starting"}')).toBe(1);
      expect(valueOf(text, 'showrunner_oldest_queued_seconds')).toBeGreaterThanOrEqual(90);
      expect(valueOf(text, 'showrunner_runner_up{runner="dgx \\"1\\""}')).toBe(1);
      expect(valueOf(text, 'showrunner_runner_slots{runner="dgx \\"1\\""}')).toBe(3);
      expect(valueOf(text, 'showrunner_runner_runs{runner="dgx \\"1\\""}')).toBe(1);
      expect(valueOf(text, 'showrunner_runner_silent_seconds{runner="dgx \\"1\\""}')).toBeLessThan(60);
      expect(valueOf(text, 'showrunner_mails{state="waiting"}')).toBe(1);
      expect(valueOf(text, 'showrunner_mails{state="failing"}')).toBe(1);
      expect(valueOf(text, 'showrunner_free_bytes{folder="files"}')).toBeGreaterThan(1e6);
      expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    });

    const incarnation = async () => {
      const [row] = await web.app.get(DataSource).query<{ incarnation: string }[]>('SELECT incarnation FROM runners');
      return row.incarnation;
    };

    it('counts requests by route and never by path, and the bytes that they bring', async () => {
      const person = web.browser();
      await person.signUp('mira@example.org');
      for (const project of ['00000000-0000-4000-8000-000000000000', 'x']) await person.get(`/projects/${project}`);
      await person.get('/no-such-page/with-a-secret');
      const before = valueOf(await read(), 'showrunner_http_received_bytes_total')!;
      await person.postForm('/language', { language: 'en', padding: 'x'.repeat(50_000) });
      const text = await read();
      expect(valueOf(text, 'showrunner_http_requests_total{method="GET",route="/projects/:project",status="404"}')).toBe(2);
      expect(valueOf(text, 'showrunner_http_request_seconds_count{route="/projects/:project"}')).toBe(2);
      expect(valueOf(text, 'showrunner_http_request_seconds_bucket{route="/projects/:project",le="+Inf"}')).toBe(2);
      expect(valueOf(text, 'showrunner_http_requests_total{method="GET",route="other",status="404"}')).toBeGreaterThan(0);
      expect(text).not.toMatch(/with-a-secret|0000-4000|mira/);
      expect(valueOf(text, 'showrunner_http_received_bytes_total')! - before).toBeGreaterThan(50_000);
    });

    it('counts open event streams, whose length is no time of an answer', async () => {
      const person = web.browser();
      await person.signUp('anna@example.org');
      const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const end = new AbortController();
      const stream = await fetch(`http://localhost:${web.port}/events?topics=queue`, {
        headers: { cookie, accept: 'text/event-stream' },
        signal: end.signal,
      });
      expect(stream.headers.get('content-type')).toContain('text/event-stream');
      expect(valueOf(await read(), 'showrunner_event_streams')).toBe(1);
      end.abort();
      expect(await read()).not.toContain('showrunner_http_request_seconds_count{route="/events"}');
    });
  });

  it('opens to named networks, unless a proxy that nobody named passes the request on', async () => {
    web = await startTestWebApp({ METRICS_NETWORKS: '10.0.0.0/8, 127.0.0.0/8, ::1' });
    expect((await web.browser().get('/metrics')).status).toBe(200);
    expect((await web.browser().send('/metrics', { headers: { 'x-forwarded-for': '10.1.1.1' } })).status).toBe(404);
    await web.close();
    web = await startTestWebApp({ METRICS_NETWORKS: '10.0.0.0/8', TRUST_PROXY: 'loopback' });
    expect((await web.browser().get('/metrics')).status).toBe(404);
    expect((await web.browser().send('/metrics', { headers: { 'x-forwarded-for': '10.1.1.1' } })).status).toBe(200);
    expect((await web.browser().send('/metrics', { headers: { 'x-forwarded-for': '11.1.1.1' } })).status).toBe(404);
    await web.close();
  });
});
