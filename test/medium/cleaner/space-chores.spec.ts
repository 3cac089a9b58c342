import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FileDigests, INBOX_PROJECT } from '../../../src/common/digests/file-digests';
import { FileDigest } from '../../../src/common/digests/file-digest.entity';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { SafeDirectory } from '../../../src/common/files/safe-directory';
import type { Project } from '../../../src/common/projects/project.entity';
import { Space } from '../../../src/common/space/space';
import { aGuest } from '../../factories';
import { CleanerBench } from './cleaner-bench';

describe('the cleaner and space', () => {
  let bench: CleanerBench;
  let inbox: string;

  beforeEach(async () => {
    bench = await CleanerBench.open({ INBOX_DIR: '/nowhere/inbox', FREE_SPACE_RESERVE: '1 MB' });
    inbox = join(bench.database.folder, 'inbox');
    Object.assign(bench.config, { settings: { ...bench.config.settings, INBOX_DIR: inbox } });
  });
  afterEach(() => bench.close());

  const space = () => bench.context.get(Space);
  const useOf = async ({ ownerId }: Project) => (await space().useFor(ownerId)).used;

  it('measures everybody anew when it has deleted', async () => {
    const project = await bench.addPerson(aGuest());
    const runId = await bench.finishedRun(project);
    bench.write(bench.fileOf(project, 'a.tif'), 70);
    await space().measure(project.ownerId);
    expect(await useOf(project)).toEqual({ bytes: 1070, files: 2 });
    bench.write(bench.fileOf(project, 'b.tif'), 5);
    bench.passDays(8);
    await bench.rows.query(`UPDATE users SET last_seen_ms = last_seen_ms + ${100 * 365 * 86_400_000}`);
    await bench.dryRun();
    expect(await useOf(project)).toEqual({ bytes: 1070, files: 2 });
    expect(await bench.clean()).toBe(0);
    expect(await useOf(project)).toEqual({ bytes: 75, files: 2 });
    expect((await space().detailsOf(project.ownerId))!.runs.map((run) => run.runId)).not.toContain(runId);
  });

  it('forgets reservations a day after their time, and figures of people who are gone', async () => {
    const project = await bench.addPerson();
    const terms = { projectId: project.id, what: 'upload' as const };
    await space().reserve(project.ownerId, { bytes: 1, files: 1 }, { ...terms, forMs: 1 });
    const lasting = await space().reserve(project.ownerId, { bytes: 1, files: 1 }, { ...terms, forMs: 3 * 86_400_000 });
    await space().measure(randomUUID());
    await bench.clean();
    expect([await bench.count('space_reservations'), await bench.count('space_usage')]).toEqual([2, 1]);
    bench.passDays(1.1);
    expect((await bench.dryRun()).join('\n')).toContain('expired reservations: 1 (rows about space)');
    await bench.clean();
    expect(await bench.rows.query('SELECT id FROM space_reservations')).toEqual([{ id: lasting }]);
  });

  it('forgets checksums of contents that no file has any more', async () => {
    const project = await bench.addPerson();
    const other = await bench.addPerson();
    const digests = bench.context.get(FileDigests);
    const files = bench.context.get(ProjectFiles);
    const names = ['kept', 'moved', 'trashed', 'changed', 'deleted'];
    for (const name of names) {
      bench.write(bench.fileOf(project, name), 10 + name.length);
      await digests.compute(project.id, files.of(project), [Buffer.from(name)]);
    }
    bench.write(bench.fileOf(other, 'x'));
    await digests.compute(other.id, files.of(other), [Buffer.from('x')]);
    bench.write(join(inbox, 'large.bin'));
    await digests.compute(INBOX_PROJECT, SafeDirectory.open(inbox), [Buffer.from('large.bin')]);

    mkdirSync(dirname(bench.fileOf(project, 'deep/er')), { recursive: true });
    renameSync(bench.fileOf(project, 'moved'), bench.fileOf(project, 'deep/er'));
    const bin = join(bench.config.filesRoot, project.ownerId, '.staging', `${project.id}.${randomUUID()}.trash`);
    mkdirSync(bin, { recursive: true });
    renameSync(bench.fileOf(project, 'trashed'), join(bin, 'trashed'));
    appendFileSync(bench.fileOf(project, 'changed'), 'more');
    rmSync(bench.fileOf(project, 'deleted'));
    await bench.rows.query('DELETE FROM projects WHERE id = ?', [other.id]);
    await bench.clean();
    expect(await bench.count('file_digests')).toBe(7);

    bench.passDays(1.1);
    await bench.clean();
    const left = await bench.rows.getRepository(FileDigest).find({ order: { projectId: 'ASC', size: 'ASC' } });
    const kept = ['kept', 'moved', 'trashed'].map((name) => 10 + name.length);
    expect(left.filter((row) => row.projectId === project.id).map((row) => row.size)).toEqual(kept);
    expect(left.filter((row) => row.projectId !== project.id).map((row) => row.projectId)).toEqual([INBOX_PROJECT]);
  });
});
