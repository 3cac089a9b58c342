import { ProjectRunsRepository } from '../../../src/common/projects/project-runs.repository';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { RunsToChoose } from '../../../src/web/compare/run-choices';
import { aNewRun, aProject } from '../../factories';
import { mainOf } from '../../web-app';
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
    expect(wordsOf(html)).toContain('Choose 2 to 6 runs.');
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
    expect(html).toMatch(
      /<th scope="row">2<\/th>\s*<td class="num run-first">\s*<mark>20<\/mark>\s*<\/td>\s*<td class="num">\s*<mark>25<\/mark>/,
    );
    expect(wordsOf(await asked(`${both()}&key=area`))).toContain('4 rows, 0 differ');
  });

  it('tells which run has no such picture', async () => {
    expect(wordsOf(await asked(both()))).toContain(`Run #${ids[0]} has no such picture.`);
  });

  it('leaves out what is alike on request', async () => {
    const words = wordsOf((await asked(`${both()}&only=differences`)).split('id="choose-runs"')[0]);
    expect(words).toContain('Smoothing');
    expect(words).not.toContain('fast');
    expect(words).toMatch(/\d+ lines are left out/);
  });

  it('lists runs that have ended, finds them by words, and keeps those that are ticked', async () => {
    const waiting = await stage.queued({ parameters: { sigma: '7' }, manifest: { parameters: PARAMETERS } });
    const all = await asked('');
    expect(all).not.toContain(`value="${waiting}"`);
    expect(wordsOf(all)).toMatch(/Smoothing: 2\.5.*Smoothing: 1 /);
    const found = await asked(`find=smoothing+2.5&choose=runs&run=${ids[0]}&run=${waiting}`);
    expect(found).toMatch(new RegExp(`value="${ids[0]}" checked[^]*value="${ids[1]}" />`));
    const nothing = await asked(`find=sharpening&choose=runs&${both()}`);
    expect([...nothing.matchAll(/name="run" value="(\d+)" checked/g)].map(([, id]) => Number(id))).toEqual([ids[1], ids[0]]);
    expect(nothing).not.toContain('id="parameters"');
    expect(wordsOf(await asked('find=sharpening&choose=runs'))).toContain('No run that has ended fits these words.');
    // The enter key in the field of numbers.
    expect(await asked(`find=&choose=runs&more=${ids.join(',')}`)).toContain('id="parameters"');
  });

  it('reads no manifest but of the runs that it lists, finds by any value, and says what it leaves out', async () => {
    const project = aProject({ ownerId: stage.project.ownerId });
    await stage.web.app.get(ProjectsRepository).add(project);
    const many = [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'depth', label: 'Depth' }];
    const values = { a: 1, b: 2, c: 3, depth: 'shallow' };
    const given = { projectId: project.id, ownerId: project.ownerId, manifest: { parameters: many } as never };
    const asked62 = await Promise.all(
      Array.from({ length: 62 }, (_, index) =>
        stage.store.enqueue(aNewRun({ ...given, parameters: { ...values, ...(index === 0 ? { depth: 'deep' } : {}) } })),
      ),
    );
    const numbers = asked62.map(({ runId }) => runId);
    for (const id of numbers) await stage.store.requestCancel(id, 'test');
    const [oldest, newest] = [Math.min(...numbers), Math.max(...numbers)];
    const choices = async (words: string, chosen: number[] = []) => {
      const compared = await stage.web.app.get(RunsRepository).findByIds(chosen);
      return stage.web.app.get(RunsToChoose, { strict: false }).of(project, words, compared);
    };
    const read = jest.spyOn(stage.web.app.get(RunsRepository), 'detailsOf');
    const projectRead = jest.spyOn(stage.web.app.get(ProjectRunsRepository, { strict: false }), 'detailsOf');
    expect(await choices('deep')).toMatchObject({ list: [{ id: numbers[0], isChosen: false }], shownOfMore: 0, searched: 0 });
    expect([read, projectRead].map(({ mock }) => mock.calls.flatMap(([ids]) => ids).length)).toEqual([1, 1]);
    for (const spy of [read, projectRead]) spy.mockRestore();
    expect(await choices('depth: shallow')).toMatchObject({ shownOfMore: 60, list: { length: 60 } });
    // The chosen one is older than all that are listed, and stands first.
    const all = await choices('', [oldest, newest]);
    expect([all.list.length, all.shownOfMore, all.list[0].id, all.list[1].id]).toEqual([62, 0, newest, oldest]);
    const cut = await choices('', [newest]);
    expect([cut.list.length, cut.shownOfMore]).toEqual([61, 60]);
    const html = mainOf(await stage.owner.get(`/projects/${project.id}/compare?find=shallow&choose=runs`));
    expect(wordsOf(html)).toContain('More runs fit: the latest 60 of them are listed.');
  });

  it('keeps the older run on the left, and what differs above', async () => {
    const heads = (html: string) => [...html.matchAll(/<th scope="col"><a href="\/runs\/(\d+)"/g)].map(([, id]) => Number(id)).slice(0, 2);
    expect(heads(await asked(`run=${ids[1]}&run=${ids[0]}`))).toEqual(ids);
    const twins = await Promise.all(
      ['a', 'b'].map((way) => stage.queued({ parameters: { sigma: '1', way }, manifest: { parameters: PARAMETERS } })),
    );
    expect(wordsOf(await asked(twins.map((id) => `run=${id}`).join('&')))).toMatch(/Way differs a b.*Smoothing \(px\) 1 1/);
  });

  it('warns of rows that are matched by a number that each run counts anew', async () => {
    const counted: number[] = [];
    for (const area of [10, 12]) {
      const csv = `cell,area\n1,${area}\n2,7\n3,8\n`;
      counted.push(await stage.ended({ 'cells.csv': csv }, {}, { manifest: { outputs: OUTPUTS } }));
    }
    const query = counted.map((id) => `run=${id}`).join('&');
    const warning = '“cell” only counts the rows of each run: a row of one run need not be the same object';
    expect(wordsOf(await asked(query))).toContain(warning);
    const whole = await stage.owner.get(`${page}/table?file=cells.csv&runs=${counted.join(',')}`);
    expect(wordsOf(whole.body)).toContain(warning);
    expect(wordsOf(await asked(both()))).not.toContain('only counts the rows');
  });

  it('compares no run of another project', async () => {
    const other = aProject({ ownerId: stage.project.ownerId });
    const { runId } = await stage.web.app.get(QueueStore).enqueue(aNewRun({ projectId: other.id, ownerId: other.ownerId }));
    const words = wordsOf(await asked(`run=${ids[0]}&run=${runId}`));
    expect(words).toContain('Choose 2 to 6 runs.');
  });

  it.each(['', 'run=x', 'run[]=1', 'run[a]=1', 'key[]=1', 'run=99999999999999', 'run=0&run=-1', `key=__proto__`])(
    'takes nonsense (%s)',
    async (query) => {
      await asked(query);
      await asked(`${both()}&${query}`);
    },
  );
});
