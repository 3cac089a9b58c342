import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ShowStage, wordsOf } from './show-stage';

const sha = (content: string) => createHash('sha256').update(content).digest('hex');

describe('the inputs of a run', () => {
  let stage: ShowStage;

  beforeAll(async () => {
    stage = await ShowStage.open();
  });
  afterAll(() => stage.close());

  const place = (name: string) => join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id, name);

  function put(name: string, content: string, sha256: string | null) {
    writeFileSync(place(name), content);
    const { ino, size, mtimeNs } = statSync(place(name), { bigint: true });
    return { source: 'project', path: name, inode: String(ino), size: Number(size), mtimeNs: String(mtimeNs), sha256 };
  }

  it('are listed with their SHA-256, and with what became of them since', async () => {
    const files = [
      put('same <1>.tif'.replaceAll(/[<>]/g, ''), 'same', sha('same')),
      put('changed.tif', 'before', sha('before')),
      put('gone.tif', 'gone', null),
      put('late.tif', 'late', null),
      { ...put('x', 'x', sha('x')), source: 'inbox', path: 'large.csv' },
    ];
    const id = await stage.ended({ 'a.txt': 'x' }, { log: 'done\n' });
    await stage.writeControl(id, '1/inputs.json', JSON.stringify({ complete: true, files }));
    writeFileSync(place('changed.tif'), 'after it');
    rmSync(place('gone.tif'));
    await stage.web.app
      .get(FileDigests)
      .compute(stage.project.id, stage.web.app.get(ProjectFiles).of(stage.project), [Buffer.from('late.tif')]);
    const page = await stage.page(id);
    const words = wordsOf(page.slice(page.indexOf('id="inputs"')));
    expect(words).toContain('5 input files 3 are not as when the run started');
    expect(words).toContain(`same 1.tif 4 bytes SHA-256 ${sha('same')}`);
    expect(words).toContain(`changed.tif 6 bytes The file has been changed since the run started. SHA-256 ${sha('before')}`);
    expect(words).toContain('gone.tif 4 bytes It is not there any more. no checksum');
    expect(words).toContain(`late.tif 4 bytes SHA-256 ${sha('late')}`);
    expect(words).toContain(`large.csv from the inbox · 1 byte It is not there any more. SHA-256 ${sha('x')}`);
    expect(page).toContain(`href="/projects/${stage.project.id}/files/changed.tif"`);
    expect(page).not.toContain(`files/gone.tif"`);
  });

  it('are the first of many', async () => {
    const file = put('many.bin', 'x', sha('x'));
    const id = await stage.ended();
    await stage.writeControl(id, '1/inputs.json', JSON.stringify({ complete: false, files: Array.from({ length: 700 }, () => file) }));
    const words = wordsOf(await stage.page(id));
    expect(words).toContain('More than 700 input files');
    expect(words).toContain('The first 50 of 700 are listed.');
  });

  it('are not mentioned where there are none, or what is there is no record', async () => {
    for (const content of ['', '{', 'null', '{"files":5}', '{"files":[{"path":"../x"},1,null,{"source":"web"}]}']) {
      const id = await stage.ended();
      await stage.writeControl(id, '1/inputs.json', content);
      expect(await stage.page(id)).not.toContain('id="inputs"');
    }
    expect(await stage.page(await stage.ended())).not.toContain('id="inputs"');
  });
});
