import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LimitError } from '../../../src/common/errors';
import { StagedFiles } from '../../../src/common/space/staged-files';
import { aGuest, aUser } from '../../factories';
import { until } from '../../until';
import { MINUTE, SpaceStage } from './space-stage';

const KB = 1000;

describe('space', () => {
  let stage: SpaceStage;

  beforeAll(async () => {
    stage = await SpaceStage.open({
      GUEST_SPACE: '100 kB',
      GUEST_FILES: '10',
      GUEST_PROJECTS: '3',
      USER_UPLOAD: '2 MB',
      ADMIN_SPACE: '1 TB',
    });
  });
  afterAll(() => stage.close());

  const kb = (count: number, files = 1) => ({ bytes: count * KB, files });
  const terms = (projectId: string, forMs = MINUTE) => ({ projectId, what: 'upload' as const, forMs });

  it('has limits by role', async () => {
    const { space, database } = stage;
    const most = database.config.settings.MAX_UPLOAD;
    expect(await space.allowanceOf(aGuest())).toMatchObject({ bytes: 100 * KB, files: 10, projects: 3, uploadBytes: 5e9 });
    expect(await space.allowanceOf(aUser())).toMatchObject({ bytes: null, files: null, projects: null, uploadBytes: 2e6 });
    expect(await space.allowanceOf(aUser({ isAdmin: true }))).toMatchObject({
      bytes: 1e12,
      files: null,
      projects: null,
      uploadBytes: most,
    });
  });

  it('counts what is reserved until it is settled or released', async () => {
    const { owner, project } = await stage.owner();
    const first = await stage.space.reserve(owner.id, kb(60), terms(project.id));
    const second = await stage.space.reserve(owner.id, kb(40), terms(project.id));
    expect(await stage.space.useOf(owner)).toMatchObject({ used: kb(0, 0), reserved: kb(100, 2), projects: 1 });
    await expect(stage.space.reserve(owner.id, { bytes: 1, files: 1 }, terms(project.id))).rejects.toThrow(
      new LimitError('space.isFull', { taken: '100 kB', most: '100 kB' }),
    );
    await stage.space.settle(first, kb(50));
    await stage.space.settle(first, kb(50));
    await stage.space.release(second);
    expect(await stage.space.useOf(owner)).toMatchObject({ used: kb(50), reserved: kb(0, 0) });
    await stage.space.add(owner.id, { bytes: -60 * KB, files: -1 });
    expect(await stage.space.useOf(owner)).toMatchObject({ used: kb(0, 0) });
  });

  it('counts files as well', async () => {
    const { owner, project } = await stage.owner();
    await stage.space.reserve(owner.id, kb(1, 9), terms(project.id));
    await expect(stage.space.reserve(owner.id, kb(1, 2), terms(project.id))).rejects.toThrow(
      'There is no room for 2 more files: 9 of 10 are in use or reserved.',
    );
    await stage.space.reserve(owner.id, kb(1, 1), terms(project.id));
  });

  it('forgets a reservation that nobody renews, and gives its room to others', async () => {
    const { owner, project } = await stage.owner();
    const id = await stage.space.reserve(owner.id, kb(100), terms(project.id, 300));
    await expect(stage.space.reserve(owner.id, kb(1), terms(project.id))).rejects.toThrow(LimitError);
    await sleep(320);
    expect((await stage.space.useOf(owner)).reserved).toEqual(kb(0, 0));
    await stage.space.reserve(owner.id, kb(100), terms(project.id));
    // Too late to renew, but what was really stored counts.
    await expect(stage.space.reserve(owner.id, kb(100), { ...terms(project.id), id })).rejects.toThrow(LimitError);
    await stage.space.settle(id, kb(100));
    expect(await stage.space.useOf(owner)).toMatchObject({ used: kb(100), reserved: kb(100) });
  });

  it('renews a reservation, also in a space that has become full meanwhile', async () => {
    const { owner, project } = await stage.owner();
    const id = randomUUID();
    expect(await stage.space.reserve(owner.id, kb(60), { ...terms(project.id, 300), id })).toBe(id);
    await stage.space.add(owner.id, kb(80));
    await stage.space.reserve(owner.id, kb(60), { ...terms(project.id), id });
    await stage.space.reserve(owner.id, kb(50), { ...terms(project.id), id });
    await expect(stage.space.reserve(owner.id, kb(51), { ...terms(project.id), id })).rejects.toThrow(LimitError);
    await sleep(320);
    expect(await stage.space.useOf(owner)).toMatchObject({ used: kb(80), reserved: kb(50) });
  });

  it('lets exactly so many through as fit, of many that ask at once in several processes', async () => {
    const { owner, project } = await stage.owner();
    await stage.space.measure(owner.id);
    // Of 99,999 bytes nine times 10,000 fit, and a single byte keeps the tenth out.
    await stage.space.reserve(owner.id, { bytes: 1, files: 0 }, terms(project.id));
    const at = String(Date.now() + 3000);
    const got = await Promise.all(
      Array.from({ length: 4 }, () => stage.inProcess(owner.id, project.id, String(10 * KB), '10', at) as Promise<number>),
    );
    expect(got.reduce((sum, one) => sum + one, 0)).toBe(9);
    expect((await stage.space.useOf(owner)).reserved).toEqual({ bytes: 90 * KB + 1, files: 9 });
  });

  it('lets one through of those that ask at once for the last byte, again and again', async () => {
    for (let round = 1; round <= 40; round += 1) {
      const { owner, project } = await stage.owner();
      await stage.space.measure(owner.id);
      await stage.space.add(owner.id, { bytes: 100 * KB - 1, files: 0 });
      const asked = await Promise.allSettled(
        Array.from({ length: 9 }, () => stage.space.reserve(owner.id, { bytes: 1, files: 1 }, terms(project.id))),
      );
      expect([round, asked.filter((one) => one.status === 'fulfilled').length]).toEqual([round, 1]);
    }
  });

  it('leaves FREE_SPACE_RESERVE on the disk, and counts what others were promised', async () => {
    const { owner, project } = await stage.owner({ kind: 'account' });
    await expect(stage.space.reserve(owner.id, { bytes: 1e18, files: 1 }, terms(project.id))).rejects.toThrow(
      new LimitError('projects.noSpace'),
    );
    expect((await stage.space.useOf(owner)).reserved.bytes).toBe(0);
  });

  it('measures what lies in projects, results, trash and half-sent uploads, and half-sent ones of live reservations once', async () => {
    const { owner, project } = await stage.owner();
    stage.write(owner.id, `${project.id}/a.bin`, Buffer.alloc(1000));
    stage.write(owner.id, `${project.id}/runs/7/deep/er/table.csv`, Buffer.alloc(200));
    stage.write(owner.id, `.staging/${project.id}.${randomUUID()}.deleted/old.bin`, Buffer.alloc(30));
    const id = await stage.space.reserve(owner.id, kb(50), terms(project.id));
    stage.write(owner.id, `.staging/${stage.files.stagingName(project.id, id).toString()}`, Buffer.alloc(4000));
    expect(await stage.space.measure(owner.id)).toEqual({ bytes: 1230, files: 3 });
    const use = await stage.space.useOf(owner);
    expect(use).toMatchObject({ used: { bytes: 1230, files: 3 }, reserved: kb(50) });
    expect(use.measuredMs).toBeGreaterThan(0);
    await stage.space.release(id);
    expect(await stage.space.measure(owner.id)).toEqual({ bytes: 5230, files: 4 });
  });

  it('measures files from before there were limits when something is first reserved', async () => {
    const { owner, project } = await stage.owner();
    stage.write(owner.id, `${project.id}/a.bin`, Buffer.alloc(90 * KB));
    await expect(stage.space.reserve(owner.id, kb(20), terms(project.id))).rejects.toThrow(LimitError);
    await stage.space.reserve(owner.id, kb(10), terms(project.id));
  });

  it('lets a newcomer reserve while the large space of somebody else is measured', async () => {
    const [large, newcomer] = [await stage.owner(), await stage.owner()];
    stage.write(newcomer.owner.id, `${newcomer.project.id}/a.bin`, Buffer.alloc(60 * KB));
    const staged = stage.context.get(StagedFiles, { strict: false });
    const list = staged.list.bind(staged);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    jest.spyOn(staged, 'list').mockImplementation(async (ownerId) => {
      if (ownerId === large.owner.id) await held;
      return list(ownerId);
    });
    const measuring = stage.space.measure(large.owner.id);
    await stage.space.useOf(newcomer.owner);
    await expect(stage.space.reserve(newcomer.owner.id, kb(50), terms(newcomer.project.id))).rejects.toThrow(LimitError);
    goOn();
    await measuring;
    jest.restoreAllMocks();
  });

  it('is never measured lower than it is while files come and go, and exactly when they rest', async () => {
    for (let round = 1; round <= 4; round += 1) {
      const { owner, project } = await stage.owner({ kind: 'account' });
      for (let index = 0; index < 400; index += 1) stage.write(owner.id, `${project.id}/${index % 4}/old-${index}`, Buffer.alloc(100));
      await stage.space.measure(owner.id);
      const truth = { bytes: 40_000, files: 400 };
      const change = async (index: number) => {
        const id = await stage.space.reserve(owner.id, { bytes: 50, files: 1 }, terms(project.id));
        const staged = stage.write(owner.id, `.staging/${stage.files.stagingName(project.id, id).toString()}`, Buffer.alloc(50));
        renameSync(staged, stage.write(owner.id, `${project.id}/${index % 4}/new-${index}`, ''));
        await stage.space.settle(id, { bytes: 50, files: 1 });
        truth.bytes += 50;
        truth.files += 1;
        if (index % 3 > 0) return;
        rmSync(join(stage.database.config.filesRoot, owner.id, project.id, String(index % 4), `old-${index}`));
        await stage.space.add(owner.id, { bytes: -100, files: -1 });
        truth.bytes -= 100;
        truth.files -= 1;
      };
      const over = new AbortController();
      const changes = Promise.all(Array.from({ length: 30 }, (_, index) => sleep(4 * index).then(() => change(index))));
      void changes.finally(() => over.abort());
      while (!over.signal.aborted) await stage.space.measure(owner.id);
      await changes;
      const { used } = await stage.space.useOf(owner);
      expect(used.bytes).toBeGreaterThanOrEqual(truth.bytes);
      expect(used.files).toBeGreaterThanOrEqual(truth.files);
      expect(await stage.space.measure(owner.id)).toEqual(truth);
      expect((await stage.space.useOf(owner)).used).toEqual(truth);
    }
  });

  it('is measured anew in the background when somebody looks and the figures are old', async () => {
    const { owner, project } = await stage.owner();
    stage.write(owner.id, `${project.id}/a.bin`, Buffer.alloc(500));
    expect((await stage.space.useOf(owner)).measuredMs).toBe(0);
    await until(async () => (await stage.space.useOf(owner)).used.bytes === 500);
  });
});
