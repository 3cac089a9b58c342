import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseMutex } from '../../../src/common/database/database-mutex';
import { OwnerTransactions } from '../../../src/common/database/owner-transactions';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { Project } from '../../../src/common/projects/project.entity';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import type { RunsRepository } from '../../../src/common/queue/runs.repository';
import { OutboxCopy } from '../../../src/runner/outbox-copy';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aProject, aRun } from '../../factories';
import { heldDuring } from '../../held-bytes';

const FILES = 14_000;
const FEW_BYTES = 4 * 1024 * 1024;

describe('the outbox', () => {
  let outbox: string;
  let database: TestDatabase;
  let sut: OutboxCopy;
  let results: string;
  const run = aRun();

  beforeAll(async () => {
    outbox = mkdtempSync(join(tmpdir(), 'showrunner-outbox-'));
    database = await openTestDatabase({ OUTBOX_DIR: outbox, FREE_SPACE_RESERVE: '1 MB' });
    const connection = await database.connect();
    const projects = connection.getRepository(Project);
    const project = aProject();
    await projects.insert(project);
    const files = new ProjectFiles(database.config);
    results = join(database.folder, 'files', project.ownerId, project.id, 'runs', String(run.id));
    const repository = new ProjectsRepository(projects, new OwnerTransactions(connection, new DatabaseMutex()));
    sut = new OutboxCopy(database.config, repository, files, {} as RunsRepository);
    Object.assign(run, { projectId: project.id });
    mkdirSync(join(results, 'tiles'), { recursive: true });
  });
  afterAll(async () => {
    await database?.close();
    rmSync(outbox, { recursive: true, force: true });
  });

  /** Copies results of so many files. @returns the bytes that were held meanwhile, most of the time. */
  async function leave(count: number): Promise<number> {
    for (let number = 0; number < count; number += 1) writeFileSync(join(results, 'tiles', `a tile with a longer name, ${number}`), '');
    const held = await heldDuring(1000, () => sut.make(run));
    await sut.publish(run);
    expect(readdirSync(join(outbox, String(run.id), 'tiles'))).toHaveLength(count);
    // Buffers that the system is about to free make single looks unsure.
    return held.toSorted((one, other) => one - other)[Math.floor(held.length / 2)] ?? 0;
  }

  it('gets results of any number without keeping their names', async () => {
    writeFileSync(join(results, 'table.csv'), 'a,b\n');
    await leave(100);
    // The copy of before is replaced.
    expect(await leave(FILES)).toBeLessThan(FEW_BYTES);
    expect(readFileSync(join(outbox, String(run.id), 'table.csv'), 'utf8')).toBe('a,b\n');
    expect(readdirSync(outbox)).toEqual([String(run.id)]);
    // The group of the outbox fetches them, and nobody else.
    const modeOf = (...names: string[]) => statSync(join(outbox, String(run.id), ...names)).mode & 0o777;
    expect([modeOf(), modeOf('tiles'), modeOf('table.csv')]).toEqual([0o750, 0o750, 0o640]);
  }, 120_000);
});
