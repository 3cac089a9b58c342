import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkPipeline, describeReport } from '../../../src/pipeline/check/check-pipeline';
import { newPipeline } from '../../../src/pipeline/new-pipeline';
import { compileProduct, type Product } from '../../product';
import { aFolderOfPipelines, configFor, SHIPPED } from './check-stage';

const HOME = resolve(__dirname, '..', '..', '..');

/** Names in PIPELINES_DIR that are pipelines: not the notes and samples beside them. */
const shipped = readdirSync(SHIPPED).filter((name) => !/^[._]|\.(md|yaml|txt)$/.test(name));

const SCRIPT = `#!/bin/sh
printf 'got %s\\n' "$#" "$@"
case $1 in *) cat -- "$2" > "$3/copy.txt" ;; esac
exit "$1"
`;
const MANIFEST = `
command: [./run.sh]
parameters:
  - { name: status, type: integer, default: 0, min: 0, max: 9 }
  - { name: input, type: file, accept: [.txt] }
arguments: ['{status}', '{input}', '{outputFolder}']
outcome: { partialCodes: [3] }
`;

/** Their images are on no machine that has not made them. */
const IN_CONTAINERS = new Set(['hpaseg', 'pipex', 'proticelli']);

describe('pipeline check', () => {
  let stage: ReturnType<typeof aFolderOfPipelines>;
  afterEach(() => stage.remove());

  const withSamples = (samples: string, files: Record<string, string> = {}) => {
    stage = aFolderOfPipelines({
      'one/run.sh': SCRIPT,
      'one/in/a b.txt': 'hello\n',
      'one/pipeline.yaml': `${MANIFEST}samples:\n${samples}`,
      ...files,
    });
    return checkPipeline(stage.config, 'one');
  };

  describe('of what ships', () => {
    beforeEach(() => {
      stage = aFolderOfPipelines();
    });

    it.each(shipped)('%s has no faults, and its samples do what they say', async (name) => {
      const report = await checkPipeline(configFor(SHIPPED), name.replace(/\.sh$/, ''));
      expect(describeReport(report)).not.toMatch(/FAILED|fault\b/);
      expect(report.faults).toEqual([]);
      expect(report.samples.length).toBeGreaterThan(1);
      // Those in containers are tried where there is a Docker: test/engines/docker/shipped-pipelines.spec.ts.
      const results = new Set(report.samples.map(({ result }) => result));
      if (IN_CONTAINERS.has(name)) expect([...results].filter((result) => result !== 'away')).toEqual([]);
      else expect([report.exitStatus, ...results]).toEqual([0, 'passed']);
    });

    it('the template, copied', async () => {
      const folder = await newPipeline(stage.config, 'my_first-one');
      const source = readFileSync(join(folder, 'pipeline.yaml'), 'utf8');
      expect(source).toContain('title: "My first one"');
      const schema = /^# yaml-language-server: \$schema=(.*)$/m.exec(source)?.[1] ?? '';
      expect(resolve(folder, schema)).toBe(join(HOME, 'config', 'pipeline.schema.json'));
      const report = await checkPipeline(stage.config, 'my_first-one');
      expect(describeReport(report)).toMatch(/passed {2}the mean of a small table/);
      expect(report.exitStatus).toBe(0);
    });

    it.each(['../up', '', '.hidden', 'a b', 'a/b', '__proto__', '-x', 'x'.repeat(81)])('makes no pipeline named %j', async (name) => {
      await expect(newPipeline(stage.config, name)).rejects.toThrow(expect.objectContaining({ exitStatus: 73 }) as Error);
      expect(readdirSync(stage.root)).toEqual([]);
    });

    it('leaves nothing where the template is not there', async () => {
      const config = Object.create(stage.config, { home: { value: stage.root } }) as typeof stage.config;
      await expect(newPipeline(config, 'half')).rejects.toThrow(expect.objectContaining({ code: 'ENOENT' }) as Error);
      expect(readdirSync(stage.root)).toEqual([]);
    });

    it('makes none whose name is taken, by a folder or by a script', async () => {
      writeFileSync(join(stage.root, 'taken.sh'), '#!/bin/sh\n');
      await newPipeline(stage.config, 'here');
      for (const name of ['taken', 'here']) await expect(newPipeline(stage.config, name)).rejects.toThrow('is there already');
    });
  });

  it('runs a sample with the real program, byte for byte', async () => {
    const report = await withSamples(`
  - title: fine
    files: { input: in/a b.txt }
    expect: { arguments: ['0', '{projectFolder}/a b.txt', '{outputFolder}'], files: ['*.txt'], logs: '^got 3$' }
  - title: in part
    values: { status: 3 }
    files: { input: { name: written.txt, text: x } }
    expect: { state: partial }
  - title: by a path of the project
    values: { input: 'project:deep/a.txt' }
    files: { deep/a.txt: in/a b.txt }
    expect: { arguments: ['0', '{projectFolder}/deep/a.txt', '{outputFolder}'] }
`);
    expect(report.samples.map(({ result, state, faults }) => [result, state, faults])).toEqual([
      ['passed', 'succeeded', []],
      ['passed', 'partial', []],
      ['passed', 'succeeded', []],
    ]);
    expect(report.exitStatus).toBe(0);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('showrunner-check-'))).toEqual([]);
  });

  it.each([
    ['another state', 'values: { status: 4 }', 'ended as failed, and succeeded is expected. The program ended with exit status 4'],
    ['a missing file', "expect: { files: ['*.png'] }", 'There is no file *.png'],
    ['a log that says nothing of it', 'expect: { logs: nowhere }', 'nothing that matches nowhere'],
    ['other arguments', "expect: { arguments: ['1'] }", 'Argument 1 is 0 where 1 is expected'],
    ['entries that the form refuses', 'values: { status: 10 }', 'status: Write a number from 0 to 9.'],
  ])('tells of %s', async (_what, line, sentence) => {
    const report = await withSamples(`  - title: wrong\n    files: { input: in/a b.txt }\n    ${line}\n`);
    expect(report.exitStatus).toBe(2);
    expect(describeReport(report)).toContain(sentence);
  });

  describe('of what files hold', () => {
    const FILES = { 'one/in/copy.txt': 'hello\n', 'one/in/other.txt': 'hello\nworld\n', 'one/in/empty.txt': '' };
    const SHA = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
    const expecting = (file: string, files: Record<string, string> = FILES) =>
      withSamples(`  - { title: x, files: { input: in/a b.txt }, expect: { files: [${file}] } }\n`, files);

    it.each([
      '{ glob: "*.txt", contains: "^hel+o$", lines: 1 }',
      '{ glob: copy.txt, equals: in/copy.txt }',
      `{ glob: '**', sha256: ${SHA} }`,
      `copy.txt, { glob: copy.txt, sha256: ${SHA.toUpperCase()} }`,
    ])('takes %s', async (file) => {
      expect((await expecting(file)).samples).toMatchObject([{ result: 'passed', faults: [] }]);
    });

    it.each([
      ['{ glob: copy.txt, contains: ^ello }', 'copy.txt has nothing that matches ^ello.'],
      ['{ glob: copy.txt, lines: 2 }', 'copy.txt has 1 line, and 2 are expected.'],
      [
        '{ glob: copy.txt, equals: in/other.txt }',
        'copy.txt is another than in/other.txt from line 2 on: it ends where “world” is expected.',
      ],
      [
        '{ glob: copy.txt, equals: in/empty.txt }',
        'copy.txt is another than in/empty.txt from line 1 on: it has “hello” where in/empty.txt ends.',
      ],
      ['{ glob: copy.txt, equals: in/nothing.txt }', 'in/nothing.txt cannot be read'],
      [`{ glob: copy.txt, sha256: ${SHA.replace('5', '6')} }`, `copy.txt has the SHA-256 ${SHA}.`],
      ['{ glob: "*.png", lines: 2 }', 'There is no file *.png'],
    ])('tells that %s is not so', async (file, sentence) => {
      const report = await expecting(file);
      expect(report.exitStatus).toBe(2);
      expect(report.samples[0].faults).toEqual([expect.stringContaining(sentence)]);
    });

    it('tells of all files where the program removed its folder', async () => {
      const source = `command: [sh, -c, 'rm -rf "$PWD"']\narguments: []\nsamples: [{ title: x, expect: { files: [a.txt, b.txt] } }]\n`;
      stage = aFolderOfPipelines({ 'gone/pipeline.yaml': source });
      const { samples } = await checkPipeline(stage.config, 'gone');
      expect(samples[0].faults).toEqual([expect.stringContaining('no file a.txt'), expect.stringContaining('no file b.txt')]);
    });

    it('takes one file of several that is right, and tells of the first where none is', async () => {
      const manifest = `command: [sh, -c, 'echo one > a.txt; echo two > b.txt']\narguments: []\nsamples:\n`;
      const sample = (words: string) => `  - { title: x, expect: { files: [{ glob: '*.txt', contains: ${words} }] } }\n`;
      stage = aFolderOfPipelines({ 'two/pipeline.yaml': manifest + sample('two') + sample('three') });
      const { samples } = await checkPipeline(stage.config, 'two');
      expect(samples.map(({ faults }) => faults)).toEqual([[], ['a.txt has nothing that matches three.']]);
    });

    it.each([
      ['{ glob: a, lines: -1 }', 'expect, files 1, lines'],
      ['{ glob: a, equals: ../b }', 'expect, files 1, equals'],
      ['{ glob: a, contains: "(" }', 'expect, files 1, contains'],
      ['{ glob: a, sha256: abc }', 'expect, files 1, sha256'],
      ['{ glob: a, contain: b }', 'Did you mean contains?'],
      ['{ glob: a }', 'say what it holds'],
    ])('names the fault of %s', async (file, words) => {
      const { faults, exitStatus } = await expecting(file);
      expect(exitStatus).toBe(1);
      expect(`${faults[0].field} ${faults[0].sentence}`).toContain(words);
    });
  });

  it('says what has to be provided where a list of names is not there yet', async () => {
    const source = `
command: [./run.sh]
sources: { proteins: { list: ./proteins.txt, whenMissing: Write the names first. } }
parameters: [{ name: protein, type: pick, from: proteins }]
samples: [{ title: one, values: { protein: ACTB } }]
`;
    stage = aFolderOfPipelines({ 'one/run.sh': '#!/bin/sh\n', 'one/pipeline.yaml': source });
    expect(await checkPipeline(stage.config, 'one')).toMatchObject({
      exitStatus: 69,
      samples: [{ result: 'away', faults: ['Write the names first.'] }],
    });
    writeFileSync(join(stage.root, 'one', 'proteins.txt'), 'ACTB\n');
    expect((await checkPipeline(stage.config, 'one')).exitStatus).toBe(0);
  });

  it('tells of files that are not there, lead outside, or are of a kind that is not taken', async () => {
    stage = aFolderOfPipelines({
      'one/run.sh': SCRIPT,
      'one/image.png': 'x',
      'one/pipeline.yaml': `${MANIFEST}samples:
  - { title: missing, files: { input: none.txt } }
  - { title: link, files: { input: link.txt } }
  - { title: kind, files: { input: image.png } }
`,
    });
    symlinkSync('/etc/passwd', join(stage.root, 'one', 'link.txt'));
    const { samples, exitStatus } = await checkPipeline(stage.config, 'one');
    expect(exitStatus).toBe(2);
    expect(samples.map(({ result, faults }) => [result, faults.length])).toEqual([
      ['failed', 1],
      ['failed', 1],
      ['failed', 1],
    ]);
    expect(samples[2].faults[0]).toContain('of a kind that this pipeline does not read');
  });

  it.each([
    ['  - { title: x, values: { stats: 1 } }', 9, 'samples 1, values, stats', 'Did you mean status?'],
    ['  - { title: x, files: { inputs: a.txt } }', 9, 'samples 1, files, inputs', 'Did you mean input?'],
    ['  - { title: x, files: { status: a.txt } }', 9, 'samples 1, files, status', 'takes no files'],
    ['  - { title: x, files: { input: [a.txt, b.txt] } }', 9, 'samples 1, files, input', 'takes one file'],
    ['  - { title: x, files: { input: ../a.txt } }', 9, 'samples 1, files, input', 'not a path within the folder'],
    ['  - { title: x, expect: { logs: "(" } }', 9, 'samples 1, expect, logs', 'not a regular expression'],
    ['  - { title: x, expect: { state: lost } }', 9, 'samples 1, expect, state', 'succeeded, partial, failed'],
    ['  - { expect: {} }', 9, 'samples 1, title', 'missing'],
  ])('names line and field of a fault: %s', async (sample, line, field, sentence) => {
    const { faults, exitStatus, samples } = await withSamples(`${sample}\n`);
    expect(faults).toEqual([{ file: 'one/pipeline.yaml', line, field, sentence: expect.stringContaining(sentence) as string }]);
    expect([exitStatus, samples]).toEqual([1, []]);
  });

  it('takes the samples of a script from beside it, also where it has a folder of its own', async () => {
    const script = '#!/bin/sh\n##~~ words - any\nprintf "%s\\n" "$1"\n';
    const samples = 'samples:\n  - { title: said, values: { words: hello }, expect: { logs: ^hello$ } }\n';
    stage = aFolderOfPipelines({ 'say.sh': script, 'say.samples.yaml': samples, 'own/say.sh': script, 'own/samples.yaml': samples });
    for (const name of ['say', 'own']) expect((await checkPipeline(stage.config, name)).samples).toMatchObject([{ result: 'passed' }]);
    writeFileSync(join(stage.root, 'say.samples.yaml'), 'samples:\n  - { title: said, values: { word: x } }\n');
    expect((await checkPipeline(stage.config, 'say')).faults).toMatchObject([{ file: 'say.samples.yaml', line: 2 }]);
  });

  it('says that an engine cannot be reached, after all that can be checked without it', async () => {
    const samples = 'samples:\n  - { title: far, values: { n: 1 }, expect: { arguments: [--n=1] } }\n';
    const parameters = 'parameters: [{ name: n, type: integer }]\n';
    stage = aFolderOfPipelines({
      'cluster/pipeline.yaml': `command: [true]\nslurm: {}\n${parameters}${samples}`,
      'container/pipeline.yaml': `docker: { image: none }\n${parameters}${samples}`,
      'wrong/pipeline.yaml': `docker: { image: none }\n${parameters}${samples.replace('--n=1', '--n=2')}`,
    });
    const config = configFor(stage.root, { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    for (const name of ['cluster', 'container']) {
      expect(await checkPipeline(config, name)).toMatchObject({ exitStatus: 69, samples: [{ result: 'away' }] });
    }
    expect((await checkPipeline(config, 'wrong')).exitStatus).toBe(2);
  });

  it('ends a program that is interrupted or takes too long', async () => {
    stage = aFolderOfPipelines({
      'slow/pipeline.yaml': `command: [sleep, '600']\nlimits: { time: 1s }\nsamples: [{ title: slow, expect: { state: timed_out } }]\n`,
      'endless/pipeline.yaml': `command: [sleep, '600']\nsamples: [{ title: endless }]\n`,
    });
    expect(await checkPipeline(stage.config, 'slow')).toMatchObject({ exitStatus: 0, samples: [{ state: 'timed_out' }] });
    const report = await checkPipeline(stage.config, 'endless', { stop: AbortSignal.timeout(300) });
    expect(report).toMatchObject({ exitStatus: 130, samples: [{ result: 'failed' }] });
  });

  describe('of a pipeline with a prepared working folder', () => {
    const RUN = `#!/bin/sh
printf '%s\\n' "number $RUN_NUMBER" "$@"
cat list.txt rows.csv settings.json
[ -L data/DAPI.tif ] && echo "a link to $(cat data/DAPI.tif)"
ls data
touch RUNNING data/result.tif
`;
    const PREPARED = `
command: [./run.sh]
sources:
  markers: { files: '(?<marker>.+)\\.tif', group: marker, folder: raw }
  pairs: { files: '(?<sample>.+)_(?<channel>red|blue)\\.tif', rowsBy: sample, columnsBy: channel }
  proteins: { list: ./proteins.txt }
  columns: { columnsOf: '**/cells.csv', run: earlier }
parameters:
  - { name: image, type: file, accept: [.tif] }
  - { name: nuclei, type: pick, from: markers }
  - { name: proteins, type: pick, from: proteins, many: true, required: false }
  - { name: earlier, type: run }
  - { name: column, type: pick, from: columns, requiredWhen: not empty(earlier) }
  - name: pairs
    type: table
    fill: { source: pairs, columns: { red: red, blue: blue, prefix: sample } }
    columns: [{ name: red, type: file }, { name: blue, type: file, required: false }, { name: prefix, type: string }]
arguments: ['--id={runId}', '{projectFolder}/x', '--nuclei={nuclei}']
stage:
  - { parameter: image, to: data/, name: 'DAPI{ext}' }
  - { run: earlier, globs: ['**'], to: data/ }
files:
  - { path: list.txt, format: lines, quote: single, lines: [{ words: ['-data={workFolder}/data', '-column={column}'] }] }
  - { path: rows.csv, format: rows, rows: pairs, columns: [{ header: r, value: '{red.name}' }, { header: b, value: '{blue}' }, { header: p, value: '{prefix}' }] }
  - { path: settings.json, format: json, keep: true, value: { proteins: '{proteins}' } }
runId: { env: RUN_NUMBER }
before: { clear: ['**/*.tmp'] }
after: { clear: [RUNNING] }
outcome: { requiredOutputs: ['data/*.tif'] }
samples:
`;
    const FILES = `{ image: in/image.tif, raw/CD8.tif: in/image.tif, one_red.tif: in/image.tif, two_red.tif: in/image.tif, two_blue.tif: in/image.tif }`;
    const prepared = (samples: string, files: Record<string, string> = {}) => {
      stage = aFolderOfPipelines({
        'one/run.sh': RUN,
        'one/proteins.txt': 'Actin, alpha\nTubulin\n',
        'one/in/image.tif': 'pixels\n',
        'one/in/cells.csv': 'cell_id,area\n1,2\n',
        'one/pipeline.yaml': `${PREPARED}${samples}`,
        ...files,
      });
      return checkPipeline(stage.config, 'one');
    };

    it('lays out files, links and results of an earlier run as a runner does, and tidies up', async () => {
      const report = await prepared(`
  - title: rows from the files
    values: { nuclei: CD8, proteins: ['Actin, alpha'] }
    files: ${FILES}
    expect:
      arguments: [--id=1, '{projectFolder}/x', --nuclei=CD8]
      files: [settings.json, data/result.tif]
      logs: '^number 1\\n--id=1\\n[^]*^-data=\\S+/runs/1/data\\nr,b,p\\none_red.tif,,one\\ntwo_red.tif,\\S+/two_blue.tif,two\\n[^]*"Actin, alpha"[^]*^a link to pixels$'
  - title: an earlier run
    values: { nuclei: CD8, earlier: 7, column: area, pairs: [{ red: raw/CD8.tif, prefix: mine }] }
    files: { image: in/image.tif, raw/CD8.tif: in/image.tif, runs/7/deep/cells.csv: in/cells.csv, runs/7/old.tmp: in/cells.csv }
    expect:
      files: [data/deep/cells.csv]
      logs: '^-data=\\S+ -column=area\\nr,b,p\\nCD8.tif,,mine\\n[^]*^DAPI.tif\\ndeep$'
`);
      expect(report.samples.map(({ result, faults, log }) => [result, faults, log])).toEqual([
        ['passed', [], null],
        ['passed', [], null],
      ]);
      const kept = await checkPipeline(stage.config, 'one', { keep: true });
      for (const { folder } of kept.samples) {
        const results = join(folder ?? '', 'project', 'runs', '1');
        expect(readdirSync(results).sort()).toEqual(['data', 'settings.json']);
        expect(readdirSync(join(results, 'data'))).not.toContain('DAPI.tif');
        rmSync(folder ?? '', { recursive: true });
      }
    });

    it('tells of what cannot be picked, and of what never came to be', async () => {
      const { samples } = await prepared(`
  - { title: marker, values: { nuclei: CD9 }, files: ${FILES} }
  - { title: protein, values: { nuclei: CD8, proteins: [Tubuline] }, files: ${FILES} }
  - { title: run, values: { nuclei: CD8, earlier: 8, column: area }, files: ${FILES} }
  - { title: itself, values: { nuclei: CD8, earlier: 1, column: area }, files: ${FILES} }
  - { title: column, values: { nuclei: CD8, earlier: 7, column: mass }, files: { image: in/image.tif, raw/CD8.tif: in/image.tif, a_red.tif: in/image.tif, runs/7/cells.csv: in/cells.csv } }
  - { title: own results, values: { nuclei: CD8 }, files: { image: in/image.tif, runs/1/data/x.tif: in/image.tif } }
  - { title: not kept, values: { nuclei: CD8 }, files: ${FILES}, expect: { files: [list.txt, RUNNING] } }
`);
      expect(samples.map(({ title, faults }) => [title, faults.join(' ')])).toEqual([
        ['marker', expect.stringContaining('nuclei: ') as string],
        ['protein', expect.stringContaining('Tubulin') as string],
        ['run', expect.stringContaining('earlier: This run is not there') as string],
        ['itself', expect.stringContaining('earlier: This run is not there') as string],
        ['column', expect.stringContaining('column: ') as string],
        ['own results', expect.stringContaining('runs/1/data/x.tif') as string],
        ['not kept', 'There is no file list.txt among the results. There is no file RUNNING among the results.'],
      ]);
    });

    it('takes names of columns from the files of the project, too', async () => {
      stage = aFolderOfPipelines({
        'one/pipeline.yaml': `
command: [echo]
sources: { columns: { columnsOf: '*.csv' } }
parameters: [{ name: column, type: pick, from: columns }]
samples:
  - { title: with tabs, values: { column: b c }, files: { in.csv: { name: in.csv, text: "a\\tb c\\n1\\t2\\n" } }, expect: { arguments: [--column=b c] } }
  - { title: none, values: { column: b c } }
`,
      });
      const { samples } = await checkPipeline(stage.config, 'one');
      expect(samples.map(({ result, faults }) => [result, faults.length])).toEqual([
        ['passed', 0],
        ['failed', 1],
      ]);
    });
  });

  it('finds nothing where there is nothing', async () => {
    stage = aFolderOfPipelines({ 'notes.md': 'x' });
    for (const name of ['none', './none', 'notes']) {
      await expect(checkPipeline(stage.config, name)).rejects.toThrow(expect.objectContaining({ exitStatus: 65 }) as Error);
    }
  });
});

describe('node dist/pipeline', () => {
  let product: Product;
  let stage: ReturnType<typeof aFolderOfPipelines>;
  beforeAll(() => {
    product = compileProduct();
    stage = aFolderOfPipelines({
      'bad/pipeline.yaml': 'titel: x\n',
      'good/pipeline.yaml': 'command: [echo, hi]\nsamples: [{ title: hi, expect: { logs: ^hi$ } }]\n',
    });
  });
  afterAll(() => {
    product.remove();
    stage.remove();
  });

  it('prints a report for people or as JSON, and ends with its status', () => {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], PIPELINES_DIR: stage.root, DATA_DIR: `${stage.root}-data` };
    const entry = join(product.home, 'dist', 'pipeline.js');
    const run = (...words: string[]) => spawnSync(process.execPath, [entry, ...words], { cwd: stage.root, env, encoding: 'utf8' });
    const bad = run('check', 'bad', '--json');
    expect([bad.status, bad.stderr]).toEqual([1, '']);
    expect(JSON.parse(bad.stdout)).toMatchObject({ faults: [{ file: 'bad/pipeline.yaml', line: 1, field: 'titel' }] });
    const good = run('check', './good');
    expect([good.status, good.stdout.split('\n')[1]]).toEqual([0, expect.stringMatching(/^passed {2}hi \(/)]);
    expect(run('check', 'none')).toMatchObject({ status: 65, stderr: expect.stringContaining('There is no pipeline none') as string });
    expect(run('nonsense').status).toBe(64);
    expect(run('check', './good/pipeline.yaml').stdout.split('\n')[1]).toMatch(/^passed {2}hi \(/);
    env['TMPDIR'] = '/nowhere';
    expect(run('check', 'good')).toMatchObject({
      status: 74,
      stderr: expect.stringMatching(/^\/nowhere\/showrunner-check-\w+ cannot be made or used \(ENOENT\)\.[^\n]*\n$/) as string,
    });
    expect(run('--help').stdout).toMatch(/^Usage: npm run pipeline/);
  });
});
