import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../../src/common/config/app-config';
import { checkPipeline } from '../../../src/pipeline/check/check-pipeline';
import { TEST_IMAGE } from '../../tools/dockerd.mjs';
import { DockerWorld } from './docker-world';

describe('pipeline check with a Docker Engine', () => {
  let world: DockerWorld;
  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  it('runs samples in containers, and leaves none', async () => {
    const root = join(world.engine.folder, 'pipelines');
    mkdirSync(join(root, 'contained'), { recursive: true });
    writeFileSync(join(root, 'contained', 'copy.sh'), '#!/bin/sh\ncat "$1" > copy.txt && echo "copied as $(hostname)"; exit "$2"\n');
    chmodSync(join(root, 'contained', 'copy.sh'), 0o755);
    writeFileSync(
      join(root, 'contained', 'pipeline.yaml'),
      `command: [./copy.sh]
docker: { image: '${TEST_IMAGE}' }
parameters: [{ name: input, type: file }, { name: status, type: integer, default: 0 }]
arguments: ['{input}', '{status}']
outcome: { requiredOutputs: [copy.txt] }
samples:
  - { title: copies, files: { input: { name: a.txt, text: hello } }, expect: { files: [copy.txt], logs: ^copied as } }
  - { title: fails, values: { status: 3 }, files: { input: { name: a.txt, text: hello } }, expect: { state: failed } }
  - { title: surprises, values: { status: 3 }, files: { input: { name: a.txt, text: hello } } }
`,
    );
    const config = readConfig({
      DATA_DIR: join(world.engine.folder, 'work'),
      PIPELINES_DIR: root,
      DOCKER_HOST: world.engine.host,
      PATH: process.env['PATH'],
    });
    const report = await checkPipeline(config, 'contained');
    expect(report.samples.map(({ result, state, faults }) => [result, state, faults.length])).toEqual([
      ['passed', 'succeeded', 0],
      ['passed', 'failed', 0],
      ['failed', 'failed', 1],
    ]);
    expect(report.exitStatus).toBe(2);
    expect(await world.containers()).toEqual([]);
  });
});
