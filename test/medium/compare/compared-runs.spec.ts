import sharp from 'sharp';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun, aProject } from '../../factories';
import { until } from '../../until';
import { mainOf } from '../../web-app';
import { ShowStage, wordsOf } from '../show/show-stage';

const digestOf = (sign: string) => ({ sha256: sign.repeat(64), files: 1, bytes: 1, complete: true });
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#804020' } })
    .png()
    .toBuffer();

describe('what runs are compared in', () => {
  let stage: ShowStage;
  let ids: number[];

  beforeAll(async () => {
    stage = await ShowStage.open();
    const run = (files: Record<string, string | Buffer>, sign: string) =>
      stage.ended(files, {}, { manifest: { version: '1', digest: digestOf(sign) } as never });
    ids = [
      await run({ 'same.txt': 'a', 'other.txt': 'a', 'mask.png': await picture(40, 20), 'lone.txt': 'x' }, 'a'),
      await run({ 'same.txt': 'a', 'other.txt': 'b', 'mask.png': await picture(80, 40) }, 'b'),
    ];
  });
  afterAll(() => stage.close());

  const page = async (runs: readonly number[], more = '') => {
    const answer = await stage.owner.get(`/projects/${stage.project.id}/compare?${runs.map((id) => `run=${id}`).join('&')}${more}`);
    expect(answer.status).toBe(200);
    return mainOf(answer);
  };
  const words = async (...asked: Parameters<typeof page>) => wordsOf(await page(...asked));

  it('tells files that are the same from those that differ, by their checksums', async () => {
    await until(async () => !(await words(ids)).includes('still being computed'));
    const said = await words(ids);
    expect(said).toContain('4 files, 3 different');
    expect(said).toMatch(/≠ other\.txt differs 1 byte/);
    expect(said).toMatch(/≠ lone\.txt not in all/);
    expect(said).toMatch(/ same\.txt the same 1 byte/);
    expect(await words(ids, '&only=differences')).not.toContain(' same.txt');
  });

  it('says that pipelines differ, that a run is not over, and that results are gone', async () => {
    expect(await words(ids)).toContain('The pipeline is not the same in all runs');
    const running = await stage.running({ pipelineId: 'blur', pipelineTitle: 'Blur' });
    const empty = await stage.ended({});
    const said = await words([ids[0], running.id, empty]);
    expect(said).toContain(`These are runs of different pipelines: Nuclei (#${ids[0]}, #${empty}), Blur (#${running.id}).`);
    expect(said).toContain(`#${running.id}: not over yet.`);
    expect(said).toContain(`#${empty}: the results are gone.`);
  });

  it('takes runs of other projects of the same person, by number, and none of others', async () => {
    const store = stage.web.app.get(QueueStore);
    const mine = aProject({ ownerId: stage.project.ownerId, name: 'Kidney' });
    const other = aProject();
    for (const project of [mine, other]) await stage.web.app.get(ProjectsRepository).add(project);
    const asked = await Promise.all([mine, other].map(({ id, ownerId }) => store.enqueue(aNewRun({ projectId: id, ownerId }))));
    const [first, second] = asked.map(({ runId }) => runId);
    const html = await page([ids[0]], `&more=${first},${second}`);
    expect(html).toContain(`href="/runs/${first}"`);
    expect(html).not.toContain(`href="/runs/${second}"`);
    expect(wordsOf(html)).toMatch(/Project differs .* Kidney/);
  });

  it('opens images of the same name beside each other, also of other sizes', async () => {
    const address = `/projects/${stage.project.id}/compare/viewer?runs=${ids.join(',')}&file=mask.png`;
    const plain = (await page(ids)).replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    expect(plain).toContain(`/projects/${stage.project.id}/compare/viewer?file=mask.png&runs=${ids.join('%2C')}"`);
    const answer = await stage.owner.get(address);
    expect(answer.status).toBe(200);
    const html = mainOf(answer);
    expect(wordsOf(html)).toContain('The images are of different size');
    expect(html.match(/data-pane /g)).toHaveLength(2);
    expect(html).toContain(`src="/runs/${ids[1]}/tiles/picture/mask.png"`);
    const data = JSON.parse(/id="linked-data">([^<]*)</.exec(html)?.[1] ?? '[]') as { width: number; layers: unknown[] }[];
    expect(data.map(({ width }) => width)).toEqual([40, 80]);
  });

  it('opens the views that manifests declare beside each other', async () => {
    const views = [
      {
        title: 'Mask of {*}',
        each: '*-mask.png',
        kind: 'layers',
        layers: [{ glob: '{*}-mask.png', as: 'image', opacity: 1, visible: true }],
      },
    ];
    const manifest = { version: '1', digest: digestOf('c'), views } as never;
    const [small, large] = [await picture(40, 20), await picture(80, 40)];
    const two = [
      await stage.ended({ 'a-mask.png': small, 'b-mask.png': small }, {}, { manifest }),
      await stage.ended({ 'a-mask.png': large }, {}, { manifest }),
    ];
    const plain = (await page(two)).replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
    const address = /href="([^"]*compare\/viewer[^"]*view=0[^"]*)"/.exec(plain)?.[1] ?? '';
    expect(wordsOf(plain)).toContain('Mask of a');
    expect(wordsOf(plain)).not.toContain('Mask of b');
    expect(plain).toMatch(new RegExp(`src="/runs/${two[1]}/tiles/picture\\?[^"]*of=a[^"]*"`));
    const html = mainOf(await stage.owner.get(address));
    expect(html.match(/data-pane /g)).toHaveLength(2);
    const data = JSON.parse(/id="linked-data">([^<]*)</.exec(html)?.[1] ?? '[]') as { width: number }[];
    expect(data.map(({ width }) => width)).toEqual([40, 80]);
  });

  it('says which run has no such image', async () => {
    const third = await stage.ended({ 'same.txt': 'a' });
    const answer = await stage.owner.get(`/projects/${stage.project.id}/compare/viewer?runs=${[...ids, third].join(',')}&file=mask.png`);
    expect(wordsOf(mainOf(answer))).toContain(`Run #${third} has no such image, or it cannot be shown.`);
    const alone = await stage.owner.get(`/projects/${stage.project.id}/compare/viewer?runs=${ids[0]},${third}&file=mask.png`);
    expect(wordsOf(mainOf(alone))).toContain('Two runs are needed that have this image.');
  });

  it.each(['file=', 'file=../x', 'view=x', 'view=0&of[]=1', 'file=same.txt'])('answers %s with a sentence', async (query) => {
    const answer = await stage.owner.get(`/projects/${stage.project.id}/compare/viewer?runs=${ids.join(',')}&${query}`);
    expect([200, 400, 404, 422]).toContain(answer.status);
  });
});
