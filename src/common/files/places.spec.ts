import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config/app-config';
import { InvalidInputError } from '../errors';
import { parseEntryPath } from './entry-name';
import { FileReferences } from './file-references';
import { Inboxes } from '../inbox/inboxes';
import type { InboxLinks } from '../inbox/inbox-links';
import type { User } from '../users/user.entity';
import type { UsersRepository } from '../users/users.repository';
import { freeSpace } from './free-space';
import { InboxFiles, isHiddenInInbox } from './inbox-files';
import { ProjectFiles } from './project-files';
import { RunFolders } from './run-folders';

const PERSON = { id: 'owner-1', kind: 'account' as const, email: 'mira@example.org', confirmedMs: 1, inboxMs: null };
const MIRA = PERSON as User;
const PROJECT = { id: 'project-1', ownerId: 'owner-1', homeId: 'owner-1' };

describe('places of files', () => {
  let folder: string;
  const config = (settings: Record<string, string> = {}) => readConfig({ DATA_DIR: folder, ...settings });

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'places-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('FileReferences', () => {
    const references = (settings?: Record<string, string>) => {
      const all = config(settings);
      const users = { findById: async (id: string) => (id === 'owner-1' ? MIRA : null) } as UsersRepository;
      const links = { at: async () => null } as unknown as InboxLinks;
      return new FileReferences(new ProjectFiles(all), new Inboxes(new InboxFiles(all), users, all), links);
    };

    beforeEach(async () => {
      await new ProjectFiles(config()).create(PROJECT);
      mkdirSync(join(folder, 'inbox'));
      writeFileSync(join(folder, 'inbox', 'scan.tif'), 'scan');
      writeFileSync(join(folder, 'files', 'owner-1', 'project-1', 'a b=c,"d".tif'), 'image');
    });

    it('become absolute paths of files in the project and in the inbox', async () => {
      const sut = references({ INBOX_DIR: join(folder, 'inbox') });
      expect(await sut.resolve(PROJECT, 'project:a b=c,"d".tif')).toBe(join(folder, 'files/owner-1/project-1/a b=c,"d".tif'));
      expect(await sut.resolve(PROJECT, 'inbox:scan.tif')).toBe(join(folder, 'inbox', 'scan.tif'));
    });

    it.each([
      '',
      'project:',
      'a.tif',
      '/etc/passwd',
      'file:/etc/passwd',
      'project:../x',
      'project:/etc/passwd',
      'project:gone.tif',
      'inbox:scan.tif',
      'own:scan.tif',
    ])('are refused when they lead nowhere: %s', (reference) =>
      expect(references().resolve(PROJECT, reference)).rejects.toThrow(InvalidInputError),
    );

    it('lead into the folder of the owner and of nobody else', async () => {
      const inbox = join(folder, 'inbox');
      for (const name of ['mira@example.org', 'otto@example.org']) mkdirSync(join(inbox, 'people', name), { recursive: true });
      writeFileSync(join(inbox, 'people', 'mira@example.org', 'own.tif'), 'own');
      writeFileSync(join(inbox, 'people', 'otto@example.org', 'secret.tif'), 'secret');
      const sut = references({ INBOX_DIR: inbox, INBOX_PER_USER: 'on' });
      expect(await sut.resolve(PROJECT, 'own:own.tif')).toBe(join(inbox, 'people', 'mira@example.org', 'own.tif'));
      for (const reference of [
        'inbox:people/otto@example.org/secret.tif',
        'inbox:people/mira@example.org/own.tif',
        'inbox:people',
        'own:../otto@example.org/secret.tif',
        'own:secret.tif',
      ]) {
        await expect(sut.resolve(PROJECT, reference)).rejects.toThrow(InvalidInputError);
      }
      await expect(sut.resolve({ ...PROJECT, ownerId: 'owner-2' }, 'own:own.tif')).rejects.toThrow(InvalidInputError);
      await expect(references({ INBOX_DIR: inbox }).resolve(PROJECT, 'own:own.tif')).rejects.toThrow(InvalidInputError);
    });

    it('are refused when they are links', async () => {
      symlinkSync('/etc/passwd', join(folder, 'inbox', 'link.tif'));
      symlinkSync('/etc', join(folder, 'inbox', 'etc'));
      const sut = references({ INBOX_DIR: join(folder, 'inbox') });
      await expect(sut.resolve(PROJECT, 'inbox:link.tif')).rejects.toThrow(InvalidInputError);
      await expect(sut.resolve(PROJECT, 'inbox:etc/passwd')).rejects.toThrow(InvalidInputError);
    });
  });

  describe('RunFolders', () => {
    it('gives pieces of a log, from a place or from the end', async () => {
      const sut = new RunFolders(config());
      expect(await sut.readLog(7, 1, 0, 100)).toEqual({ bytes: Buffer.alloc(0), from: 0, size: 0 });
      expect(await sut.logSize(7, 1)).toBe(0);
      await sut.create(7, 1);
      writeFileSync(join(folder, 'runs', '7', '1', 'log'), '0123456789');
      const read = async (from: number, most: number) => {
        const piece = await sut.readLog(7, 1, from, most);
        return [piece.bytes.toString(), piece.from, piece.size];
      };
      expect(await read(0, 4)).toEqual(['0123', 0, 10]);
      expect(await read(8, 100)).toEqual(['89', 8, 10]);
      expect(await read(99, 100)).toEqual(['', 10, 10]);
      expect(await read(-3, 100)).toEqual(['789', 7, 10]);
      expect(await read(-99, 2)).toEqual(['01', 0, 10]);
      expect(await sut.logSize(7, 1)).toBe(10);
    });
  });

  describe('ProjectFiles', () => {
    it('tells results from files', () => {
      const sut = new ProjectFiles(config());
      expect(sut.resultsPath(12).join('/')).toBe('runs/12');
      expect(sut.isInResults(parseEntryPath('runs/12/a.png'))).toBe(true);
      expect(sut.isInResults(parseEntryPath('runs2/a.png'))).toBe(false);
      expect(sut.isInResults([])).toBe(false);
    });
  });

  describe('InboxFiles', () => {
    it('knows what to type, also where the path needs quotes', () => {
      const places = (settings: Record<string, string>, person = MIRA) => new InboxFiles(config(settings)).placesOf(person);
      expect(places({})).toEqual([]);
      expect(places({ INBOX_DIR: '/srv/in' })).toEqual([{ source: 'inbox', folder: '/srv/in', scp: null, rsync: null }]);
      const [shared] = places({ INBOX_DIR: "/srv/it's in", PICKUP_HOST: 'guest@lab1' });
      expect(shared.scp).toBe("scp FILE 'guest@lab1:/srv/it'\\''s in/'");
      const settings = { INBOX_DIR: '/srv/in', INBOX_PER_USER: 'on', PICKUP_HOST: 'guest@lab1' };
      const [own, all] = places(settings);
      expect(own.scp).toBe('scp FILE guest@lab1:/srv/in/people/mira@example.org/');
      expect(own.rsync).toBe('rsync -aP --partial FILE guest@lab1:/srv/in/people/mira@example.org/');
      expect(all.rsync).toBe('rsync -aP --partial FILE guest@lab1:/srv/in/');
      expect(places(settings, { kind: 'guest', email: null } as User).map(({ source }) => source)).toEqual(['inbox']);
    });

    it.each([
      ["o'brien@lab.org", /^o_brien@lab\.org-[0-9a-f]{8}$/],
      ['../../etc@lab.org', /^_\._\.\._etc@lab\.org-[0-9a-f]{8}$/],
      ['-rf@lab.org', /^_rf@lab\.org-[0-9a-f]{8}$/],
      ['a+b_c.d@lab.org', /^a\+b_c\.d@lab\.org$/],
    ])('names the folder of %s so that nothing stumbles over it', (email, name) => {
      const path = new InboxFiles(config({ INBOX_DIR: '/srv/in', INBOX_PER_USER: 'on' })).ownPath({ ...PERSON, email });
      expect(path).toHaveLength(2);
      expect(path?.[1].toString()).toMatch(name);
    });

    it('calls no folder by an address that only was typed, but for those that are theirs from before', () => {
      const sut = new InboxFiles(config({ INBOX_DIR: '/srv/in', INBOX_PER_USER: 'on' }));
      const nameOf = (over: Partial<User>) => sut.ownPath({ ...PERSON, confirmedMs: null, ...over })?.[1].toString();
      expect(nameOf({})).toMatch(/^mira@example\.org=[0-9a-f]{8}$/);
      expect(nameOf({ id: 'owner-2' })).not.toBe(nameOf({}));
      expect([nameOf({ inboxMs: 1 }), nameOf({ confirmedMs: 1 })]).toEqual(['mira@example.org', 'mira@example.org']);
    });

    it('hides the folders of people from the shared part, and what begins with a dot from both', () => {
      const hidden = (source: 'inbox' | 'own', path: string) => isHiddenInInbox(source, parseEntryPath(path));
      expect([hidden('inbox', 'people'), hidden('inbox', 'people/a@b.org/x'), hidden('inbox', '.ssh/id_rsa')]).toEqual([true, true, true]);
      expect([hidden('own', '.ssh'), hidden('own', 'people'), hidden('inbox', 'peoples'), hidden('inbox', 'a/.b')]).toEqual([
        true,
        false,
        false,
        false,
      ]);
    });
  });

  it('knows the free space also where the folder is yet to be made', async () => {
    expect(await freeSpace(join(folder, 'not', 'there'))).toBeGreaterThan(0);
  });
});
