import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { RunningDigest } from '../../../src/common/digests/running-digest';
import { identityKey } from '../../../src/common/files/file-identity';
import { SpaceStage } from './space-stage';

describe('checksums', () => {
  let stage: SpaceStage;

  beforeAll(async () => {
    stage = await SpaceStage.open();
  });
  afterAll(() => stage.close());

  const path = (name: string) => [Buffer.from(name)];
  const digestsOf = (content: Buffer) => ({ sha256: createHash('sha256').update(content).digest('hex'), crc32: crc32(content) });

  it('are computed of whole files, once, and follow a file that is renamed', async () => {
    const { owner, project } = await stage.owner();
    const content = randomBytes(3_000_001);
    const place = stage.write(owner.id, `${project.id}/a.bin`, content);
    const directory = stage.files.of(project);
    const before = (await directory.identify(path('a.bin')))!;
    expect(await stage.digests.find(project.id, [before])).toEqual(new Map());
    expect(await stage.digests.compute(project.id, directory, path('a.bin'))).toEqual(digestsOf(content));
    renameSync(place, join(place, '../b.bin'));
    const after = (await directory.identify(path('b.bin')))!;
    expect(await stage.digests.find(project.id, [before])).toEqual(new Map([[identityKey(after), digestsOf(content)]]));
  });

  it('are other ones after somebody wrote to the file', async () => {
    const { owner, project } = await stage.owner();
    const place = stage.write(owner.id, `${project.id}/a.bin`, 'one');
    const directory = stage.files.of(project);
    await stage.digests.compute(project.id, directory, path('a.bin'));
    appendFileSync(place, ' more');
    expect(await stage.digests.find(project.id, [(await directory.identify(path('a.bin')))!])).toEqual(new Map());
    expect(await stage.digests.compute(project.id, directory, path('a.bin'))).toEqual(digestsOf(Buffer.from('one more')));
    // The same size again, and another time.
    writeFileSync(place, 'ONE MORE');
    utimesSync(place, 1_700_000_000, 1_700_000_000.5);
    expect(await stage.digests.compute(project.id, directory, path('a.bin'))).toEqual(digestsOf(Buffer.from('ONE MORE')));
  });

  it('are remembered as they were sent, and belong to one project', async () => {
    const { owner, project } = await stage.owner();
    const other = await stage.projectOf(owner);
    stage.write(owner.id, `${project.id}/a.bin`, 'content');
    const identity = (await stage.files.of(project).identify(path('a.bin')))!;
    const running = new RunningDigest();
    for (const piece of ['con', '', 'tent']) running.update(Buffer.from(piece));
    expect(running.bytes).toBe(7);
    expect(running.digests()).toEqual(digestsOf(Buffer.from('content')));
    await stage.digests.remember(project.id, identity, running.digests());
    await stage.digests.remember(project.id, identity, running.digests());
    expect(await stage.digests.find(project.id, [identity])).toEqual(new Map([[identityKey(identity), running.digests()]]));
    expect(await stage.digests.find(other.id, [identity])).toEqual(new Map());
  });

  it('of many files at once are all right, and an empty file has some too', async () => {
    const { owner, project } = await stage.owner();
    const contents = Array.from({ length: 12 }, (_, index) => randomBytes(index * 70_001));
    for (const [index, content] of contents.entries()) stage.write(owner.id, `${project.id}/${index}`, content);
    const found = await Promise.all(
      contents.map((_, index) => stage.digests.compute(project.id, stage.files.of(project), path(String(index)))),
    );
    expect(found).toEqual(contents.map(digestsOf));
  });

  it('are given up when nobody wants them any more, and never of what is no file', async () => {
    const { owner, project } = await stage.owner();
    stage.write(owner.id, `${project.id}/a.bin`, randomBytes(1000));
    const place = stage.write(owner.id, `${project.id}/sub/x`, '');
    symlinkSync('/etc/passwd', join(place, '../link'));
    const directory = stage.files.of(project);
    await expect(stage.digests.compute(project.id, directory, path('a.bin'), AbortSignal.abort())).rejects.toThrow('aborted');
    truncateSync(stage.write(owner.id, `${project.id}/huge.bin`, ''), 40_000_000_000);
    const began = performance.now();
    await expect(stage.digests.compute(project.id, directory, path('huge.bin'), AbortSignal.timeout(300))).rejects.toThrow('aborted');
    expect(performance.now() - began).toBeLessThan(5000);
    await stage.digests.compute(project.id, directory, path('a.bin'));
    await expect(stage.digests.compute(project.id, directory, path('sub'))).rejects.toThrow('not an ordinary file');
    await expect(stage.digests.compute(project.id, directory, [Buffer.from('sub'), Buffer.from('link')])).rejects.toThrow(
      'nothing named “link”',
    );
    expect(await directory.identify([Buffer.from('sub'), Buffer.from('link')])).toBeNull();
  });
});
