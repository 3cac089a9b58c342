import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Manifest, ParameterValues } from '../../../src/common/pipelines/manifest';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import type { NewRun } from '../../../src/common/queue/queue-store';
import type { Run } from '../../../src/common/queue/run.entity';
import { HandoffHost } from '../../handoff-host';
import { RunnerWorld } from '../../runner-world';
import { until } from '../../until';

const MANIFEST = `
command: ./job.sh
parameters:
  - { name: images, type: files, accept: [] }
  - { name: a, type: string, required: false }
  - { name: n, type: number, required: false }
  - { name: fast, type: boolean, spelling: { true: yes, false: no } }
arguments: ['--work={workFolder}', '--id={runId}', '--project={projectFolder}', { value: images, flag: --images, join: ';' }]
stage:
  - { parameter: images, to: data/, name: 'image {index}{ext}' }
  - { parameter: images, to: copies/, as: copy }
files:
  - path: batch.txt
    format: lines
    quote: shell
    lines:
      - words: [printf, '%s\\n', run, '{runId}', '-a={a}', '-fast={fast}', '-data={workFolder}/data']
      - when: fast
        words: [echo, is fast]
  - { path: lists/images.csv, format: rows, keep: true, rows: images, columns: [{ header: path, value: '{images}' }, { header: name, value: '{images.stem}' }] }
  - { path: config.yaml, format: yaml, keep: true, value: { number: '{n}', a: '{a}' } }
runId: { file: run_id.txt }
after: { clear: [RUNNING, 'left/**'] }
`;
const JOB = `
sh ./batch.txt > words || exit 1
cat data/* > joined
ls data > names
cp run_id.txt id
printf '%s\\n' "$@" > arguments
echo more >> copies/a.tif
mkdir -p left/over && touch RUNNING left/over/file left/over/other
`;

/** What a program finds in its working folder, and what of it is there afterwards. */
describe('the working folder of a program', () => {
  let world: RunnerWorld;
  let stop: () => Promise<void>;
  let pipelines = 0;

  beforeAll(async () => {
    world = await RunnerWorld.open({ INBOX_DIR: '/nowhere', RUNNER_ENGINES: 'process,handoff' });
    world.environment['INBOX_DIR'] = join(world.database.folder, 'inbox');
    put(inProject('a.tif'), 'image a\n');
    put(inProject("it's, b;.tif"), 'image b\n');
    put(join(world.database.folder, 'inbox', 'c.tif'), 'image c\n');
    stop = await world.startRunner();
  });
  afterAll(async () => {
    await stop();
    await world.close();
  });

  const put = (path: string, content: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  };
  const inProject = (name: string) => join(world.database.folder, 'files', world.project.ownerId, world.project.id, name);
  const result = (id: number, name: string) => readFileSync(world.results(id, name), 'utf8');

  /** A pipeline with a manifest of its own. */
  function submit(
    manifest: string,
    job: string,
    parameters: ParameterValues,
    over: Partial<Manifest> = {},
    run: Partial<NewRun> = {},
  ): Promise<number> {
    pipelines += 1;
    world.addPipeline(`p${pipelines}`, job);
    const compiled = compileYaml('x', manifest);
    if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
    const { id: _, ...whole } = compiled;
    return world.submit(`p${pipelines}`, { ...whole, ...over }, run, parameters);
  }
  const record = (run: Run) => JSON.parse(readFileSync(world.control(run, 'files.json'), 'utf8')) as { path: string; content: string }[];

  it('holds files and inputs as the manifest says, byte for byte, and is tidy when all is over', async () => {
    const a = `it's "a" $HOME; touch evil #🔬`;
    const images = ['project:a.tif', 'inbox:c.tif'];
    const id = await submit(MANIFEST, JOB, { images, a, n: '1e-7', fast: true });
    const run = await world.untilState(id, 'succeeded');
    const folder = world.results(id).replace(/\/$/, '');
    expect(result(id, 'words').split('\n')).toEqual(['run', String(id), `-a=${a}`, '-fast=yes', `-data=${folder}/data`, 'is fast', '']);
    expect(result(id, 'joined')).toBe('image a\nimage c\n');
    expect(result(id, 'names')).toBe('image 1.tif\nimage 2.tif\n');
    expect(result(id, 'id')).toBe(`${id}\n`);
    const inbox = join(world.database.folder, 'inbox', 'c.tif');
    const words = [
      `--work=${folder}`,
      `--id=${id}`,
      `--project=${inProject('').replace(/\/$/, '')}`,
      `--images=${inProject('a.tif')};${inbox}`,
      '',
    ];
    expect(result(id, 'arguments').split('\n')).toEqual(words);
    expect(result(id, 'lists/images.csv')).toBe(`path,name\n${inProject('a.tif')},a\n${inbox},c\n`);
    expect(result(id, 'config.yaml')).toBe(`number: 1.0e-7\na: ${JSON.stringify(a)}\n`);
    // Copies are the program's own; the original is as it was.
    expect(result(id, 'copies/a.tif')).toBe('image a\nmore\n');
    expect(readFileSync(inProject('a.tif'), 'utf8')).toBe('image a\n');
    expect(readdirSync(folder).sort()).toEqual(['arguments', 'config.yaml', 'copies', 'id', 'joined', 'lists', 'names', 'words']);
    // What was there is known all the same.
    expect(record(run).map(({ path }) => path)).toEqual(['batch.txt', 'lists/images.csv', 'config.yaml', 'run_id.txt']);
    expect(record(run)[0]?.content).toContain(`-fast=yes -data=${folder}/data\n`);
  });

  it('does not start with a value that a file cannot hold, or an input that is gone, and says which', async () => {
    const joined = await submit(MANIFEST, JOB, { images: ['project:a.tif', "project:it's, b;.tif"] });
    expect(await world.untilFinal(joined)).toMatchObject({
      state: 'failed',
      starts: 0,
      note: expect.stringContaining('b;.tif” holds “;”'),
    });
    const broken = await submit(MANIFEST, JOB, { images: ['project:a.tif'], a: 'two\nlines' });
    expect(await world.untilFinal(broken)).toMatchObject({
      state: 'failed',
      starts: 0,
      note: expect.stringMatching(/^A: “two.lines” cannot be written/u),
    });
    const gone = await submit(MANIFEST, JOB, { images: ['project:gone.tif'] });
    expect(await world.untilFinal(gone)).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('gone.tif') });
    for (const id of [joined, broken, gone]) expect(existsSync(world.results(id, 'batch.txt'))).toBe(false);
  });

  it('has nothing of it where the program could not even be prepared', async () => {
    const id = await submit(MANIFEST, JOB, { images: ['project:a.tif'] }, { arguments: [{ kind: 'literal', value: 'a\0b' }] });
    expect(await world.untilFinal(id)).toMatchObject({ state: 'failed', starts: 0, note: expect.stringContaining('EINVAL') });
    expect(readdirSync(world.results(id)).sort()).toEqual(['config.yaml', 'copies', 'lists']);
  });

  it('is filled anew for each attempt, whatever the one before did to it', async () => {
    const job = `if [ "$SHOWRUNNER_ATTEMPT" = 1 ]; then rm batch.txt data/*; ln -s / data/evil; echo old > old; exit 3; fi\n${JOB}`;
    const id = await submit(MANIFEST, job, { images: ['project:a.tif'] }, { retry: { starts: 2, on: ['failed'] } });
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 2 });
    expect(result(id, 'words')).toContain('-fast=no');
    expect(existsSync(world.results(id, 'old'))).toBe(false);
  });

  it('keeps what the program put in the place of a link, and counts no file of ours as a result', async () => {
    const job = 'rm "data/image 1.tif"; echo own > "data/image 1.tif"; ln -s / data/out';
    const outcome = { successCodes: [0], partialCodes: [], requiredOutputs: ['*.txt', 'lists/*'] };
    const id = await submit(MANIFEST, job, { images: ['project:a.tif', 'inbox:c.tif'] }, { outcome });
    expect(await world.untilFinal(id)).toMatchObject({ state: 'failed', note: expect.stringContaining('*.txt') });
    expect(readdirSync(world.results(id, 'data'))).toEqual(['image 1.tif']);
    expect(readFileSync(inProject('a.tif'), 'utf8')).toBe('image a\n');
  });

  it('gets copies of what an earlier run of the project found, less what is cleared before', async () => {
    const earlier = await world.run(
      'mkdir -p analysis/plots; echo 1,2 > analysis/cells.csv; touch analysis/plots/old.png other; ln -s / analysis/out',
    );
    await world.untilState(earlier, 'succeeded');
    const stage: Manifest['stage'] = [{ kind: 'run', parameter: 'before', globs: ['analysis/**'], to: 'data/' }];
    const rules = { stage, before: { clear: ['**/*.png'] } };
    const job = 'find data -type f > found; echo changed >> data/analysis/cells.csv';
    const id = await submit('command: ./job.sh', job, { before: String(earlier) }, rules);
    await world.untilState(id, 'succeeded');
    expect(result(id, 'found')).toBe('data/analysis/cells.csv\n');
    expect(result(earlier, 'analysis/cells.csv')).toBe('1,2\n');
    expect(existsSync(world.results(id, 'data/analysis/plots'))).toBe(false);
    const foreign = await submit('command: ./job.sh', job, { before: '999999' }, rules);
    expect(await world.untilFinal(foreign)).toMatchObject({
      state: 'failed',
      starts: 0,
      note: expect.stringContaining('Run 999999 is not a run of this project'),
    });
  });

  it('says the number of the run in a variable', async () => {
    const id = await submit('command: ./job.sh\nrunId: { env: MY_RUN }', 'echo "$MY_RUN" > id', {});
    await world.untilState(id, 'succeeded');
    expect(result(id, 'id')).toBe(`${id}\n`);
  });

  it('names places as a launcher on the host finds them', async () => {
    const host = new HandoffHost(join(world.database.folder, 'handoff'));
    const alias = join(world.database.folder, 'elsewhere');
    symlinkSync(join(world.database.folder, 'files'), alias);
    host.start();
    try {
      const pathMap = [{ outside: join(world.database.folder, 'files'), inside: alias }];
      const { runtime } = host.manifest(
        'cd "$1"; sh ./batch.txt > words; cat data/* > joined; readlink data/* > links; cp lists/images.csv seen.csv',
        { pathMap },
      );
      const args: Manifest['arguments'] = [{ kind: 'outputFolder', flag: null, style: 'bare' }];
      const id = await submit(
        MANIFEST,
        '',
        { images: ['project:a.tif'], fast: false },
        { runtime, arguments: args },
        { engine: 'handoff' },
      );
      await world.untilState(id, 'succeeded', 'partial');
      const inside = (path: string) => path.replace(pathMap[0].outside, alias);
      expect(result(id, 'words')).toContain(`-data=${inside(world.results(id, 'data'))}\n`);
      expect(result(id, 'joined')).toBe('image a\n');
      expect(result(id, 'links')).toBe(`${inside(inProject('a.tif'))}\n`);
      expect(result(id, 'seen.csv')).toContain(`${inside(inProject('a.tif'))},a\n`);
      await until(() => !existsSync(world.results(id, 'data')));
    } finally {
      await host.close();
    }
  });
});
