import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { aDockerRuntime } from '../../engines/docker/docker-world';
import { compileProduct, type Product } from '../../product';
import { RunnerWorld } from '../../runner-world';
import { startDockerd, TEST_IMAGE, type Dockerd } from '../../tools/dockerd.mjs';
import { until } from '../../until';

const HOME = resolve(__dirname, '..', '..', '..');

/** The runner itself as a container that has the socket, and other names for its folders than the host. */
describe('a runner that lives in a container', () => {
  let docker: Dockerd;
  let world: RunnerWorld;
  let product: Product;

  beforeAll(async () => {
    product = compileProduct();
    docker = await startDockerd();
    world = await RunnerWorld.open();
  }, 90_000);
  afterAll(async () => {
    await docker.remove();
    await world.close();
    product.remove();
  });

  const bind = (source: string, target = source, readOnly = true) => ({ Type: 'bind', Source: source, Target: target, ReadOnly: readOnly });

  /** Node and its libraries are those of this machine. */
  async function startRunner(settings: Record<string, string> = {}): Promise<string> {
    const socket = process.env['TEST_MARIADB_SOCKET'];
    const environment = {
      ...world.environment,
      DATA_DIR: '/data',
      PIPELINES_DIR: '/data/pipelines',
      RUNNER_NAME: 'runner-1',
      RUNNER_ENGINES: 'docker',
      DOCKER_HOST: 'unix:///docker/docker.sock',
      DOCKER_PATHS: `/data=${world.database.folder}`,
      ...settings,
    };
    const libraries = ['/usr', '/lib', '/lib64'].filter((path) => existsSync(path)).map((path) => bind(path));
    const places = [bind(HOME), bind(product.home), bind(dirname(process.execPath)), ...(socket ? [bind(dirname(socket))] : [])];
    const body = {
      Image: TEST_IMAGE,
      Cmd: [process.execPath, join(product.home, 'dist', 'runner.js')],
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      HostConfig: {
        Init: true,
        NetworkMode: 'none',
        Mounts: [...libraries, ...places, bind(world.database.folder, '/data', false), bind(docker.folder, '/docker', false)],
      },
    };
    const { Id } = JSON.parse((await docker.call('POST', '/containers/create', body)).body);
    await docker.call('POST', `/containers/${Id}/start`);
    return Id;
  }

  const logOf = async (id: string) => (await docker.call('GET', `/containers/${id}/logs?stdout=1&stderr=1`)).body;

  it('starts containers beside itself, on the same files; a new container in its place finds them again', async () => {
    const first = await startRunner();
    const script = 'pwd > where.txt; echo start >> life; while [ ! -e end ]; do sleep 0.02; done; echo said';
    const id = await world.submit('shell', { runtime: aDockerRuntime({ command: ['/bin/sh', '-c', script] }) }, { engine: 'docker' });
    const run = await world.untilState(id, 'running');
    await until(() => existsSync(world.results(id, 'life')));
    await docker.call('DELETE', `/containers/${first}?force=1`);
    await startRunner();
    await until(async () => (await world.find(id)).fence > run.fence, 20_000);
    writeFileSync(world.results(id, 'end'), '');
    expect(await world.untilFinal(id)).toMatchObject({ state: 'succeeded', starts: 1, attempt: 1 });
    expect(readFileSync(world.results(id, 'life'), 'utf8')).toBe('start\n');
    expect(readFileSync(world.results(id, 'where.txt'), 'utf8')).toMatch(/^\/data\/files\//);
    expect(world.log(run)).toBe('said\n');
  }, 60_000);

  it('refuses to begin where Docker would look for its files in another place', async () => {
    const lost = await startRunner({ RUNNER_NAME: 'runner-2', DOCKER_PATHS: '' });
    await until(async () => JSON.parse((await docker.call('GET', `/containers/${lost}/json`)).body).State.Status === 'exited', 20_000);
    expect(await logOf(lost)).toContain('needs DOCKER_PATHS');
  }, 60_000);
});
