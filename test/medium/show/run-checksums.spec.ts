import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { until } from '../../until';
import { ShowStage, wordsOf } from './show-stage';

const sha = (content: string) => createHash('sha256').update(content).digest('hex');

describe('the checksums of what a run has left', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  const card = async (id: number) => {
    const page = await stage.page(id);
    return wordsOf(page.slice(page.indexOf('id="outputs"'), page.indexOf('id="details"')));
  };
  const untilKnown = async (id: number) => {
    await stage.page(id);
    await until(() => {
      try {
        return (JSON.parse(readFileSync(stage.controlPath(id, '1/outputs.json'), 'utf8')) as { done: boolean }).done;
      } catch {
        return false;
      }
    });
  };

  it('are computed when somebody looks at a run whose runner did not, and are taken by sha256sum', async () => {
    const names = { 'a.txt': 'one', 'sub dir/Größe.txt': 'two', 'back\\slash\n.txt': 'three' };
    const id = await stage.ended(names);
    await untilKnown(id);
    const { status, type, body } = await stage.bytes(`/runs/${id}/checksums`);
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
    const said = execFileSync('sha256sum', ['--check', '--strict', '-'], { cwd: stage.resultPath(id), input: body }).toString();
    expect(said.match(/: OK$/gm)).toHaveLength(3);
    const words = await card(id);
    expect(words).toContain('3 files, as when the run ended');
    expect(words).toContain(`a.txt 3 bytes ${sha('one')}`);
  });

  it('stay as they were when the run ended, with what became of the files since', async () => {
    const id = await stage.ended({ 'a.txt': 'one', 'b.txt': 'two', 'c.txt': 'three' });
    await untilKnown(id);
    writeFileSync(stage.resultPath(id, 'a.txt'), 'changed');
    rmSync(stage.resultPath(id, 'b.txt'));
    const words = await card(id);
    expect(words).toContain('2 are not as when the run ended');
    expect(words).toContain(`a.txt 3 bytes The file has been changed since the run ended. ${sha('one')}`);
    expect(words).toContain(`b.txt 3 bytes It is not there any more. ${sha('two')}`);
  });

  it('are told to be missing where they are, in a line that sha256sum passes over', async () => {
    const id = await stage.ended({ 'a.txt': 'one' });
    const file = { inode: '1', size: 3, mtimeNs: '1' };
    const files = [
      { ...file, path: 'a.txt', sha256: sha('one') },
      { ...file, path: 'b.txt', sha256: null },
    ];
    await stage.writeControl(id, '1/outputs.json', JSON.stringify({ complete: false, done: true, files }));
    const { body } = await stage.bytes(`/runs/${id}/checksums`);
    expect(body.toString()).toMatch(/^# 1 file has no checksum yet\.\n# Only the first 2 files are listed\.\n[0-9a-f]{64} {2}a\.txt\n$/);
    execFileSync('sha256sum', ['--check', '--strict', '-'], { cwd: stage.resultPath(id), input: body });
    expect(await card(id)).toContain('More than 2 files');
  });

  it('are not there before the end, nor of what never began', async () => {
    const { id } = await stage.running();
    expect((await stage.owner.get(`/runs/${id}/checksums`)).status).toBe(409);
    expect((await stage.owner.get(`/runs/${await stage.queued()}/checksums`)).status).toBe(409);
  });

  it.each(['nonsense', '[]', '{"files":[{"path":1}]}'])('take a record of another kind (%s) for none', async (content) => {
    const id = await stage.ended({ 'a.txt': 'one' });
    await stage.writeControl(id, '1/outputs.json', content);
    await stage.page(id);
    await untilKnown(id);
    expect((await stage.owner.get(`/runs/${id}/checksums`)).status).toBe(200);
  });

  it('are not made of a run whose folders are gone', async () => {
    const id = await stage.ended({ 'a.txt': 'one' });
    rmSync(stage.controlPath(id, ''), { recursive: true });
    rmSync(stage.resultPath(id), { recursive: true });
    await stage.page(id);
    expect((await stage.owner.get(`/runs/${id}/checksums`)).status).toBe(409);
  });
});
