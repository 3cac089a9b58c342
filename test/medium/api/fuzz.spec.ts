import { randomUUID } from 'node:crypto';
import { OpenApi } from '../../../src/web/api/description/open-api';
import { GroupsRepository } from '../../../src/common/groups/groups.repository';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { ALL_SCOPES, ApiClient, programOf } from '../../api-client';
import { OpenApiCheck } from '../../open-api-check';
import type { ShowStage } from '../show/show-stage';
import { openApiWorld } from './api-world';
import { Fuzzer, type Pool } from './fuzzer';

/** `npm run campaign api` makes 10,000 with each of its seeds. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

const ADMINISTRATOR = 'administrator@example.org';

/** What would leave nothing to ask for. */
const NEVER = new Set(['tokens-revoke-current', 'tokens-revoke-all']);

describe('requests made of the OpenAPI document', () => {
  let stage: ShowStage;
  let close: () => Promise<void>;
  let programs: ApiClient[];
  let administrator: ApiClient;
  let pool: Pool;

  beforeAll(async () => {
    let email: string;
    ({ stage, email, close } = await openApiWorld({ ADMIN_EMAILS: ADMINISTRATOR, WEBHOOK_NETWORKS: '127.0.0.1' }));
    await stage.web.browser().signUp(ADMINISTRATOR);
    administrator = await programOf(stage.web, ADMINISTRATOR, ALL_SCOPES);
    const stranger = await stage.web.browser().signUp();
    programs = [
      await programOf(stage.web, email, ['read', 'files', 'run', 'share']),
      await programOf(stage.web, stranger.email),
      await programOf(stage.web, email, ['read']),
      new ApiClient(stage.web.port, null),
      new ApiClient(stage.web.port, `srn_${'A'.repeat(43)}`),
    ];
    const runs = [
      await stage.queued({ pipelineId: 'blur' }),
      (await stage.running({ pipelineId: 'blur' })).id,
      await stage.ended({ 'table.csv': 'cell,area\n1,40\n', 'deep/a b.txt': 'x' }, { log: 'one\ntwo\n' }, { pipelineId: 'blur' }),
    ];
    const sweep = {
      pipeline: 'blur',
      parameters: { input: 'project:cells.txt' },
      sweep: { axes: [{ parameter: 'sigma', values: [1, 2] }] },
    };
    const asked = await programs[0].post(`/projects/${stage.project.id}/runs`, sweep);
    const { spare, groups } = await spareThings(stage);
    const made = await madeThings(programs[0], administrator, stage.project.id);
    pool = {
      ...spare,
      ...made,
      project: [stage.project.id],
      run: runs,
      runs: [runs, [runs[0]], [999_999]],
      other: runs,
      group: groups,
      pipeline: ['blur', 'merge', 'nothing'],
      runner: ['runner-1', 'nobody'],
      mail: [1, 2, 99],
      url: ['http://127.0.0.1:9/runs', 'http://10.0.0.1/', 'ftp://127.0.0.1'],
      days: [1, 30, 7],
      mails: [[1], [2, 99], 'all'],
      until: ['2040-01-31', 'forEver', '2020-01-01', '2030-01-01T00:00:00Z'],
      path: ['table.csv', 'deep/a b.txt', 'cells.txt', 'none.txt'],
      sweep: [(asked.json as { sweep: { id: string } }).sweep.id],
      parameter: ['sigma', 'kernel', 'input', 'none'],
      parameters: [
        { input: 'project:cells.txt' },
        { input: 'project:cells.txt', sigma: 2 },
        { input: 'project:none.txt' },
        { sigma: [] },
        {},
      ],
      values: [[1, 2], ['box', 'gauss'], ['1..3'], [true]],
      state: ['finished', 'queued', 'succeeded'],
      limit: [1, 2, 50],
      dryRun: ['true'],
    };
  });
  afterAll(() => close?.());

  it(
    `find no fault of the server and nothing that is not described, ${REQUESTS} times`,
    async () => {
      const check = new OpenApiCheck(stage.web.app.get(OpenApi, { strict: false }).document());
      const fuzzer = new Fuzzer(check, { programs, administrator }, pool, SEED, NEVER);
      expect(await fuzzer.run(REQUESTS)).toEqual([]);
      // Requests that never get through prove nothing.
      const passed = (fuzzer.statuses.get(200) ?? 0) + (fuzzer.statuses.get(201) ?? 0);
      expect(passed).toBeGreaterThan(REQUESTS / 10);
      expect([...fuzzer.statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 401, 403, 404, 422]));
      expect(fuzzer.passed.size).toBeGreaterThan(fuzzer.asked.size * 0.6);
      expect(fuzzer.asked.size).toBeGreaterThanOrEqual(check.operations().length - NEVER.size);
    },
    30_000 + REQUESTS * 60,
  );

  it('would be seen to differ', async () => {
    const check = new OpenApiCheck(stage.web.app.get(OpenApi, { strict: false }).document());
    const { operation } = check.operations().find((one) => one.path === '/api/v1/queue' && one.method === 'get')!;
    const answer = await programs[0].get('/queue');
    expect(check.faultsOf(operation, answer)).toEqual([]);
    const more = { ...(answer.json as object), secret: 1 } as never;
    expect(check.faultsOf(operation, { ...answer, json: more })).not.toEqual([]);
    expect(check.faultsOf(operation, { ...answer, json: { running: [{}], waiting: [], moreWaiting: 0 } as never })).not.toEqual([]);
    expect(check.faultsOf(operation, { ...answer, status: 302 })).not.toEqual([]);
  });
});

/** What only its id leads to. */
async function madeThings(owner: ApiClient, administrator: ApiClient, project: string): Promise<Pool> {
  const url = 'http://127.0.0.1:9/runs';
  const at = `/projects/${project}`;
  const order = { pipeline: 'blur', parameters: { input: 'project:cells.txt' }, cron: '0 2 * * *' };
  const hooks = [await owner.post(`${at}/webhooks`, { url }), await administrator.post('/admin/pipelines/blur/webhooks', { url })];
  const [link, schedule] = [await owner.post(`${at}/links`, {}), await owner.post(`${at}/schedules`, order)];
  return {
    webhook: hooks.map(({ json }) => (json as { webhook: { id: string } }).webhook.id),
    link: [(link.json as { id: string }).id],
    schedule: [(schedule.json as { id: string }).id],
    cron: ['0 2 * * *', '*/5 * * * 1', '0 25 * * *', '0 0 30 2 *'],
    timeZone: ['Europe/Vienna', 'UTC', 'Mars'],
    paths: [['cells.txt'], ['cells.txt', 'deep/a.txt'], ['none.txt']],
  };
}

/** People and groups of whom nothing else needs anything: what is done to them takes nothing from those who ask. */
async function spareThings(stage: ShowStage): Promise<{ spare: Pool; groups: string[] }> {
  const [users, groups] = [stage.web.app.get(UsersRepository), stage.web.app.get(GroupsRepository)];
  const emails = await Promise.all([1, 2, 3].map(async () => (await stage.web.browser().signUp()).email));
  const people = await Promise.all(emails.map(async (email) => (await users.findByEmail(email))!.id));
  const ids = [randomUUID(), randomUUID()];
  for (const id of ids) await groups.add({ id, name: `Group ${id}`, description: '', source: 'local' });
  const who = [[emails[0]], [emails[1], emails[2]], ['nobody@example.org'], emails];
  return { spare: { person: people, projects: [[stage.project.id], [randomUUID()], []], who }, groups: ids };
}
