/**
 * A runner process of the claim tests: `node --require load-typescript.cjs claimer.ts <name>`. It registers, prints `ready`, and obeys
 * one command a line: `claim <places>` claims once, `fill` claims one by one until it gets nothing, `finish` ends all that it holds.
 * Each answer is one line of JSON: the numbers of the runs.
 */
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { DataSource } from 'typeorm';
import { readConfig } from '../../../src/common/config/app-config';
import { dataSourceOptions } from '../../../src/common/database/data-source';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { openQueueStore } from '../../../src/common/queue/queue.module';
import type { Lease } from '../../../src/common/queue/queue-store';
import { HANDLE } from './queue-constants';
import { aCapacity } from '../../factories';

async function main(name: string): Promise<void> {
  const config = readConfig(process.env);
  const dataSource = await new DataSource(dataSourceOptions(config)).initialize();
  const store = openQueueStore(config, dataSource, new DatabaseMutex());
  const runner = { ...aCapacity({ slots: 8 }), name, incarnation: randomUUID(), host: 'lab1', bootId: 'boot-1', pokeAddress: null };
  await store.registerRunner(runner);
  let held: Lease[] = [];

  const claim = async (places: number) => {
    const runs = await store.claim(runner, places);
    held.push(...runs.map((run) => ({ runId: run.id, fence: run.fence })));
    return runs.map((run) => run.id);
  };
  const fill = async () => {
    const ids: number[] = [];
    for (let more = await claim(1); more.length > 0; more = await claim(1)) ids.push(...more);
    return ids;
  };
  const finish = async () => {
    const leases = held;
    held = [];
    for (const lease of leases) {
      const started = await store.authorise(lease, HANDLE);
      const ended = await store.finish(lease, { state: 'succeeded', exitCode: 0, note: null });
      if (!started || !ended) throw new Error(`run ${lease.runId} was not this runner's`);
    }
    return leases.map((lease) => lease.runId);
  };

  process.stdout.write('ready\n');
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, argument] = line.split(' ');
    const ids = verb === 'claim' ? await claim(Number(argument)) : verb === 'fill' ? await fill() : await finish();
    process.stdout.write(`${JSON.stringify(ids)}\n`);
  }
  await store.close();
  await dataSource.destroy();
}

void main(process.argv[2] ?? 'claimer');
