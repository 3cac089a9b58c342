import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { readConfig } from '../../../src/common/config/app-config';
import { dataSourceOptions } from '../../../src/common/database/data-source';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aNewRun } from '../../factories';

/** A way to MariaDB that swallows what goes over connections of before `silence`, as a machine without power does; new ones get through. */
class Way {
  private readonly sockets: Socket[] = [];
  private age = 0;
  private readonly server = createServer((client) => {
    const upstream = connect(process.env['TEST_MARIADB_SOCKET']!);
    const { age } = this;
    this.sockets.push(client, upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ]) {
      from.on('data', (bytes) => age === this.age && to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => age === this.age && to.destroy());
    }
  });

  async open(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  silence(): void {
    this.age += 1;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

const onMariadb = process.env['TEST_MARIADB_SOCKET'] ? describe : describe.skip;

onMariadb('a connection that fell silent', () => {
  const way = new Way();
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await openTestDatabase();
    const { DB_SOCKET: _, ...environment } = database.environment;
    const config = readConfig({ ...environment, DB_HOST: '127.0.0.1', DB_PORT: String(await way.open()) });
    dataSource = await new DataSource(dataSourceOptions(config, 3000)).initialize();
  });
  afterAll(async () => {
    await dataSource?.destroy();
    way.close();
    await database.close();
  });

  it('is given up, and the step is asked for again over a new one', async () => {
    const store = openQueueStore(database.config, dataSource, new DatabaseMutex());
    const begin = performance.now();
    await store.enqueue(aNewRun());
    way.silence();
    const asked = aNewRun();
    const { runId } = await store.enqueue(asked);
    // Three seconds, and for a busy machine many more; it was a quarter of an hour.
    expect(performance.now() - begin).toBeLessThan(25_000);
    expect(await store.enqueue(asked)).toEqual({ runId, created: false });
    await store.close();
  }, 30_000);

  it('is kept while nothing is asked of it', async () => {
    const number = () => dataSource.query<{ id: string }[]>('SELECT CONNECTION_ID() AS id');
    const before = await number();
    await new Promise((resolve) => setTimeout(resolve, 4500));
    expect(await number()).toEqual(before);
  });
});
