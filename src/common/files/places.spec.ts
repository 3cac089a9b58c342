import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config/app-config';
import { InvalidInputError } from '../errors';
import { parseEntryPath } from './entry-name';
import { FileReferences } from './file-references';
import { freeSpace } from './free-space';
import { InboxFiles, scpTarget } from './inbox-files';
import { ProjectFiles } from './project-files';
import { RunFolders } from './run-folders';

const PROJECT = { id: 'project-1', ownerId: 'owner-1' };

describe('places of files', () => {
  let folder: string;
  const config = (settings: Record<string, string> = {}) => readConfig({ DATA_DIR: folder, ...settings });

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'places-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('FileReferences', () => {
    const references = (settings?: Record<string, string>) => {
      const all = config(settings);
      return new FileReferences(new ProjectFiles(all), new InboxFiles(all));
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
    ])('are refused when they lead nowhere: %s', (reference) =>
      expect(references().resolve(PROJECT, reference)).rejects.toThrow(InvalidInputError),
    );

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
      expect(new InboxFiles(config()).hint()).toBeNull();
      expect(new InboxFiles(config({ INBOX_DIR: '/srv/in' })).hint()).toEqual({ folder: '/srv/in', command: null });
      const hint = new InboxFiles(config({ INBOX_DIR: '/srv/in', PICKUP_HOST: 'guest@lab1' })).hint();
      expect(hint?.command).toBe('scp FILE guest@lab1:/srv/in/');
      expect(scpTarget('h', "/a b/it's")).toBe("'h:/a b/it'\\''s/'");
    });
  });

  it('knows the free space also where the folder is yet to be made', async () => {
    expect(await freeSpace(join(folder, 'not', 'there'))).toBeGreaterThan(0);
  });
});
