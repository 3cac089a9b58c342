import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { mainOf } from '../../web-app';
import { Space } from '../../../src/common/space/space';
import { FileReferences } from '../../../src/common/files/file-references';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { InboxStage, type Person } from './inbox-stage';

const text = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the inbox', () => {
  let stage: InboxStage;
  let mira: Person;

  beforeAll(async () => {
    stage = await InboxStage.open({ USER_FILES: '1000', USER_SPACE: '1 MB' });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    mira = await stage.person();
  });

  const read = (name: string) => readFileSync(stage.inProject(mira, name), 'utf8');
  const enqueue = (person: Person, parameters: Record<string, unknown>) =>
    stage.web.app
      .get(QueueStore, { strict: false })
      .enqueue(aNewRun({ projectId: person.project.id, ownerId: person.project.ownerId, parameters }));

  describe('as a page', () => {
    it('shows what all share and what is the reader’s own, each with its lines, and makes the folder', async () => {
      stage.put('shared.tif', 'for all');
      const page = await stage.look(mira);
      expect(page.status).toBe(200);
      expect(page.body).toContain(`rsync -aP --partial FILE guest@lab1:${mira.own}/`);
      expect(page.body).toContain(`scp FILE guest@lab1:${stage.inbox}/`);
      expect(page.body).toContain('Nothing here yet');
      expect(statSync(mira.own).mode & 0o7777).toBe(0o2770);
      expect(statSync(join(stage.inbox, 'people')).mode & 0o7777).toBe(0o2711);
      stage.put(join(mira.own, 'mine.tif'), 'mine');
      expect((await stage.look(mira)).body).toContain('mine.tif');
      const shared = (await stage.look(mira, '?from=inbox')).body;
      expect(shared).toContain('shared.tif');
      expect(shared).not.toContain('mine.tif');
    });

    it('never shows, or lets anybody use, the folder of another person, or what begins with a dot', async () => {
      const otto = await stage.person();
      await stage.look(otto);
      stage.put(join(otto.own, 'secret.tif'), 'secret');
      stage.put('.ssh/id_ed25519', 'key');
      const shared = text((await stage.look(mira, '?from=inbox')).body);
      expect(shared).not.toContain('people Folder');
      expect(shared).not.toContain('.ssh');
      expect(shared).not.toContain(otto.email);
      for (const path of ['people', `people/${otto.email}`, '.ssh', `../${otto.email}`]) {
        const answer = await stage.look(mira, `?from=inbox&path=${encodeURIComponent(path)}`);
        expect([path, answer.status]).toEqual([path, 422]);
        expect(answer.body).not.toContain('secret.tif');
      }
      for (const names of [['people'], ['.ssh']]) expect((await stage.bring(mira, 'copy', names)).status).toBe(422);
      expect((await stage.bring(mira, 'link', ['secret.tif'], { path: `people/${otto.email}` })).status).toBe(422);
      expect((await stage.bring(mira, 'copy', ['secret.tif'], { from: 'own' })).status).toBe(404);
      // The project of another one, with its inbox, is not there at all.
      expect((await mira.browser.get(`/projects/${otto.project.id}/inbox`)).status).toBe(404);
      expect(readdirSync(stage.folderOf(mira))).toEqual([]);
    });

    it('sorts, filters and goes into folders', async () => {
      for (const [name, size] of [
        ['a.tif', 30],
        ['b.tif', 10],
        ['c.csv', 20],
      ] as const)
        stage.put(join(mira.own, name), 'x'.repeat(size));
      stage.put(join(mira.own, 'set', 'deep.tif'), 'x');
      const order = async (query: string) =>
        [...(await stage.look(mira, query)).body.matchAll(/name="name" value="([^"]+)"/g)].map(([, name]) => name);
      expect(await order('?from=own')).toEqual(['set', 'a.tif', 'b.tif', 'c.csv']);
      expect(await order('?from=own&sort=size&order=desc')).toEqual(['set', 'a.tif', 'c.csv', 'b.tif']);
      expect(await order('?from=own&filter=.tif')).toEqual(['a.tif', 'b.tif']);
      expect(await order('?from=own&path=set')).toEqual(['deep.tif']);
    });

    it('gives guests the shared part alone, of which they move nothing', async () => {
      const browser = stage.web.browser();
      await browser.postForm('/guest', {});
      const guest = { browser, email: '', project: await createProject(stage.web, browser, 'Mine'), own: '' };
      const kept = stage.put('kept.tif', 'kept');
      const page = (await stage.look(guest)).body;
      expect(page).toContain('kept.tif');
      expect(page).not.toContain('people/');
      expect(page).not.toMatch(/name="how" value="move"/);
      const refused = await stage.bring(guest, 'move', ['kept.tif']);
      expect([refused.status, mainOf(refused)]).toEqual([403, expect.stringContaining('Guests cannot move')]);
      expect(await stage.bringAll(guest, 'copy', ['kept.tif'])).toMatchObject({ state: 'done' });
      expect(stage.exists(kept, stage.inProject(guest, 'kept.tif'))).toEqual([true, true]);
    });
  });

  describe('copied from', () => {
    it('leaves the originals, asks what to do with taken names beforehand, and counts the space', async () => {
      stage.put(join(mira.own, 'a.csv'), 'one');
      stage.put(join(mira.own, 'set', 'deep', 'b.csv'), 'three');
      const task = await stage.bringAll(mira, 'copy', ['a.csv', 'set'], { from: 'own' });
      expect(task).toMatchObject({ state: 'done', kind: 'import', doneFiles: 2, note: '2 entries were copied from the inbox.' });
      expect([read('a.csv'), read('set/deep/b.csv')]).toEqual(['one', 'three']);
      expect(statSync(stage.inProject(mira, 'a.csv')).mode & 0o777).toBe(0o640);
      expect(stage.exists(join(mira.own, 'a.csv'))).toEqual([true]);
      const space = stage.web.app.get(Space, { strict: false });
      expect((await space.useFor(mira.project.ownerId)).used).toMatchObject({ bytes: 8, files: 2 });

      writeFileSync(join(mira.own, 'a.csv'), 'new one');
      await stage.bringAll(mira, 'copy', ['a.csv'], { from: 'own' });
      expect([read('a.csv'), read('a (2).csv')]).toEqual(['one', 'new one']);
      const skipped = await stage.bringAll(mira, 'copy', ['a.csv'], { from: 'own', onConflict: 'skip' });
      expect([read('a.csv'), skipped.note]).toEqual(['one', expect.stringContaining('1 was left out because the name is taken')]);
      await stage.bringAll(mira, 'copy', ['a.csv'], { from: 'own', onConflict: 'replace' });
      expect(read('a.csv')).toBe('new one');
      expect(text(mainOf(await mira.browser.get(`/projects/${mira.project.id}/trash`)))).toContain('a.csv');
    });

    it('goes into the folder that one comes from, and not among the results of runs', async () => {
      stage.put(join(mira.own, 'a.csv'), 'one');
      await mira.browser.postForm(`/projects/${mira.project.id}/files/folder`, { newName: 'Day 1' });
      await stage.bringAll(mira, 'copy', ['a.csv'], { from: 'own', to: 'Day 1' });
      expect(read('Day 1/a.csv')).toBe('one');
      expect((await stage.bring(mira, 'copy', ['a.csv'], { from: 'own', to: 'runs' })).status).toBe(422);
      expect((await stage.bring(mira, 'link', ['a.csv'], { from: 'own', to: 'gone' })).status).toBe(404);
      expect((await stage.bring(mira, 'copy', [], { from: 'own' })).location).toContain('/inbox?from=own');
    });

    it('does nothing at all where there is no room', async () => {
      stage.put(join(mira.own, 'large.bin'), 'x'.repeat(1_100_000));
      const task = await stage.bringAll(mira, 'move', ['large.bin'], { from: 'own' });
      expect(task.state).toBe('failed');
      expect(stage.exists(join(mira.own, 'large.bin'), stage.inProject(mira, 'large.bin'))).toEqual([true, false]);
      expect((await stage.web.app.get(Space, { strict: false }).useFor(mira.project.ownerId)).reserved.bytes).toBe(0);
    });

    it('replaces nothing that a run needs', async () => {
      stage.put(join(mira.own, 'a.csv'), 'new');
      writeFileSync(stage.inProject(mira, 'a.csv'), 'old');
      await enqueue(mira, { input: 'project:a.csv' });
      for (const how of ['copy', 'link']) {
        const answer = await stage.bring(mira, how, ['a.csv'], { from: 'own', onConflict: 'replace' });
        expect([answer.status, mainOf(answer)]).toEqual([409, expect.stringContaining('is needed by run')]);
        // What was chosen is still chosen.
        expect(mainOf(answer)).toMatch(/name="name" value="a.csv" checked/);
      }
      expect(read('a.csv')).toBe('old');
    });
  });

  describe('moved from', () => {
    it('loses the originals with the folders that become empty', async () => {
      stage.put(join(mira.own, 'set', 'deep', 'b.csv'), 'three');
      stage.put(join(mira.own, 'a.csv'), 'one');
      const task = await stage.bringAll(mira, 'move', ['set', 'a.csv'], { from: 'own' });
      expect(task).toMatchObject({ state: 'done', note: '2 entries were moved from the inbox.' });
      expect([read('set/deep/b.csv'), read('a.csv')]).toEqual(['three', 'one']);
      expect(readdirSync(mira.own)).toEqual([]);
    });

    it('keeps what a run or a link needs', async () => {
      stage.put(join(mira.own, 'used.csv'), 'used');
      stage.put(join(mira.own, 'set', 'linked.csv'), 'linked');
      stage.put(join(mira.own, 'row.csv'), 'row');
      await enqueue(mira, { input: 'own:used.csv', table: [{ file: 'own:row.csv' }] });
      await stage.bring(mira, 'link', ['linked.csv'], { from: 'own', path: 'set' });
      for (const name of ['used.csv', 'row.csv', 'set']) {
        const answer = await stage.bring(mira, 'move', [name], { from: 'own' });
        expect([answer.status, mainOf(answer)]).toEqual([409, expect.stringContaining('is needed by a run')]);
      }
      expect(stage.exists(join(mira.own, 'used.csv'), join(mira.own, 'set', 'linked.csv'))).toEqual([true, true]);
    });
  });

  describe('linked to', () => {
    const listing = async () => text(mainOf(await mira.browser.get(`/projects/${mira.project.id}`)));

    it('is shown with target and size, uses no space, and leads runs to the file itself', async () => {
      const target = stage.put(join(mira.own, 'large.tif'), 'x'.repeat(500_000));
      const answer = await stage.bring(mira, 'link', ['large.tif'], { from: 'own' });
      expect(answer.location).toBe(`/projects/${mira.project.id}`);
      expect(await listing()).toContain('large.tif 500 kB · ');
      expect(await listing()).toContain('links to large.tif in the owner');
      const used = (await stage.web.app.get(Space, { strict: false }).useFor(mira.project.ownerId)).used;
      expect(used).toMatchObject({ bytes: 512, files: 1 });
      const references = stage.web.app.get(FileReferences, { strict: false });
      expect(await references.resolve(mira.project, 'project:large.tif')).toBe(target);
      const page = text(mainOf(await mira.browser.get(`/projects/${mira.project.id}/view/large.tif`)));
      expect(page).toContain('A link to a file in the inbox');
      expect(page).toContain('500 kB');
    });

    it('stays a link when it is renamed, copied, or deleted and brought back; in another project it is none', async () => {
      stage.put(join(mira.own, 'a.tif'), 'image');
      await stage.bring(mira, 'link', ['a.tif'], { from: 'own' });
      const address = `/projects/${mira.project.id}/files`;
      await mira.browser.postForm(`${address}/folder`, { newName: 'sub' });
      await mira.browser.postForm(`${address}/copy`, { name: 'a.tif', to: 'sub' });
      await mira.browser.postForm(`${address}/rename`, { name: 'a.tif', newName: 'b.tif' });
      const { location } = await mira.browser.postForm(`${address}/delete`, { name: 'b.tif' });
      const undo = new URL(location ?? '', 'http://x').searchParams.get('undo') ?? '';
      await mira.browser.postForm(`${address}/restore`, { undo });
      const references = stage.web.app.get(FileReferences, { strict: false });
      for (const name of ['b.tif', 'sub/a.tif']) {
        expect(await references.resolve(mira.project, `project:${name}`)).toBe(join(mira.own, 'a.tif'));
      }
      const otto = await stage.person();
      writeFileSync(stage.inProject(otto, 'b.tif'), readFileSync(stage.inProject(mira, 'b.tif')));
      expect(await references.resolve(otto.project, 'project:b.tif')).toBe(stage.inProject(otto, 'b.tif'));
    });

    it('says when the file was changed, and when it is gone', async () => {
      const target = stage.put(join(mira.own, 'a.tif'), 'image');
      await stage.bring(mira, 'link', ['a.tif'], { from: 'own' });
      writeFileSync(target, 'another');
      expect(await listing()).toContain('the file was changed since');
      rmSync(target);
      expect(await listing()).toContain('the file is not there any more');
      const references = stage.web.app.get(FileReferences, { strict: false });
      await expect(references.resolve(mira.project, 'project:a.tif')).rejects.toThrow('a.tif is a link to a.tif in the inbox');
    });

    it('shows and hands out what is at its end', async () => {
      const image = stage.put(join(mira.own, 'dapi.png'), '');
      await sharp({ create: { width: 60, height: 40, channels: 3, background: '#203040' } }).toFile(image);
      stage.put(join(mira.own, 'cells.csv'), `cell,area\n${'1,20\n'.repeat(2000)}`);
      stage.put(join(mira.own, 'notes.txt'), 'seen under the microscope');
      stage.put(join(mira.own, 'poster.pdf'), '%PDF-1.4 of nothing');
      await stage.bring(mira, 'link', ['dapi.png', 'cells.csv', 'notes.txt', 'poster.pdf'], { from: 'own' });
      const address = `/projects/${mira.project.id}`;
      const plain = (html: string) => html.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&');
      const page = async (name: string) => plain(mainOf(await mira.browser.get(`${address}/view/${name}`)));
      expect(await page('dapi.png')).toMatch(/<img src="[^"]*thumbnails\/dapi\.png\?size=page/);
      expect(text(await page('cells.csv'))).toContain('2,000 rows');
      expect(text(await page('notes.txt'))).toContain('seen under the microscope');
      expect(await page('poster.pdf')).toContain('documents/poster.pdf');
      expect((await mira.browser.get(`${address}/documents/poster.pdf`)).body).toBe('%PDF-1.4 of nothing');
      const listed = plain(mainOf(await mira.browser.get(address)));
      const [thumbnail] = /\/projects\/[^"]*thumbnails\/dapi\.png\?size=list[^"]*/.exec(listed) ?? [''];
      const picture = await mira.browser.get(thumbnail);
      expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/png']);
      const download = await mira.browser.get(`${address}/files/cells.csv`);
      expect([download.headers['content-length'], download.body.length]).toEqual(['10010', 10_010]);
      rmSync(image);
      expect(await page('dapi.png')).not.toContain('<img');
      expect((await mira.browser.get(`${address}/files/dapi.png`)).status).toBe(404);
      expect(mainOf(await mira.browser.get(address))).not.toContain('thumbnails/dapi.png');
    });

    it('makes folders of links out of folders, and knows a limit', async () => {
      stage.put(join(mira.own, 'set', 'deep', 'b.tif'), 'b');
      stage.put(join(mira.own, 'set', 'a.tif'), 'a');
      await stage.bring(mira, 'link', ['set'], { from: 'own' });
      const references = stage.web.app.get(FileReferences, { strict: false });
      expect(await references.resolve(mira.project, 'project:set/deep/b.tif')).toBe(join(mira.own, 'set', 'deep', 'b.tif'));
      for (let number = 0; number <= 1000; number += 1) stage.put(join(mira.own, 'many', String(number)), '');
      const answer = await stage.bring(mira, 'link', ['many'], { from: 'own' });
      expect([answer.status, mainOf(answer)]).toEqual([409, expect.stringContaining('more than 1000 files')]);
      expect(readdirSync(stage.folderOf(mira))).toEqual(['set']);
    });
  });
});
