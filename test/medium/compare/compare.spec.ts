import { aProject } from '../../factories';
import { mainOf } from '../../web-app';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { ShowStage, wordsOf } from '../show/show-stage';

const PARAMETERS = [
  { name: 'sigma', type: 'number', label: 'Smoothing', unit: 'px', default: 1 },
  { name: 'way', type: 'string', label: 'Way', default: '' },
] as never;
const OUTPUTS = [{ glob: 'cells.csv', kind: 'table', title: 'Cells' }] as never;

describe('comparing runs', () => {
  let stage: ShowStage;
  let page: string;
  let ids: number[];

  beforeAll(async () => {
    stage = await ShowStage.open();
    page = `/projects/${stage.project.id}/compare`;
    const run = (sigma: string, csv: string, files = {}) =>
      stage.ended(
        { 'cells.csv': csv, ...files },
        {},
        { parameters: { sigma, way: '<b>fast</b>' }, manifest: { parameters: PARAMETERS, outputs: OUTPUTS } },
      );
    ids = [
      await run('1', 'cell,area,kind\n1,10,a\n2,20,b\n'),
      await run('2.5', 'cell,area,kind\n2,25,b\n3,30,c\n', { 'mask.png': 'no picture' }),
    ];
  });
  afterAll(() => stage.close());

  const asked = async (query: string) => {
    const answer = await stage.owner.get(`${page}?${query}`);
    expect(answer.status).toBe(200);
    return mainOf(answer);
  };
  const both = () => ids.map((id) => `run=${id}`).join('&');

  it('lets the runs be chosen first', async () => {
    const html = await asked(`run=${ids[0]}`);
    expect(wordsOf(html)).toContain('Choose two to 6 runs.');
    expect(html).toMatch(new RegExp(`value="${ids[0]}" checked`));
    expect(html).toMatch(new RegExp(`value="${ids[1]}" />`));
  });

  it('shows values beside each other, those that differ marked', async () => {
    const html = await asked(both());
    expect(wordsOf(html)).toMatch(/Smoothing \(px\) differs 1 2\.5/);
    expect(html).toContain('<mark>2.5</mark>');
    expect(html).not.toContain('<b>fast');
    expect(html).not.toContain('<mark>&lt;b&gt;fast');
  });

  it('joins tables by their key', async () => {
    const html = await asked(both());
    expect(wordsOf(html)).toContain('Cells 3 rows, 1 differs · 2 not in all runs');
    expect(html).toMatch(/<th scope="row">2<\/th>\s*<td class="num">\s*<mark>20<\/mark>\s*<\/td>\s*<td class="num">\s*<mark>25<\/mark>/);
    expect(wordsOf(await asked(`${both()}&key=area`))).toContain('4 rows, 0 differ');
  });

  it('tells which run has no such picture', async () => {
    expect(wordsOf(await asked(both()))).toContain(`Run #${ids[0]} has no such picture.`);
  });

  it('leaves out what is alike on request', async () => {
    const words = wordsOf(await asked(`${both()}&only=differences`));
    expect(words).toContain('Smoothing');
    expect(words).not.toContain('fast');
    expect(words).toMatch(/\d+ lines are left out/);
  });

  it('compares no run of another project', async () => {
    const other = aProject({ ownerId: stage.project.ownerId });
    const { runId } = await stage.web.app.get(QueueStore).enqueue(aNewRun({ projectId: other.id, ownerId: other.ownerId }));
    const words = wordsOf(await asked(`run=${ids[0]}&run=${runId}`));
    expect(words).toContain('Choose two to 6 runs.');
  });

  it.each(['', 'run=x', 'run[]=1', 'run[a]=1', 'key[]=1', 'run=99999999999999', 'run=0&run=-1', `key=__proto__`])(
    'takes nonsense (%s)',
    async (query) => {
      await asked(query);
      await asked(`${both()}&${query}`);
    },
  );
});
