import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Abstract, Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { GoneWebhooks } from '../../../src/cleaner/tasks/gone-webhooks';
import { AccountEnd } from '../../../src/common/account-end/account-end';
import { AppConfig } from '../../../src/common/config/app-config';
import { Mail } from '../../../src/common/mail/mail.entity';
import { MailDispatchModule } from '../../../src/common/mail/mail-dispatch.module';
import { MailDispatcher } from '../../../src/common/mail/mail-dispatcher';
import type { Project } from '../../../src/common/projects/project.entity';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { User } from '../../../src/common/users/user.entity';
import { WebhookDeliveriesRepository } from '../../../src/common/webhooks/webhook-deliveries.repository';
import { Webhook, WebhookDelivery } from '../../../src/common/webhooks/webhook.entity';
import { WebhooksRepository } from '../../../src/common/webhooks/webhooks.repository';
import { WebhookDispatcher } from '../../../src/runner/webhooks/webhook-dispatcher';
import { WebhookDispatchModule } from '../../../src/runner/webhooks/webhook-dispatch.module';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

interface Got {
  headers: Record<string, string>;
  body: string;
}

describe('webhooks', () => {
  let web: TestWebApp;
  let runner: TestingModule;
  let browser: TestBrowser;
  let project: Project;
  let tables: DataSource;
  let receiver: Server;
  let address: string;
  let answer = 204;
  const got: Got[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ headers: request.headers as Record<string, string>, body });
        response.writeHead(answer).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    web = await startTestWebApp({ WEBHOOK_NETWORKS: '127.0.0.1', ADMIN_EMAILS: 'root@example.org' });
    // What a runner brings along, without its loops: rounds are made when the test wants them.
    runner = await Test.createTestingModule({ imports: [MailDispatchModule, WebhookDispatchModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    tables = web.app.get(DataSource);
    browser = web.browser();
    await browser.signUp('mira@example.org');
    project = await createProject(web, browser, 'Spleen');
  });
  afterAll(async () => {
    await runner?.close();
    await web?.close();
    await new Promise((resolve) => receiver.close(resolve));
  });

  const service = <Service>(type: Type<Service> | Abstract<Service>) => web.app.get<Service>(type, { strict: false });
  const at = () => `/projects/${project.id}/webhooks`;
  const hooks = () => tables.getRepository(Webhook);
  const deliveries = () => tables.getRepository(WebhookDelivery).find({ order: { id: 'ASC' } });
  const send = () => runner.get(WebhookDispatcher, { strict: false }).work();
  const write = () => runner.get(MailDispatcher, { strict: false }).work();
  const words = async (path: string) => wordsOf(mainOf(await browser.get(path)));

  async function make(path: string, by = browser, states = ['queued', 'cancelled']): Promise<{ id: string; secret: string }> {
    const made = await by.postForm(path, [['url', address], ...states.map((state): [string, string] => ['states', state])]);
    const secret = /whsec_[A-Za-z0-9+/]+=*/.exec(mainOf(made).replaceAll('&#x3D;', '='))?.[0] ?? '';
    const id = /webhooks\/([0-9a-f-]{36})\/pause/.exec(made.body)?.[1] ?? '';
    expect([made.status, secret.length, id.length]).toEqual([201, 50, 36]);
    return { id, secret };
  }

  async function cancelledRun(over: Parameters<typeof aNewRun>[0] = {}): Promise<number> {
    const owned = { projectId: project.id, ownerId: project.ownerId, parameters: { token: 'a secret value' } };
    const { runId } = await service(QueueStore).enqueue(aNewRun({ ...owned, ...over }));
    await service(QueueStore).requestCancel(runId, 'a test');
    await write();
    return runId;
  }

  it('say what is wrong with an address before they are made, and lose nothing', async () => {
    const wrong = await browser.postForm(at(), { url: 'http://10.0.0.7/hook', states: 'failed' });
    expect([wrong.status, wordsOf(mainOf(wrong))]).toEqual([422, expect.stringContaining('is an address of this network')]);
    expect(mainOf(wrong)).toContain('value="http://10.0.0.7/hook"');
    const none = await browser.postForm(at(), { url: address });
    expect([none.status, wordsOf(mainOf(none))]).toEqual([422, expect.stringContaining('Choose at least one state')]);
    expect(await hooks().count()).toBe(0);
  });

  it('tell what happens to runs once, signed, without what they were asked for with', async () => {
    const { id, secret } = await make(at());
    expect((await browser.get(`${at()}/${id}`)).body).not.toContain(secret.slice(6, 30));
    const other = await createProject(web, browser, 'Another');
    await cancelledRun({ projectId: other.id });
    const runId = await cancelledRun();
    // Whoever wrote the messages died before it could say so.
    await tables.query('UPDATE run_events SET mailed = 0');
    await write();
    await Promise.all([send(), send()]);
    expect(got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['run.queued', 'run.cancelled']);
    for (const { headers, body } of got) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const mac = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
        .update(signed)
        .digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${mac}`);
      expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
      expect(body).not.toContain('a secret value');
      expect(JSON.parse(body)).toMatchObject({ data: { run: { id: runId }, pipeline: { id: 'nuclei' }, project: { name: 'Spleen' } } });
    }
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
    expect(await words(`${at()}/${id}`)).toMatch(/run\.cancelled #\d+ Delivered .*answer 204/);
    const [first] = await deliveries();
    got.splice(0);
    await browser.postForm(`${at()}/${id}/again`, { delivery: String(first.id) });
    await send();
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual([first.messageId]);
  });

  it('try again with growing pauses, rest together, and go out at once by hand', async () => {
    const [hook] = await hooks().find();
    answer = 500;
    got.splice(0);
    await cancelledRun();
    await send();
    await send();
    expect(got).toHaveLength(1);
    const failed = (await deliveries()).filter(({ lastError }) => lastError !== null);
    expect(failed).toEqual([expect.objectContaining({ status: 500, tries: 1, lastError: 'The answer was 500.' })]);
    expect(failed[0].nextTryMs - Date.now()).toBeLessThan(15_000);
    expect(await words(`${at()}/${hook.id}`)).toContain('Not reached');
    answer = 204;
    await browser.postForm(`${at()}/${hook.id}/again`, { delivery: String(failed[0].id) });
    await send();
    expect(got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['run.queued', 'run.cancelled', 'run.queued']);
    expect(await hooks().findOneBy({ id: hook.id })).toMatchObject({ failures: 0, failingMs: null });
  });

  it('pause by themselves after three days of failures, with a mail, and not by a person without one', async () => {
    const [hook] = await hooks().find();
    answer = 302;
    got.splice(0);
    await cancelledRun();
    await hooks().update({ id: hook.id }, { failingMs: 1, failures: 30 });
    await send();
    expect(await hooks().findOneBy({ id: hook.id })).toMatchObject({
      pausedWhy: 'The answer 302 leads elsewhere, and nothing is sent there.',
    });
    const mails = await tables.getRepository(Mail).findBy({ kind: 'webhook' });
    expect(mails).toEqual([
      expect.objectContaining({ recipient: 'mira@example.org', subject: expect.stringContaining('is paused') as string }),
    ]);
    expect(mails[0].textBody).not.toContain('/hook');
    await hooks().update({ id: hook.id }, { restUntilMs: 0 });
    await send();
    expect(got).toHaveLength(1);
    answer = 204;
    await browser.postForm(`${at()}/${hook.id}/resume`);
    await tables.query('UPDATE webhook_deliveries SET next_try_ms = 1 WHERE delivered_ms IS NULL');
    await send();
    expect(got.length).toBe(3);
    await browser.postForm(`${at()}/${hook.id}/test`);
    await send();
    expect(got.at(-1)!.body).toContain('"type":"ping"');
  });

  it('are of whoever owns the project, and of administrators for a pipeline', async () => {
    const [hook] = await hooks().find();
    const stranger = web.browser();
    await stranger.signUp();
    expect((await stranger.get(`${at()}/${hook.id}`)).status).toBe(404);
    const own = await createProject(web, stranger, 'Theirs');
    expect((await stranger.postForm(`/projects/${own.id}/webhooks/${hook.id}/delete`)).status).toBe(404);
    const root = web.browser();
    await root.signUp('root@example.org');
    const { id } = await make('/admin/pipelines/nuclei/webhooks', root, ['cancelled']);
    expect((await root.get(`${at()}/${id}`)).status).toBe(404);
    got.splice(0);
    await cancelledRun({ projectId: own.id, ownerId: own.ownerId });
    await cancelledRun({ projectId: own.id, ownerId: own.ownerId, pipelineId: 'other' });
    await send();
    expect(got.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['run.cancelled']);
    // Of somebody who is kept out, nothing is told any more.
    got.splice(0);
    await tables.getRepository(User).update({ email: 'mira@example.org' }, { suspendedMs: 1 });
    await cancelledRun({ pipelineId: 'other' });
    await send();
    expect(got).toEqual([]);
    await tables.getRepository(User).update({ email: 'mira@example.org' }, { suspendedMs: null });
  });

  it('get new secrets, are deleted and come back, and end with the account', async () => {
    const [hook] = await hooks().findBy({ projectId: project.id });
    const renewed = await browser.postForm(`${at()}/${hook.id}/secret`);
    expect(mainOf(renewed)).toContain('whsec_');
    expect((await hooks().findOneByOrFail({ id: hook.id })).secret).not.toBe(hook.secret);
    await browser.postForm(`${at()}/${hook.id}/delete`);
    expect((await browser.get(`${at()}/${hook.id}`)).status).toBe(404);
    await browser.postForm(`${at()}/${hook.id}/restore`);
    expect((await browser.get(`${at()}/${hook.id}`)).status).toBe(200);
    await tables.query('UPDATE users SET leaving_ms = 1 WHERE id = ?', [project.ownerId]);
    await service(AccountEnd).close({ id: project.ownerId, email: null, leavingMs: 1 });
    expect((await hooks().findOneByOrFail({ id: hook.id })).pausedMs).not.toBeNull();
    await hooks().update({ id: hook.id }, { projectId: '00000000-0000-4000-8000-000000000002' });
    const chore = new GoneWebhooks(web.database.config, service(WebhooksRepository), service(WebhookDeliveriesRepository));
    for (const one of await chore.find(1)) await one.remove();
    for (const one of await chore.find(1)) await one.remove();
    expect(await hooks().find()).toEqual([expect.objectContaining({ pipelineId: 'nuclei' })]);
    expect((await deliveries()).every(({ webhookId }) => webhookId !== hook.id)).toBe(true);
  });
});
