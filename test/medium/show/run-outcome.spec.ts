import type { Manifest } from '../../../src/common/pipelines/manifest';
import { useWords } from '../../../src/common/pipelines/pipeline-words';
import type { OutcomeRecord } from '../../../src/common/pipelines/outcome/outcome-record';
import { ShowStage, wordsOf } from './show-stage';

const part = (title: string, over: Partial<OutcomeRecord['steps'][number]> = {}) => ({
  title,
  cause: null,
  error: null,
  missing: [],
  seconds: null,
  ...over,
});

/** What a runner keeps of the parts of a run, on its page. */
describe('steps and rows on the page of a run', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  const LOG = 'begin\nERROR <b>no cells</b>\n';
  const record: OutcomeRecord = {
    steps: [
      part('Segmentation', { seconds: 150 }),
      part('Analysis', { cause: 'crashed', error: { text: 'ERROR <b>no cells</b>', at: 6 } }),
      part('Export', { cause: 'missing', missing: ['site/*'] }),
      part('Report', { cause: 'notBegun' }),
    ],
    rows: [part('B2 <i>', { cause: 'untold' }), part('C3')],
    counts: { steps: { done: 1, total: 4 }, rows: { done: 1, total: 502 } },
    ended: true,
    error: null,
  };

  async function pageWith(kept: unknown): Promise<string> {
    const id = await stage.ended({}, { state: 'partial', note: '1 of 4 steps succeeded.', log: LOG });
    await stage.writeControl(id, '1/outcome.json', typeof kept === 'string' ? kept : JSON.stringify(kept));
    return stage.page(id);
  }

  it('are listed with state, time, and reason, which leads to its place in the log', async () => {
    const page = await pageWith(record);
    const words = wordsOf(page);
    expect(words).toMatch(/Steps 1 of 4 steps succeeded, 1 of 502 rows succeeded\./);
    expect(words).toMatch(
      /succeeded Segmentation 2 min 30 s failed Analysis ERROR <b>no cells<\/b> failed Export it wrote no new site\/\* not begun Report/i,
    );
    expect(words).toContain('500 more rows are not listed.');
    const href = /href="(\/runs\/\d+\/log\?at&#x3D;6&amp;attempt&#x3D;1)"/.exec(page)?.[1] ?? '';
    const { status, body } = await stage.owner.get(href.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    expect(status).toBe(200);
    expect(body).toContain('here');
    expect(page).not.toContain('<b>no cells');
    expect(page).not.toContain('B2 <i>');
  });

  it.each(['', '{', '[]', '{"steps":1}', '{"steps":[null],"rows":[]}', '{"steps":[],"rows":[],"counts":{}}'])(
    'are not there where what is kept cannot be read: %s',
    async (kept) => {
      expect(await pageWith(kept)).not.toContain('id="outcome"');
    },
  );

  it('are no warning where all went well, in whichever language they are told, and have the titles of that language', async () => {
    const words = new Map([['zh', new Map([['Segmentation', '分割']])]]);
    useWords({ manifest: { id: 'told-steps', title: 'Told' } as Manifest, words });
    const counts = { steps: { done: 1, total: 1 }, rows: { done: 2, total: 2 } };
    const note = '1 of 1 steps succeeded, 2 of 2 rows succeeded.';
    const id = await stage.ended({}, { note }, { pipelineId: 'told-steps' });
    const kept = { ...record, steps: [part('Segmentation')], rows: [part('B2'), part('C3')], counts };
    await stage.writeControl(id, '1/outcome.json', JSON.stringify(kept));
    for (const language of ['en', 'zh']) {
      const { body } = await stage.owner.get(`/runs/${id}`, { 'accept-language': language });
      expect(body).toContain('id="outcome"');
      expect(body).not.toContain('class="note note-warn"');
      if (language === 'zh') expect(wordsOf(body)).toMatch(/1 个步骤中有 1 个成功，2 行中有 2 行成功。.*成功 分割/);
    }
  });

  it('stand in lists of runs by their sentence, and results below their headings', async () => {
    const outputs = [
      { glob: 'qc/*.txt', kind: 'text', title: 'Checks', group: 'Quality', caption: 'Look here first.' },
      { glob: '*.csv', kind: 'table', title: 'Cells' },
      { glob: 'data.json', kind: 'json', title: 'Settings', group: 'Quality' },
      { glob: 'site/**', kind: 'site', title: 'Viewer', group: 'Viewer' },
    ] as const;
    const files = {
      'qc/a.txt': 'fine',
      'cells.csv': 'a,b\n1,2\n',
      'data.json': '{"a":1}',
      'site/index.html': '<script>alert(1)</script>',
      'rest.txt': 'left',
    };
    const note = '3 of 4 steps succeeded. Failed: Analysis (no cells).';
    const id = await stage.ended(files, { state: 'partial', note }, { manifest: { outputs: [...outputs] } });
    const words = wordsOf(await stage.page(id));
    expect(words).toMatch(
      /Cells .*Quality .*Checks .*Look here first\. .*fine.*Settings .*\{ "a": 1 \}.*Viewer .*Other results .*rest\.txt/,
    );
    expect(words).not.toContain('alert(1)');
    expect(wordsOf((await stage.owner.get('/queue')).body)).toContain(note);
  });

  it('that all succeeded are told in lists and no warning, unless there is more to tell', async () => {
    const counts = { steps: { done: 2, total: 2 }, rows: { done: 0, total: 0 } };
    const kept = JSON.stringify({ ...record, steps: [part('One', {}), part('Two', {})], rows: [], counts });
    const pageOf = async (note: string) => {
      const id = await stage.ended({}, { note });
      await stage.writeControl(id, '1/outcome.json', kept);
      return await stage.page(id);
    };
    const note = '2 of 2 steps succeeded.';
    // Once below the heading, once in its place, once in the history.
    expect((await pageOf(note)).split(note)).toHaveLength(4);
    expect(await pageOf(note)).not.toContain('note-warn');
    expect(wordsOf((await stage.owner.get('/queue')).body)).toContain(note);
    expect(await pageOf(`A part of it was ended. ${note}`)).toMatch(/note-warn[^]*A part of it was ended\. 2 of 2/);
  });

  it('come with the digest of the pipeline', async () => {
    const digest = { sha256: 'a'.repeat(64), files: 3, bytes: 1234, complete: false };
    const id = await stage.ended({}, {}, { manifest: { digest } as object });
    const words = wordsOf(await stage.page(id));
    expect(words).toContain(`Checksum ${'a'.repeat(64)} (it has more files than were read)`);
  });
});
