import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../until';
import { mainOf } from '../../web-app';
import { ShowStage } from './show-stage';

describe('the copy of a run in the outbox, on its page', () => {
  let stage: ShowStage;
  let outbox: string;

  beforeAll(async () => {
    outbox = mkdtempSync(join(tmpdir(), 'showrunner-outbox-'));
    stage = await ShowStage.open({ OUTBOX_DIR: outbox, PICKUP_HOST: 'guest@lab1' });
  });
  afterAll(async () => {
    await stage.web.close();
    rmSync(outbox, { recursive: true, force: true });
  });

  const copy = (name: string | number) => {
    mkdirSync(join(outbox, String(name)));
    writeFileSync(join(outbox, String(name), 'table.csv'), 'x');
  };
  const pageOf = async (id: number) => mainOf(await stage.owner.get(`/runs/${id}`)).replaceAll(/\s+/g, ' ');

  it('is being made, is there until its date or as long as the run is kept, and is gone', async () => {
    const { id, fence } = await stage.running();
    await stage.writeResult(id, 'table.csv', 'x');
    expect(await pageOf(id)).not.toContain('outbox');
    copy(`.${id}.${fence}.part`);
    expect(await pageOf(id)).toContain('The results are being copied to the outbox');
    expect(await pageOf(id)).not.toContain('scp -r');

    copy(id);
    rmSync(join(outbox, `.${id}.${fence}.part`), { recursive: true });
    await stage.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null });
    const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' }).format(Date.now() + 7 * 86_400_000);
    const page = await pageOf(id);
    expect(page).toMatch(new RegExp(`The copy in the outbox is there until <time [^>]*data-date=[^>]*>${date}</time>\\.`));
    expect(page).toContain(`scp -r guest@lab1:${outbox}/${id} .`);
    expect(page).toContain(`rsync -aP --partial guest@lab1:${outbox}/${id}/ run-${id}/`);
    await stage.owner.postForm(`/runs/${id}/keep`, { keep: 'on' }, { page: `/runs/${id}` });
    expect(await pageOf(id)).toContain('The copy in the outbox stays as long as the run is kept.');

    rmSync(join(outbox, String(id)), { recursive: true });
    expect(await pageOf(id)).toContain('There is no copy in the outbox, or not any more.');
    expect(await pageOf(id)).not.toContain('scp -r');
  });

  it('is not spoken of where a run failed: there is none', async () => {
    const id = await stage.ended({ 'table.csv': 'x' }, { state: 'failed', exitCode: 1 });
    expect(await pageOf(id)).not.toMatch(/outbox|scp -r/);
  });

  it('goes at once with its project', async () => {
    const id = await stage.ended({ 'table.csv': 'x' });
    copy(id);
    const address = `/projects/${stage.project.id}/settings`;
    const answer = await stage.owner.postForm(`/projects/${stage.project.id}/delete`, { typed: stage.project.name }, { page: address });
    expect(answer.location).toBe('/projects');
    await until(() => !existsSync(join(outbox, String(id))));
  });
});
