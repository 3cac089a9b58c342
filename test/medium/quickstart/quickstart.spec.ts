import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openTestDatabase, type TestDatabase } from '../../database';
import { compileProduct, type Product } from '../../product';
import { until } from '../../until';

const START_WITHIN_MS = 60_000;

/** A quickstart as a child process, with what it says. */
class Started {
  output = '';
  status: number | null = null;

  constructor(readonly process: ChildProcess) {
    for (const stream of [process.stdout, process.stderr]) stream?.on('data', (piece: Buffer) => (this.output += piece.toString()));
    process.on('close', (status, signal) => (this.status = status ?? (signal === null ? -1 : -2)));
  }

  async untilReady(): Promise<void> {
    await until(
      () => this.output.includes('is ready:') && this.output.includes('Next cleaning') && this.output.includes('takes up to'),
      START_WITHIN_MS,
    );
  }

  async end(signal?: NodeJS.Signals): Promise<number> {
    if (signal) this.process.kill(signal);
    await until(() => this.status !== null, START_WITHIN_MS);
    return this.status ?? -1;
  }

  /** Command lines of its children by first word, such as `web.js`. */
  children(): Map<string, number> {
    const pids = readFileSync(`/proc/${this.process.pid}/task/${this.process.pid}/children`, 'latin1').trim().split(' ').filter(Boolean);
    const entries = pids.map((pid): [string, number] => {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
      return [
        words
          .find((word) => /dist\/\w+\.js$/.test(word))
          ?.split('/')
          .at(-1) ?? '',
        Number(pid),
      ];
    });
    return new Map(entries);
  }
}

describe('quickstart', () => {
  let product: Product;
  let database: TestDatabase;
  let port: number;
  const running: Started[] = [];

  beforeAll(async () => {
    product = compileProduct();
    database = await openTestDatabase({ SAMPLE_PROJECT: 'on' });
    port = await freePort();
  });
  afterAll(async () => {
    for (const one of running) if (one.status === null) one.process.kill('SIGKILL');
    await database.close();
    product.remove();
  });

  function start(settings: Record<string, string> = {}): Started {
    const environment = { PATH: process.env['PATH'], ...database.environment, PORT: String(port), ...settings };
    const started = new Started(
      spawn(process.execPath, [join(product.home, 'dist', 'quickstart.js')], { env: environment, cwd: product.home }),
    );
    running.push(started);
    return started;
  }

  it('starts all, restarts what dies, refuses a second one, ends with its parent, and keeps all data', async () => {
    const first = start();
    await first.untilReady();
    expect([...first.children().keys()].toSorted()).toEqual(['cleaner.js', 'runner.js', 'web.js']);
    expect(existsSync(join(database.folder, 'sample', 'tissue.tif'))).toBe(true);
    // eslint-disable-next-line no-control-regex
    expect(first.output).not.toMatch(/\u001b\[/);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

    const second = start({ PORT: String(await freePort()) });
    expect(await second.end()).toBe(1);
    expect(second.output).toMatch(/^Another quickstart already runs on .*\n$/);

    const runner = first.children().get('runner.js') ?? 0;
    process.kill(runner, 'SIGKILL');
    await until(() => first.output.split('takes up to').length === 3, START_WITHIN_MS);
    expect(first.output).toContain('runner ended unexpectedly (signal SIGKILL); it is started again in 1 s.');

    // Killed without a chance to stop anything: the children notice, and give the port back.
    const pids = [...first.children().values()];
    await first.end('SIGKILL');
    await until(
      () => pids.every((pid) => !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`).length === 0),
      START_WITHIN_MS,
    );

    const third = start();
    await third.untilReady();
    expect(third.output).toContain('The database is up to date.');
    const children = [...third.children().values()];
    expect(await third.end('SIGINT')).toBe(0);
    expect(children.some((pid) => existsSync(`/proc/${pid}`))).toBe(false);
  }, 180_000);

  it('says in one line that the port is taken', async () => {
    const server = createServer().listen(0);
    const taken = (server.address() as AddressInfo).port;
    const started = start({ PORT: String(taken), DATA_DIR: join(database.folder, 'other') });
    expect(await started.end()).toBe(1);
    expect(started.output).toMatch(/^Port \d+ is taken\. Set PORT to a free one: .*\n$/);
    server.close();
  });

  it.each([
    [{ DATA_DIR: '/proc/nowhere' }, 1, /^Cannot write in \/proc\/nowhere \(E\w+\)\. Set DATA_DIR .*\n$/],
    [{ TIME_LIMIT: 'soon' }, 78, /^One setting is wrong; .*\n {2}TIME_LIMIT: .*\n$/],
  ])('ends at once, and says why, with %j', async (settings, status, sentence) => {
    const started = start(settings);
    expect(await started.end()).toBe(status);
    expect(started.output).toMatch(sentence);
  });

  it('does not go round in circles when the web process cannot start', async () => {
    const started = start({ LISTEN_HOST: '192.0.2.77', DATA_DIR: join(database.folder, 'third') });
    expect(await started.end()).toBe(1);
    expect(started.output.match(/is no address of this machine/g)).toHaveLength(1);
    expect(started.output).not.toContain('started again');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
