import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafeDirectory } from './safe-directory';

const FRESH = [Buffer.from('fresh')];
const PLACE = [Buffer.from('place')];

describe('putting a new folder in the place of another', () => {
  let root: string;
  const inRoot = (name: string) => join(root, name);
  const replace = (isOurs: () => Promise<boolean>) => {
    const directory = SafeDirectory.open(root);
    return directory.replaceFolder(FRESH, PLACE, directory, isOurs);
  };
  const yes = () => Promise.resolve(true);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'showrunner-replace-'));
    mkdirSync(inRoot('fresh'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    ['nothing', () => undefined],
    [
      'a folder with folders in it',
      () => (mkdirSync(inRoot('place/below/deep'), { recursive: true }), writeFileSync(inRoot('place/below/a'), '')),
    ],
    ['a file', () => writeFileSync(inRoot('place'), 'x')],
    ['a link', () => symlinkSync('/tmp', inRoot('place'))],
  ])('takes the place of %s', async (_, lay) => {
    lay();
    const { ino } = statSync(inRoot('fresh'));
    expect(await replace(yes)).toBe(true);
    expect(readdirSync(root)).toEqual(['place']);
    expect(statSync(inRoot('place')).ino).toBe(ino);
    expect(readdirSync(inRoot('place'))).toEqual([]);
  });

  it('leaves everything as it is when it is not ours', async () => {
    mkdirSync(inRoot('place'));
    writeFileSync(inRoot('place/table.csv'), '');
    expect(await replace(() => Promise.resolve(false))).toBe(false);
    expect(readdirSync(inRoot('place'))).toEqual(['table.csv']);
  });

  /** What the next owner does while we are held up right after the answer, which was true when it was given. */
  const succeed = (content: string | null) => () => {
    rmdirSync(inRoot('fresh'));
    mkdirSync(inRoot('successor'));
    rmSync(inRoot('place'), { recursive: true, force: true });
    renameSync(inRoot('successor'), inRoot('place'));
    if (content !== null) writeFileSync(inRoot('place/table.csv'), content);
    return Promise.resolve(true);
  };

  it.each([
    ['a folder', () => (mkdirSync(inRoot('place')), writeFileSync(inRoot('place/old'), ''))],
    ['nothing', () => undefined],
    ['a file', () => writeFileSync(inRoot('place'), 'x')],
  ])('does no harm to the folder of a successor that came while we were held up, where %s was before', async (_, lay) => {
    lay();
    expect(await replace(succeed('a,b\n'))).toBe(false);
    expect(readdirSync(inRoot('place'))).toEqual(['table.csv']);
  });

  it('does not take the place of the empty folder of a successor', async () => {
    mkdirSync(inRoot('place'));
    expect(await replace(succeed(null))).toBe(false);
    expect(existsSync(inRoot('place'))).toBe(true);
    expect(readdirSync(root)).toEqual(['place']);
  });
});
