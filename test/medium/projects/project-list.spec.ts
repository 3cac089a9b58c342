import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import sharp from 'sharp';
import { DataSource } from 'typeorm';
import { dialectOf } from '../../../src/common/database/dialect';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
import { ProjectRunsRepository } from '../../../src/common/projects/project-runs.repository';
import { Run } from '../../../src/common/queue/run.entity';
import { aNewRun, aProject } from '../../factories';
import { until } from '../../until';
import { mainOf } from '../../web-app';
import { ShowStage, wordsOf } from '../show/show-stage';

describe('the list of projects', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  const list = async (query = '') => mainOf(await stage.owner.get(`/projects${query}`));
  const names = (main: string) => [...main.matchAll(/<a class="over name"[^>]*>([^<]*)<\/a>/g)].map(([, name]) => name);

  it('shows the first image that the latest run names', async () => {
    const image = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#369' } })
      .png()
      .toBuffer();
    await stage.ended(
      { 'a.png': image, 'outlines.png': image },
      {},
      { manifest: { outputs: [{ glob: 'outlines.png', kind: 'image' }] as never } },
    );
    const run = await stage.ended({ 'table.csv': 'a\n1\n' });
    // On a busy machine a page shows that files are counted, until they are.
    let main = '';
    await until(async () => /\d files? · \d/.test(wordsOf((main = await list()))));
    // The newest run left no picture: it would be a lie to show that of an older one as its result.
    expect(main).not.toContain('<img');
    await stage.writeResult(run, 'b.png', image);
    await stage.writeResult(run, 'a.png', image);
    const [, cover] = /<img src="([^"]*)" alt="" width="400" height="112" loading="lazy"/.exec(await list()) ?? [];
    const address = cover.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
    expect(address).toBe(`/projects/${stage.project.id}/thumbnails/runs/${run}/a.png?size=grid`);
    expect((await stage.owner.get(address)).headers['content-type']).toBe('image/png');
    // It is remembered, and not shown any more when it is gone.
    expect(await list()).toContain(`/runs/${run}/a.png`);
    await stage.web.app
      .get(ProjectFiles)
      .of(stage.project)
      .remove([...stage.web.app.get(ProjectFiles).resultsPath(run), Buffer.from('a.png')]);
    expect(await list()).toContain(`/runs/${run}/b.png`);
  });

  it('shows an image behind a hundred other files and in folders, and no mask where there is another', async () => {
    const image = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#396' } })
      .png()
      .toBuffer();
    const outputs = [
      { glob: 'masks/*.png', kind: 'label' },
      { glob: 'views/*.png', kind: 'overlay' },
      { glob: '*.png', kind: 'image' },
    ] as never;
    const tables = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`a${index}.csv`, 'a\n1\n']));
    const files = { ...tables, 'masks/m.png': image, 'views/z.png': image, 'views/y.png': image };
    const run = await stage.ended(files, {}, { manifest: { outputs } });
    await until(async () => (await stage.page(run)).includes('id="outputs"'), 15_000);
    expect(await list()).toContain(`/runs/${run}/views/y.png`);
    await rm(stage.resultPath(run, 'views/y.png'));
    expect(await list()).toContain(`/runs/${run}/views/z.png`);
    await rm(stage.resultPath(run, 'views'), { recursive: true });
    expect(await list()).toContain(`/runs/${run}/masks/m.png`);
  });

  it('finds the newest runs of many projects by the index, and good ones among the last', async () => {
    const runs = stage.web.app.get(ProjectRunsRepository, { strict: false });
    const rows = stage.web.app.get(DataSource).getRepository(Run);
    const [empty, spoilt] = [aProject(), aProject()];
    const [good, bad] = [await stage.ended(), await stage.ended({}, { state: 'failed', exitCode: 1 })];
    for (let count = 0; count < 3; count += 1) {
      const { runId } = await stage.store.enqueue(aNewRun({ projectId: spoilt.id }));
      await stage.store.requestCancel(runId, 'test');
    }
    const asked: string[] = [];
    const query = jest.spyOn(rows.manager.connection, 'query').mockName('query');
    const ids = [stage.project.id, empty.id, spoilt.id, ...Array.from({ length: 120 }, () => randomUUID())];
    const [newest, newestGood] = [await runs.newestOf(ids), await runs.newestGoodOf(ids)];
    asked.push(...query.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('UNION ALL')));
    query.mockRestore();
    expect([newest.get(stage.project.id)?.id, newestGood.get(stage.project.id)?.id]).toEqual([bad, good]);
    expect([newest.size, newestGood.size, newestGood.has(spoilt.id)]).toEqual([2, 1, false]);
    expect(asked).toHaveLength(4);
    const isSqlite = dialectOf(rows.manager.connection.options) === 'sqlite';
    for (const sql of asked) {
      const plan = await rows.query<Record<string, string | null>[]>(
        `EXPLAIN ${isSqlite ? 'QUERY PLAN ' : ''}${sql}`,
        Array.from({ length: sql.split('?').length - 1 }, () => stage.project.id),
      );
      const looks = isSqlite
        ? plan.map(({ detail }) => detail ?? '').filter((detail) => / queue /.test(detail))
        : plan.filter(({ table }) => table === 'queue');
      expect(looks.length).toBeGreaterThan(1);
      for (const look of looks)
        if (typeof look === 'string') expect(look).toMatch(/^SEARCH queue USING (?:COVERING )?INDEX idx_queue_project \(project_id=\?\)$/);
        else
          expect([look['type'], look['key'], look['Extra']]).toEqual([
            'ref',
            'idx_queue_project',
            expect.not.stringMatching(/filesort|temporary/),
          ]);
      expect(plan.map((row) => row['detail'] ?? '').join()).not.toContain('TEMP B-TREE');
    }
  });

  it('finds and sorts where there are many, without a script', async () => {
    expect(await list()).not.toContain('role="search"');
    for (const name of ['Zebra 10', 'zebra 9', 'Ähre', 'Café', 'one%', 'a_b', '<i>'])
      await stage.web.app.get(ProjectCreation, { strict: false }).create(stage.project.ownerId, name);
    expect(await list()).not.toContain('role="search"');
    await stage.web.app.get(ProjectCreation, { strict: false }).create(stage.project.ownerId, 'Zebra 100');
    expect(wordsOf(await list())).toContain('9 projects');
    const found = await list('?q=ZEBRA&sort=name');
    expect(names(found)).toEqual(['zebra 9', 'Zebra 10', 'Zebra 100']);
    expect(wordsOf(found)).toContain('3 of 9 projects');
    expect(names(await list('?q=%25'))).toEqual(['one%']);
    expect(names(await list('?q=_'))).toEqual(['a_b']);
    expect(names(await list('?sort=created'))[0]).toBe('Zebra 100');
    const none = await list('?q=nothing+like+it');
    expect(wordsOf(none)).toMatch(/No project has that in its name\. Show all projects/);
    expect(none).toContain('value="nothing like it"');
    expect(names(await list('?q[]=x&sort=drop&page=99'))).toHaveLength(9);
  });
});
