import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileScript } from '../../../src/common/pipelines/annotated-script';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { knownFields } from '../../../src/common/pipelines/schema-fields';
import icons from '../../../src/browser/icons.json';

const HOME = resolve(__dirname, '..', '..', '..');
const docs = readFileSync(join(HOME, 'docs', 'pipelines.md'), 'utf8');
const blocks = (language: string) => [...docs.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map((match) => match[1]);

describe('docs/pipelines.md', () => {
  it('shows a script and a manifest that work', () => {
    const [script] = blocks('sh');
    const compiled = compileScript({ id: 'blur', command: ['./blur.sh'], head: script, prefix: '##~~' });
    expect(compiled).toMatchObject({
      title: 'Blur',
      parameters: expect.arrayContaining([expect.objectContaining({ name: 'sigma', unit: 'px' })]),
    });
    const [manifest] = blocks('yaml');
    expect(compileYaml('blur', manifest)).toMatchObject({ title: 'Blur', outputs: [{ glob: '*.png', kind: 'image' }] });
  });

  const TYPES = ['string', 'text', 'integer', 'number', 'boolean', 'choice', 'file', 'files', 'output'];
  const PLACES: [string, unknown, PropertyKey[]][] = [
    ['the manifest', {}, []],
    ['outputs', { outputs: [{}] }, ['outputs', 0]],
    ['outcome', { outcome: {} }, ['outcome']],
    ...TYPES.map((type): [string, unknown, PropertyKey[]] => [type, { parameters: [{ type }] }, ['parameters', 0]]),
  ];

  it.each(PLACES)('names every field of %s', (_what, content, path) => {
    const fields = knownFields(content, path);
    expect(fields.length).toBeGreaterThan(2);
    expect(fields.filter((field) => !new RegExp(`[\`.]${field}[\`.]`).test(docs))).toEqual([]);
  });

  it('names icons that there are', () => {
    for (const name of ['nuclei/pipeline.yaml', 'fasta-stats.sh']) {
      const icon = /icon: (\S+)/.exec(readFileSync(join(HOME, 'config', 'pipelines', name), 'utf8'))?.[1];
      expect(icons.icons).toContain(icon);
    }
  });
});

describe('docs/handoff.md', () => {
  const handoff = readFileSync(join(HOME, 'docs', 'handoff.md'), 'utf8');

  it('shows a manifest that works, for one run at a time', () => {
    const [manifest = ''] = [...handoff.matchAll(/```yaml\n([^]*?)```/g)].map((match) => match[1]);
    expect(compileYaml('pipex', manifest)).toMatchObject({
      runtime: { kind: 'handoff', argsFile: 'pipex_batch_list.txt', pickUpSeconds: 600, form: 'line' },
      limits: { parallel: 1 },
    });
  });

  it('names every field', () => {
    const fields = knownFields({ handoff: {} }, ['handoff']);
    expect(fields.length).toBeGreaterThan(8);
    expect(fields.filter((field) => !handoff.includes(`| \`${field}\``))).toEqual([]);
  });
});
