import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { shipped } from '../../../test/pipelines/shipped';
import { SafeDirectory } from '../../common/files/safe-directory';
import { expectedOf } from '../../common/pipelines/outcome/expected';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { settleEnding, type PayloadEnd } from '../../common/queue/settle-ending';
import { writeExpected } from './expected-record';
import { judgeRun } from './judge-run';

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

/** Lines as PIPEX 2.0 writes them. */
const head = `>>> Start time pipex = 04/03/2026 09:59:58
>>> Setting run_id = 482911 = 04/03/2026 09:59:58
>>> Setting max resolution to = 30000 = 04/03/2026 09:59:58
>>> Processing next job = 04/03/2026 09:59:58
>>>    preprocessing.py -data='/w/data' -preprocess_markers=DAPI
`;
const preprocessed = `>>> Start time preprocessing = 04/03/2026 10:00:00
>>> Preprocessing DAPI start = 04/03/2026 10:00:01
>>> Preprocessed result image DAPI.tif saved = 04/03/2026 10:02:29
>>> End time preprocessing = 04/03/2026 10:02:30
`;
const segmented = `>>> Processing next job = 04/03/2026 23:59:28
>>>    segmentation.py -data='/w/data' -nuclei_marker=DAPI -measure_markers=DAPI
>>> Start time segmentation = 04/03/2026 23:59:30
>>> checking type of /w/data/log.txt, not QPTIFF
>>>  not a TIFF file b'>>> '
>>> WARNING: threshold_multiotsu failed for DAPI, using mean 0.1200 as fallback
>>> End time segmentation = 05/03/2026 00:01:00
`;
const crashedAnalysis = `>>> Processing next job = 05/03/2026 00:01:00
>>>    analysis.py -data='/w/data' -analysis_markers=DAPI
>>> Start time analysis = 05/03/2026 00:01:10
Traceback (most recent call last):
  File "/opt/pipex/analysis.py", line 812, in <module>
    df_norm, markers = data_calculations()
  File "/opt/pipex/analysis.py", line 77, in data_calculations
    heatmap_fontsize = max(3, int(80 / len(markers)))
ZeroDivisionError: division by zero
`;
const foot = '>>> End time pipex = 05/03/2026 00:02:00\n';
const all = { preprocess: true, segment: true, analyse: true };
const cells = {
  'data/analysis/cell_data.csv': 'x',
  'data/analysis/segmentation_data.npy': 'x',
  'data/analysis/segmentation_mask.tif': 'x',
};
const made = { 'data/preprocessed/DAPI.tif': 'x', ...cells };
const lastRun = { LAST_RUN_ID: '482911' };

describe('PIPEX', () => {
  const manifest = shipped('pipex');

  it('succeeds where each ticked step ended and left its files', async () => {
    const log = head + preprocessed + segmented + foot;
    const { ending, parts } = await outcomeOf(manifest, {
      values: { preprocess: true, segment: true, analyse: false, tissuumaps: false },
      files: { ...made, ...lastRun },
      log,
    });
    expect(ending).toEqual({ state: 'succeeded', exitCode: 0, note: null });
    expect(parts.steps.map(({ title, seconds }) => [title, seconds])).toEqual([
      ['Cleaning', 150],
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
    expect(causes(parts)).toEqual({ Cleaning: null, Segmentation: null, Analysis: 'crashed' });
    expect(log.slice(parts.steps[2].error?.at)).toMatch(/^Traceback/);
  });

  it('tells that nothing worked although the id of the run is written', async () => {
    const log = `${head}usage: preprocessing.py [-h] [--data DATA]
preprocessing.py: error: argument --exposure: invalid <lambda> value: ''
>>> Processing next job = 04/03/2026 10:00:01
>>>    segmentation.py -data='/w/data' -nuclei_marker=DAPI -measure_markers=CDX2,MUC2
>>> Start time segmentation = 04/03/2026 10:00:02
>>> ERROR: the following markers were not found as image files in /w/data: CDX2, MUC2 = 04/03/2026 10:00:03
${foot}`;
    const { ending } = await outcomeOf(manifest, { values: { preprocess: true, segment: true }, files: lastRun, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe(
      "0 of 2 steps succeeded. Failed: Segmentation (>>> ERROR: the following markers were not found as image files in /w/data: CDX2, MUC2 = 04/03/2026 10:00:03). Not begun: Cleaning. The log tells of an error: preprocessing.py: error: argument --exposure: invalid <lambda> value: ''",
    );
  });

  it('is not fooled by a preprocessing that says that it ended and wrote nothing', async () => {
    const log = `${head}>>> Start time preprocessing = 04/03/2026 10:00:00
>>> Could not read image /w/data/DAPI.tif
>>>  index 2 is out of bounds for axis 0 with size 2
>>> End time preprocessing = 04/03/2026 10:00:01
${segmented}${foot}`;
    const files = { ...cells, ...lastRun };
    const { ending, parts } = await outcomeOf(manifest, { values: { preprocess: true, segment: true }, files, log });
    expect(ending.state).toBe('partial');
    expect(ending.note).toBe('1 of 2 steps succeeded. Failed: Cleaning (>>> Could not read image /w/data/DAPI.tif).');
    expect(parts.steps[0]).toMatchObject({ cause: 'missing', missing: ['data/preprocessed/*.tif'] });
  });

  it('does not take files of an earlier run for results', async () => {
    const log = head + preprocessed + segmented + foot;
    const told = { values: { preprocess: true, segment: true }, log };
    const { ending, parts } = await outcomeOf(manifest, { ...told, before: made, files: lastRun });
    expect(ending.state).toBe('failed');
    expect(causes(parts)).toEqual({ Cleaning: 'missing', Segmentation: 'missing' });
    expect(ending.note).toMatch(/it wrote no new data\/preprocessed\/\*\.tif/);
    rmSync(top, { recursive: true });
    mkdirSync(top);
    const again = await outcomeOf(manifest, { ...told, before: made, files: { ...made, ...lastRun } });
    // Written again, with the same content.
    expect(again.ending.state).toBe('succeeded');
  });

  it('tells one that another PIPEX keeps from working: status 0, no id, no step', async () => {
    const log =
      '>>> Start time pipex = 04/03/2026 10:00:00\n>>> Another PIPEX process seems to be running, exiting = 04/03/2026 10:00:00\n';
    const { ending, parts } = await outcomeOf(manifest, { values: { segment: true }, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe(
      '0 of 1 step succeeded. Not begun: Segmentation. The program did not come to the end of its work: LAST_RUN_ID is missing or is not of this run. The log tells of an error: >>> Another PIPEX process seems to be running, exiting = 04/03/2026 10:00:00',
    );
    expect(parts.ended).toBe(false);
  });

  it('tells one that skipped all and wrote a random id', async () => {
    const log = `>>> Start time pipex = 04/03/2026 10:00:00\n>>>  invalid literal for int() with base 10: 'garbage'\n${foot}`;
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
    expect(causes(parts)).toEqual({ Cleaning: null, Segmentation: 'crashed', Analysis: 'notBegun' });
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
  const manifest = shipped('hpaseg');
  const fov = (sample: string) => ({
    ...Object.fromEntries(['red', 'yellow', 'blue'].map((channel) => [channel, `project:Plate 1, B2/${sample}_${channel}.tif`])),
    sample,
  });
  const values = { fovs: ['B2', 'B21', 'C3'].map(fov), crop_cells: false };
  const masks = (...samples: string[]) =>
    Object.fromEntries(samples.flatMap((sample) => ['nuclei', 'cell'].map((kind) => [`masks/${sample}_${kind}mask.png`, 'x'])));
  const failed = (sample: string, why: string) =>
    `ERROR: - Failed to process 'images/${sample}_red.tif,images/${sample}_yellow.tif,images/${sample}_blue.tif,,masks,crops,${sample}_': ${why}\n`;

  // The file has the level in front; what the program prints has not.
  it.each(['INFO: ', ''])('tells each row, by its line and its masks, where the status says nothing of it: %j', async (level) => {
    const log = `${level}Start: 2026/03/04 10:00:00
${level}- Saved results for B2_
${failed('B21', 'not a TIFF file').replace('ERROR: ', level && 'ERROR: ')}${level}- Saved results for C3_
${level}End: 2026/03/04 10:05:00
`;
    const told = { values, files: masks('B2', 'B21'), log, end: { exitCode: 3 } };
    const { ending, parts } = await outcomeOf(manifest, told);
    expect(ending).toEqual({
      state: 'partial',
      exitCode: 3,
      note: '1 of 3 rows succeeded. Failed: B21 (not a TIFF file), C3 (it wrote no new masks/C3_cellmask.png, masks/C3_nucleimask.png). The program ended with exit status 3, which means that parts of its work failed.',
    });
    expect(parts.rows.map(({ title, cause }) => [title, cause])).toEqual([
      ['B21', 'error'],
      ['C3', 'missing'],
      ['B2', null],
    ]);
    expect(settleEnding({ ...payloadOf(manifest), parts })).toMatchObject({ state: 'partial', exitCode: 0 });
  });

  it('fails where all rows failed, and where none was reached', async () => {
    const log = `Start:\n${['B2', 'B21', 'C3'].map((sample) => failed(sample, 'CUDA out of memory')).join('')}End:\n`;
    const { ending } = await outcomeOf(manifest, { values, log });
    expect(ending.state).toBe('failed');
    expect(ending.note).toBe('0 of 3 rows succeeded. Failed: B2 (CUDA out of memory), B21 (CUDA out of memory), C3 (CUDA out of memory).');
    rmSync(top, { recursive: true });
    mkdirSync(top);
    const empty = await outcomeOf(manifest, { values, log: 'Start:\nEnd:\n' });
    expect(empty.ending).toMatchObject({ state: 'failed', note: '0 of 3 rows succeeded. Nothing is told of: B2, B21, C3.' });
  });
});

describe('ProtiCelli', () => {
  const manifest = shipped('proticelli');
  const values = {
    cells: ['cell_0', 'cell_1'].map((name) => ({ image: `project:${name}.tif`, line: 'U2OS', name })),
    proteins: ['ACTB', 'HLA-A,HLA-B'],
  };

  it('tells each cell by its line', async () => {
    const log = `[0/4] cell_0
Saved predictions for cell_0
[2/4] cell_1
Failed to predict cell_1: it has 456 × 512 pixels, and the model takes 512 × 512
[4/4] 2 of 4 predictions
`;
    const { ending } = await outcomeOf(manifest, { values, log, end: { exitCode: 3 } });
    expect(ending).toEqual({
      state: 'partial',
      exitCode: 3,
      note: '1 of 2 rows succeeded. Failed: cell_1 (it has 456 × 512 pixels, and the model takes 512 × 512). The program ended with exit status 3, which means that parts of its work failed.',
    });
  });
});

function payloadOf({ outcome }: Manifest): PayloadEnd {
  return { exitCode: 0, signal: null, stopReason: null, endedBeforeStop: false, outcome, missingOutputs: [] };
}
