import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGLISH, inLanguage } from '../../locales/language';
import { pipelineDigest } from './pipeline-digest';
import { PipelineReader } from './pipeline-reader';
import type { Manifest } from './manifest';
import { inReadersWords, pipelinesCalled, readWords, storedInReadersWords, textsOf, titleInReadersWords, useWords } from './pipeline-words';

const SHIPPED = join(__dirname, '../../../config/pipelines');
/** Names are the same in every language. */
const NAMES = /^(?:[A-Z]{2,}\d*|GPUs?|PIPEX|ProtiCelli|TissUUmaps|QuPath|AnnData|Leiden|K-means|Minerva|[\d .×–%-]+|\W+)$/;
const inTongue = <Result>(tag: string, work: () => Result): Result => inLanguage({ ...ENGLISH, tag }, work);

describe('the words of a pipeline', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'words-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const read = async (folder: string, name: string) => {
    const reading = await new PipelineReader(folder, '##~~').read(name);
    if (!reading || !('pipeline' in reading)) throw new Error(JSON.stringify(reading));
    return reading.pipeline;
  };

  it.each(['nuclei', 'fasta-stats.sh', 'hpaseg', 'pipex', 'proticelli'])(
    'of %s are all there in Chinese, and none too many',
    async (name) => {
      const pipeline = await read(SHIPPED, name);
      const words = pipeline.words?.get('zh') ?? new Map<string, string>();
      const texts = new Set(textsOf(pipeline.manifest));
      expect([...texts].filter((one) => !words.has(one) && !NAMES.test(one))).toEqual([]);
      expect([...words.keys()].filter((one) => !texts.has(one))).toEqual([]);
      // What stands for a part of a name has to stay.
      for (const [one, other] of words) expect([one, other.includes('{*}')]).toEqual([one, one.includes('{*}')]);
    },
  );

  it('stand for what people read, and change nothing else', async () => {
    const folder = join(root, 'blur');
    mkdirSync(join(folder, 'locales'), { recursive: true });
    writeFileSync(
      join(folder, 'pipeline.yaml'),
      "title: Blur\ncommand: ['true']\nparameters:\n  - { name: Blur, type: choice, label: Blur, default: Blur, options: [{ value: Blur, label: Blur }] }\n",
    );
    const before = await pipelineDigest(await read(root, 'blur'), root);
    writeFileSync(join(folder, 'locales', 'zh.yaml'), 'Blur: 模糊\n');
    const pipeline = await read(root, 'blur');
    const { manifest } = inTongue('zh-TW', () => inReadersWords(pipeline));
    expect(manifest).toMatchObject({
      id: 'blur',
      title: '模糊',
      parameters: [{ name: 'Blur', label: '模糊', default: 'Blur', options: [{ value: 'Blur', label: '模糊' }] }],
    });
    expect(inTongue('de', () => inReadersWords(pipeline))).toBe(pipeline);
    expect(pipeline.manifest.title).toBe('Blur');
    // A run is the same again, whatever was translated since.
    expect(await pipelineDigest(pipeline, root)).toEqual(before);
  });

  it('stand for what is stored of runs, as far as the pipeline says it today, and find pipelines by their titles', () => {
    const words = new Map([
      [
        'zh',
        new Map([
          ['Blur', '模糊'],
          ['Cells of {*}', '{*} 的细胞'],
        ]),
      ],
    ]);
    const stored = {
      id: 'blur-of-runs',
      title: 'Blur',
      outputs: [{ glob: 'Blur', title: 'Blur' }],
      views: [{ title: 'Cells of {*}' }, { title: 'Gone' }],
    };
    const run = { pipelineId: 'blur-of-runs', pipelineTitle: 'Blur' };
    const said = () => [storedInReadersWords(stored), titleInReadersWords(run), pipelinesCalled('模')] as const;
    expect(inTongue('zh', said)).toEqual([stored, 'Blur', []]);
    useWords({ manifest: { id: 'blur-of-runs', title: 'Blur' } as Manifest, words });
    expect(inTongue('zh', said)).toEqual([
      { ...stored, title: '模糊', outputs: [{ glob: 'Blur', title: '模糊' }], views: [{ title: '{*} 的细胞' }, { title: 'Gone' }] },
      '模糊',
      ['blur-of-runs'],
    ]);
    expect(inTongue('de', said)).toEqual([stored, 'Blur', []]);
    useWords({ manifest: { id: 'blur-of-runs', title: 'Blur' } as Manifest });
    expect(inTongue('zh', said)).toEqual([stored, 'Blur', []]);
  });

  it('are read anew when they change, and take nothing from the pipeline where they are broken', async () => {
    writeFileSync(join(root, 'count.sh'), '#!/bin/sh\n##~~ input - the file to count\n', { mode: 0o755 });
    const reader = new PipelineReader(root, '##~~');
    const marks = new Set([await reader.signature('count.sh')]);
    for (const words of ['the file to count: 要计数的文件\n', 'a: [', '- a\n', 'a: 7\n']) {
      writeFileSync(join(root, 'count.zh.yaml'), words);
      marks.add(await reader.signature('count.sh'));
      const pipeline = await read(root, 'count.sh');
      const isWhole = words.startsWith('the');
      expect([words, pipeline.words !== undefined, pipeline.wordFaults?.length ?? 0]).toEqual([words, isWhole, isWhole ? 0 : 1]);
      if (!isWhole) expect(pipeline.wordFaults![0]).toMatch(/^count\.zh\.yaml: /);
    }
    expect(marks.size).toBe(5);
    expect(await reader.signature('count.zh.yaml')).toBeNull();
  });

  it('are pairs of texts', () => {
    expect(readWords('')).toEqual(new Map());
    expect(readWords("'a: b': c\n")).toEqual(new Map([['a: b', 'c']]));
    expect(readWords("a: ''\n")).toEqual([expect.stringContaining('“a” has no text behind its colon.')]);
  });
});
