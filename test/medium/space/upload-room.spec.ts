import { setTimeout as sleep } from 'node:timers/promises';
import { LimitError } from '../../../src/common/errors';
import { UploadRoom } from '../../../src/web/projects/upload-room';
import { SpaceStage } from './space-stage';

describe('the room of an upload', () => {
  let stage: SpaceStage;

  beforeAll(async () => {
    stage = await SpaceStage.open({ GUEST_SPACE: '100 kB', GUEST_FILES: '120' });
  });
  afterAll(() => stage.close());

  it('stays reserved while bytes come in, and ends by itself when none do', async () => {
    const { owner, project } = await stage.owner();
    const room = new UploadRoom(stage.space, project, 500);
    await room.open(60_000);
    for (let written = 0; written < 50_000; written += 2000) {
      await sleep(40);
      await room.cover(written);
    }
    expect((await stage.space.useOf(owner)).reserved.bytes).toBe(60_000);
    await sleep(550);
    expect((await stage.space.useOf(owner)).reserved.bytes).toBe(0);
    // It goes on where there is still room, and not where somebody else has taken it.
    await room.cover(50_000);
    expect((await stage.space.useOf(owner)).reserved.bytes).toBe(60_000);
    await sleep(550);
    await stage.space.add(owner.id, { bytes: 70_000, files: 0 });
    await expect(room.cover(50_000)).rejects.toThrow(LimitError);
  });

  it('grows with an upload that said less than it sends, and gives back what it did not need', async () => {
    const { owner, project } = await stage.owner();
    const room = new UploadRoom(stage.space, project);
    await room.open(0);
    await room.beginFile();
    await room.cover(90_000);
    await expect(room.cover(100_001)).rejects.toThrow('There is no room for');
    await room.stored(90_000);
    expect((await stage.space.useOf(owner)).used).toEqual({ bytes: 90_000, files: 1 });
    await room.close();
    expect((await stage.space.useOf(owner)).reserved).toEqual({ bytes: 0, files: 0 });
  });

  it('takes files by the hundred, down to the last one that is allowed', async () => {
    const { owner, project } = await stage.owner();
    const room = new UploadRoom(stage.space, project);
    await room.open(1000);
    for (let count = 1; count <= 120; count += 1) {
      await room.beginFile();
      await room.stored(1);
    }
    await expect(room.beginFile()).rejects.toThrow('This space is full');
    await room.close();
    expect((await stage.space.useOf(owner)).used).toEqual({ bytes: 120, files: 120 });
  });
});
