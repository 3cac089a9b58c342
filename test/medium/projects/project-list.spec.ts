import sharp from 'sharp';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectCreation } from '../../../src/common/projects/project-creation';
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

  it('shows the first image that the latest run names, and that the amount holds results', async () => {
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
    await until(async () => wordsOf((main = await list())).includes('with the results of runs'));
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
