import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComposeRuntime } from '../../../src/common/pipelines/runtime';
import { PrepareError, type Assignment } from '../../../src/runner/executors/executor';
import { TEST_IMAGE } from '../../tools/dockerd.mjs';
import { containerId, control, DockerWorld, log, result } from './docker-world';

/** As PIPEX ships it, with an image that is here: one folder for everything, named by a variable; the command is a line for a shell. */
const PIPEX = `
services:
  pipex:
    image: ${TEST_IMAGE}
    build: .
    container_name: pipex
    env_file: .env
    environment:
      PIPEX_WORK: /opt/pipex/work
    volumes:
      - \${PIPEX_WORK}:/opt/pipex/work
    working_dir: /opt/pipex
    command: sh -c "cd work && echo \\"limit $$PIPEX_MAX_RESOLUTION\\" && cat pipex_batch_list.txt | tee log.txt && touch LAST_RUN_ID"
    depends_on: [other]
    ports: ['9:9']
  other:
    image: ${TEST_IMAGE}
`;

describe('a service of a compose file', () => {
  let world: DockerWorld;

  beforeAll(async () => {
    world = await DockerWorld.open();
  }, 60_000);
  afterAll(() => world.close());

  function service(file: string, runtime: Partial<ComposeRuntime> = {}, over: Partial<Assignment> = {}): Assignment {
    const assignment = world.assignment({ argv: [], ...over });
    writeFileSync(join(assignment.pipelineFolder, 'docker-compose.yml'), file);
    return {
      ...assignment,
      runtime: { kind: 'compose', command: [], env: {}, file: 'docker-compose.yml', service: 'pipex', variables: {}, ...runtime },
    };
  }

  async function run(assignment: Assignment) {
    const executor = world.newExecutor();
    const held = await executor.prepare(assignment);
    const started = {
      assignment,
      held,
      execution: { runId: assignment.runId, attempt: 1, engine: 'docker' as const, folder: assignment.folder, handle: held.handle },
    };
    await held.go();
    const seen = await world.end(executor, started);
    await executor.sweep(started.execution);
    return { started, seen };
  }

  it('runs as PIPEX does: its own line for the shell, its own environment, a private work folder for each run', async () => {
    const assignment = service(PIPEX, { variables: { PIPEX_WORK: '{outputFolder}' } });
    writeFileSync(join(assignment.pipelineFolder, '.env'), 'PIPEX_MAX_RESOLUTION=30000\n');
    writeFileSync(join(assignment.cwd, 'pipex_batch_list.txt'), 'segmentation.py -data=./data\n');
    const { started, seen } = await run(assignment);
    expect(seen).toMatchObject({ kind: 'ended', exitCode: 0 });
    expect(log(started)).toBe('limit 30000\nsegmentation.py -data=./data\n');
    expect(result(started, 'log.txt')).toBe('segmentation.py -data=./data\n');
    expect(result(started, 'LAST_RUN_ID')).toBe('');
    const { HostConfig } = await world.inspect(containerId(started));
    expect(HostConfig).toMatchObject({ NetworkMode: 'none', PortBindings: {} });
    expect(JSON.parse(readFileSync(control(started, 'container.json'), 'utf8'))).toMatchObject({
      image: TEST_IMAGE,
      imageId: expect.stringMatching(/^sha256:/),
    });
  });

  it('takes limits, user, mounts and devices of the service, and appends the arguments of the form to its command', async () => {
    const models = join(world.engine.folder, 'models');
    mkdirSync(models, { recursive: true });
    writeFileSync(join(models, 'weights'), 'w');
    const file = `
version: '2.4'
services:
  pipex:
    image: ${TEST_IMAGE}
    command: [echo, 'a  b', '$$HOME']
    user: '4711'
    mem_limit: 96m
    cpus: 0.5
    shm_size: 16m
    pids_limit: 50
    network_mode: none
    tmpfs: /scratch
    ulimits: { nofile: 999 }
    volumes:
      - ${models}:/models:ro
      - cache:/cache
volumes:
  cache: {}
`;
    const { started } = await run(service(file, {}, { argv: ['--x=1', '$HOME'], needs: { cpu: 0, memory: 0, gpus: 0 } }));
    expect(log(started)).toBe('a  b $HOME --x=1 $HOME\n');
    const { HostConfig, Config } = await world.inspect(containerId(started));
    expect(HostConfig).toMatchObject({
      Memory: 96 * 1024 * 1024,
      NanoCpus: 5e8,
      ShmSize: 16 * 1024 * 1024,
      PidsLimit: 50,
      Tmpfs: { '/scratch': '' },
      Ulimits: [{ Name: 'nofile', Soft: 999, Hard: 999 }],
      Mounts: expect.arrayContaining([
        expect.objectContaining({ Source: models, Target: '/models', ReadOnly: true }),
        expect.objectContaining({ Type: 'volume', Source: 'pipeline_cache', Target: '/cache' }),
      ]),
    });
    expect(Config['User']).toBe('4711');
  });

  it('reserves the GPUs that the service names, unless the run was given its own', async () => {
    const file = `
version: '3.8'
services:
  pipex:
    image: ${TEST_IMAGE}
    command: 'true'
    deploy:
      resources:
        limits: { memory: 64M }
        reservations:
          devices: [{ driver: nvidia, count: 1, capabilities: [gpu] }]
`;
    const executor = world.newExecutor();
    const own = await executor.prepare(service(file, {}, { env: { CUDA_VISIBLE_DEVICES: '' } }));
    const name = (held: typeof own) => (held.handle.kind === 'docker' ? held.handle.containerId : '');
    const { HostConfig, Config } = await world.inspect(name(own));
    expect(HostConfig).toMatchObject({
      Memory: 64 * 1024 * 1024,
      DeviceRequests: [expect.objectContaining({ Count: 1, Driver: 'nvidia' })],
    });
    expect((Config['Env'] as string[]).filter((one) => one.startsWith('CUDA'))).toEqual([]);
    const given = await executor.prepare(service(file, {}, { gpuIds: ['3'] }));
    expect((await world.inspect(name(given))).HostConfig['DeviceRequests']).toEqual([expect.objectContaining({ DeviceIDs: ['3'] })]);
  });

  it('has the command of the pipeline where it has one', async () => {
    const assignment = service(
      PIPEX,
      { command: ['echo', 'own'], variables: { PIPEX_WORK: '{outputFolder}' } },
      { argv: ['echo', 'own', '--x'] },
    );
    writeFileSync(join(assignment.pipelineFolder, '.env'), '');
    expect(log((await run(assignment)).started)).toBe('own --x\n');
  });

  it.each([
    ['no such service', PIPEX, { service: 'segment' }, 'has no service segment. It has: '],
    ['no image', 'services: { pipex: { command: x } }\nversion: "3.8"', {}, 'could not be read'],
    ['no file', PIPEX, { file: 'other.yml' }, 'could not be read'],
    [
      'what a run cannot have',
      `version: "2.4"\nservices: { pipex: { image: x, privileged: true, pid: host } }`,
      {},
      'what a run cannot have: ',
    ],
    [
      'the network of another',
      `version: "2.4"\nservices: { pipex: { image: x, network_mode: 'service:db' }, db: { image: y } }`,
      {},
      'network_mode: service:db',
    ],
  ])('says what is wrong: %s', async (_what, file, runtime, sentence) => {
    const assignment = service(file, { variables: { PIPEX_WORK: '/tmp' }, ...runtime });
    writeFileSync(join(assignment.pipelineFolder, '.env'), '');
    const prepared = world.newExecutor().prepare(assignment);
    await expect(prepared).rejects.toThrow(PrepareError);
    await expect(prepared).rejects.toThrow(sentence);
  });
});
