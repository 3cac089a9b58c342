import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { SafeDirectory } from '../../common/files/safe-directory';
import { expectedOf } from '../../common/pipelines/outcome/expected';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import { settleEnding, type PayloadEnd } from '../../common/queue/settle-ending';
import { writeExpected } from './expected-record';
import { judgeRun } from './judge-run';

const MANIFESTS = resolve(__dirname, '..', '..', '..', 'test', 'manifests');
const manifestOf = (name: string) => compileYaml(name, readFileSync(join(MANIFESTS, `${name}.yaml`), 'utf8')) as Manifest;

interface Told {
  values: ParameterValues;
  /** Files that lie there before the program begins, and that it writes. */
  before?: Record<string, string>;
  files?: Record<string, string>;
  log: string;
  end?: Partial<PayloadEnd>;
}

let top: string;

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'showrunner-golden-'));
});

afterEach(() => {
  rmSync(top, { recursive: true });
});

/** What a runner makes of it: with the very files and folders that it has. */
async function outcomeOf(manifest: Manifest, { values, before = {}, files = {}, log, end = {} }: Told) {
  const [control, results] = ['control', 'results'].map((name) => join(top, name));
  for (const folder of [control, results]) mkdirSync(folder);
  const write = (all: Record<string, string>) => {
    for (const [name, content] of Object.entries(all)) {
      mkdirSync(dirname(join(results, name)), { recursive: true });
      writeFileSync(join(results, name), content);
    }
  };
  write(before);
  const places = { pathOf: (one: string) => one, workFolder: '/w', outputFolder: '/w', projectFolder: '/p', runId: '482911' };
  await writeExpected(control, expectedOf(manifest, values, places), SafeDirectory.open(results));
  write(files);
  writeFileSync(join(control, 'log'), log);
  const parts = await judgeRun(manifest, SafeDirectory.open(control), SafeDirectory.open(results));
  const { outcome } = manifest;
  const payload = { exitCode: 0, signal: null, stopReason: null, endedBeforeStop: false, missingOutputs: [] };
  const ending = settleEnding({ ...payload, outcome, parts, ...end });
  return { ending, parts: parts! };
}

const causes = (parts: { steps: { title: string; cause: string | null }[] }) =>
  Object.fromEntries(parts.steps.map(({ title, cause }) => [title, cause]));

const head = `Start time pipex
Processing next job
>>>    preprocessing.py -data='/w/data' -preprocess_markers=DAPI
`;
const preprocessed = `>>> Start time preprocessing = 04/03/2026 10:00:00
>>> Processing DAPI
>>> End time preprocessing = 04/03/2026 10:02:30
`;
const segmented = `Processing next job
>>>    segmentation.py -data='/w/data' -nuclei_marker=DAPI
>>> Start time segmentation = 04/03/2026 23:59:30
>>> WARNING: log.txt is not a TIFF file
>>> End time segmentation = 05/03/2026 00:01:00
`;
const crashedAnalysis = `Processing next job
>>>    analysis.py -data='/w/data'
>>> Start time analysis = 04/03/2026 10:10:00
Traceback (most recent call last):
  File "analysis.py", line 812, in <module>
    options(sys.argv)
  File "analysis.py", line 77, in options
    x = 1 / len(markers)
ZeroDivisionError: division by zero
`;
const foot = 'End time pipex\n';
const all = { preprocess: true, segment: true, analyse: true };
const made = {
  'data/preprocessed/DAPI.tif': 'x',
  'data/analysis/cell_data.csv': 'x',
  'data/analysis/segmentation_mask.tif': 'x',
};
const lastRun = { LAST_RUN_ID: '482911' };

describe('PIPEX', () => {
  const manifest = manifestOf('pipex-steps');

  it('succeeds where each ticked step ended and left its files', async () => {
    const log = head + preprocessed + segmented + foot;
    const { ending, parts } = await outcomeOf(manifest, {
      values: { preprocess: true, segment: true, analyse: false, export: false },
      files: { ...made, ...lastRun },
      log,
    });
    expect(ending).toEqual({ state: 'succeeded', exitCode: 0, note: '2 of 2 steps succeeded.' });
    expect(parts.steps.map(({ title, seconds }) => [title, seconds])).toEqual([
      ['Preprocessing', 150],
      ['Segmentation', 90],
    ]);
    expect(parts.error).toBeNull();
  });

  it('tells a step that crashed, though all others run on, the id is written and the status is 0', async () => {
    const log = head + preprocessed + segmented + crashedAnalysis + foot;
    const { ending, parts } = await outcomeOf(manifest, { values: all, files: { ...made, ...lastRun }, log });
    expect(ending).toEqual({
      state: 'partial',
      exitCode: 0,
      note: '2 of 3 steps succeeded. Failed: Analysis (ZeroDivisionError: division by zero).',
    });
    expect(causes(parts)).toEqual({ Preprocessing: null, Segmentation: null, Analysis: 'crashed' });
    expect(log.slice(parts.steps[2].error?.at)).toMatch(/^Traceback/);
  });

  it('tells that nothing worked although the id of the run is written', async () => {
    const log = `${head}>>> Start time preprocessing = 04/03/2026 10:00:00
preprocessing.py: error: argument --threshold_min: invalid float value: ''
Processing next job
>>> Start time segmentation = 04/03/2026 10:00:02
>>> ERROR: no images found for the markers CDX2, MUC2
${foot}`;
    const { ending } = await outcomeOf(manifest, { values: { preprocess: true, segment: true }, files: lastRun, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe(
      "0 of 2 steps succeeded. Failed: Preprocessing (preprocessing.py: error: argument --threshold_min: invalid float value: ''), Segmentation (>>> ERROR: no images found for the markers CDX2, MUC2).",
    );
  });

  it('is not fooled by a preprocessing that says that it ended and wrote nothing', async () => {
    const log = `${head}>>> Start time preprocessing = 04/03/2026 10:00:00
>>> Could not read image DAPI.tif
>>> End time preprocessing = 04/03/2026 10:00:01
${segmented}${foot}`;
    const files = { 'data/analysis/cell_data.csv': 'x', 'data/analysis/segmentation_mask.tif': 'x', ...lastRun };
    const { ending, parts } = await outcomeOf(manifest, { values: { preprocess: true, segment: true }, files, log });
    expect(ending.state).toBe('partial');
    expect(ending.note).toBe('1 of 2 steps succeeded. Failed: Preprocessing (>>> Could not read image DAPI.tif).');
    expect(parts.steps[0]).toMatchObject({ cause: 'missing', missing: ['data/preprocessed/*.tif'] });
  });

  it('does not take files of an earlier run for results', async () => {
    const log = head + preprocessed + segmented + foot;
    const told = { values: { preprocess: true, segment: true }, log };
    const { ending, parts } = await outcomeOf(manifest, { ...told, before: made, files: lastRun });
    expect(ending.state).toBe('failed');
    expect(causes(parts)).toEqual({ Preprocessing: 'missing', Segmentation: 'missing' });
    expect(ending.note).toMatch(/it wrote no new data\/preprocessed\/\*\.tif/);
    rmSync(top, { recursive: true });
    mkdirSync(top);
    const again = await outcomeOf(manifest, { ...told, before: made, files: { ...made, ...lastRun } });
    // Written again, with the same content.
    expect(again.ending.state).toBe('succeeded');
  });

  it('tells one that another PIPEX keeps from working: status 0, no id, no step', async () => {
    const log = 'Start time pipex\nAnother PIPEX process seems to be running, exiting...\n';
    const { ending, parts } = await outcomeOf(manifest, { values: { segment: true }, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe(
      '0 of 1 step succeeded. Not begun: Segmentation. The program did not come to the end of its work: LAST_RUN_ID is missing or is not of this run. The log tells of an error: Another PIPEX process seems to be running, exiting...',
    );
    expect(parts.ended).toBe(false);
  });

  it('tells one that skipped all and wrote a random id', async () => {
    const log = "Start time pipex\ninvalid literal for int() with base 10: 'garbage'\nEnd time pipex\n";
    const { ending } = await outcomeOf(manifest, { values: { segment: true }, files: { LAST_RUN_ID: '77123' }, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toMatch(/Not begun: Segmentation\. The program did not come to the end of its work/);
  });

  it('tells how far one came that was killed, and never more than its status says', async () => {
    const log = `${head}${preprocessed}>>> Start time segmentation = 04/03/2026 10:03:00\nKilled\n`;
    const told = { values: { preprocess: true, segment: true, analyse: true }, files: { 'data/preprocessed/DAPI.tif': 'x' }, log };
    const { ending, parts } = await outcomeOf(manifest, { ...told, end: { exitCode: 137 } });
    expect(ending.state).toBe('failed');
    expect(ending.note).toMatch(/memory.* 1 of 3 steps succeeded\.$/);
    expect(causes(parts)).toEqual({ Preprocessing: null, Segmentation: 'crashed', Analysis: 'notBegun' });
    // Behind a `tee` without pipefail the status is 0 all the same.
    const behindTee = settleEnding({ ...payloadOf(manifest), exitCode: 0, parts });
    expect(behindTee).toEqual({
      state: 'partial',
      exitCode: 0,
      note: '1 of 3 steps succeeded. Failed: Segmentation (Killed). Not begun: Analysis. The program did not come to the end of its work: LAST_RUN_ID is missing or is not of this run.',
    });
  });

  it('counts a run that was cancelled, timed out or lost as that, with how far it came', async () => {
    const log = head + preprocessed;
    const told = { values: { preprocess: true, segment: true }, files: { 'data/preprocessed/DAPI.tif': 'x' }, log };
    const { ending, parts } = await outcomeOf(manifest, {
      ...told,
      end: { exitCode: 143, stopReason: 'cancel', stopNote: 'Cancelled by Ada.' },
    });
    expect(ending).toEqual({ state: 'cancelled', exitCode: 143, note: 'Cancelled by Ada. 1 of 2 steps succeeded.' });
    expect(settleEnding({ ...payloadOf(manifest), exitCode: 137, stopReason: 'time_limit', parts })).toMatchObject({
      state: 'timed_out',
      note: expect.stringMatching(/time limit.* 1 of 2 steps succeeded\.$/),
    });
  });
});

describe('HPAseg', () => {
  const manifest = compileYaml(
    'hpaseg',
    `command: hpaseg
parameters: [{ name: images, type: files }]
arguments: []
outcome:
  log: { errors: ['^ERROR'] }
  rows:
    of: images
    key: '{images.stem}_'
    failedKey: '{images.name}'
    title: '{images.stem}'
    ok: '^INFO: - Saved results for (?<row>.+)$'
    failed: "^ERROR: - Failed to process '(?<row>.*)': (?<reason>.*)$"
    requiredOutputs: ['masks/{images.stem}_nucleimask.png', 'masks/{images.stem}_cellmask.png']
`,
  ) as Manifest;
  const values = { images: ['project:B2_blue.tif', 'project:B21_blue.tif', 'project:C3_blue.tif'] };
  const masks = (...stems: string[]) =>
    Object.fromEntries(stems.flatMap((stem) => ['nuclei', 'cell'].map((kind) => [`masks/${stem}_${kind}mask.png`, 'x'])));

  it('tells each row, by its line and its masks, where the status is always 0', async () => {
    const log = `Start: 2026-03-04 10:00:00
INFO: - Saved results for B2_blue_
ERROR: - Failed to process 'B21_red.tif,,B21_blue.tif,B21_green.tif,/w/masks,B21_': image is not square
INFO: - Saved results for C3_blue_
End: 2026-03-04 10:05:00
`;
    const { ending, parts } = await outcomeOf(manifest, { values, files: masks('B2_blue', 'B21_blue'), log });
    expect(ending).toEqual({
      state: 'partial',
      exitCode: 0,
      note: '1 of 3 rows succeeded. Failed: B21_blue (image is not square), C3_blue (it wrote no new masks/C3_blue_nucleimask.png, masks/C3_blue_cellmask.png).',
    });
    expect(parts.rows.map(({ title, cause }) => [title, cause])).toEqual([
      ['B21_blue', 'error'],
      ['C3_blue', 'missing'],
      ['B2_blue', null],
    ]);
  });

  it('fails where all rows failed, and where none was reached', async () => {
    const failed = (name: string) => `ERROR: - Failed to process '${name}': CUDA out of memory\n`;
    const log = `Start:\n${failed('B2_blue.tif')}${failed('B21_blue.tif')}${failed('C3_blue.tif')}End:\n`;
    const { ending } = await outcomeOf(manifest, { values, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe(
      '0 of 3 rows succeeded. Failed: B2_blue (CUDA out of memory), B21_blue (CUDA out of memory), C3_blue (CUDA out of memory).',
    );
    rmSync(top, { recursive: true });
    mkdirSync(top);
    const empty = await outcomeOf(manifest, { values, log: 'Start:\nEnd:\n' });
    expect(empty.ending).toMatchObject({
      state: 'failed',
      note: '0 of 3 rows succeeded. Nothing is told of: B2_blue, B21_blue, C3_blue.',
    });
  });
});

function payloadOf({ outcome }: Manifest): PayloadEnd {
  return { exitCode: 0, signal: null, stopReason: null, endedBeforeStop: false, outcome, missingOutputs: [] };
}
