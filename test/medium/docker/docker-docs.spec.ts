import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compileYaml } from '../../../src/common/pipelines/pipeline-yaml';
import { knownFields } from '../../../src/common/pipelines/schema-fields';

const docs = readFileSync(join(resolve(__dirname, '..', '..', '..'), 'docs', 'docker.md'), 'utf8');

describe('docs/docker.md', () => {
  it.each(['docker', 'compose'])('names every field of %s', (block) => {
    const fields = knownFields({ [block]: {} }, [block]);
    expect(fields.length).toBeGreaterThan(2);
    expect(fields.filter((field) => !docs.includes(`\`${field}\``))).toEqual([]);
  });

  it('shows manifests that work', () => {
    const [segment, pipex] = [...docs.matchAll(/```yaml\n([^]*?)```/g)].map(([, manifest]) => manifest);
    expect(compileYaml('segment', segment)).toMatchObject({
      runtime: {
        kind: 'docker',
        image: 'lab/segment:3',
        network: false,
        mounts: [{ source: '/srv/models', target: '/models', readOnly: true }],
      },
    });
    expect(compileYaml('pipex', pipex)).toMatchObject({
      runtime: { kind: 'compose', file: 'docker-compose.yml', service: 'pipex', variables: { PIPEX_WORK: '{outputFolder}' }, command: [] },
    });
  });
});
