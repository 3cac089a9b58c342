import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tiff } from '../../../test/tiff';
import { until } from '../../../test/until';
import { readConfig } from '../../common/config/app-config';
import { DerivedFiles } from '../../common/files/derived-files';
import { SafeDirectory } from '../../common/files/safe-directory';
import { ImageTiles } from '../images/tiles/image-tiles';
import { ImagePages } from './image-pages';
import { MadeFiles } from './made-files';
import type { Shelf } from './shelf';

const [WIDTH, HEIGHT] = [2100, 60];
/** Its disk has no room at all, and every Linux has it. */
const FULL_DISK = '/proc';

describe('pages of images', () => {
  let folder: string;
  const sut = new ImagePages(new MadeFiles(new DerivedFiles(), readConfig({ DATA_DIR: '/tmp/unused', PATH: '' })), new ImageTiles());
  const cached = () => readdirSync(join(folder, 'cache'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pages-'));
    writeFileSync(join(folder, 'a.tif'), tiff(new Uint16Array(WIDTH * HEIGHT), WIDTH, HEIGHT));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const shelf = async (root: string): Promise<Shelf> => {
    const directory = SafeDirectory.open(dirname(folder)).inside([Buffer.from(basename(folder))]);
    const cache = directory.inside([Buffer.from('cache')]);
    await cache.ensureFolder([]);
    return {
      open: async () => ({ ...(await directory.openFile([Buffer.from('a.tif')])), name: 'a.tif' }),
      root,
      cache: () => Promise.resolve({ place: root, folder: cache }),
      base: '',
    };
  };

  /** Whether the tile is one of a first look. */
  const isDraft = async (of: Shelf): Promise<boolean> => {
    const address = { kind: 'results' as const, path: 'a.tif' };
    const original = await of.open(address);
    const answer = await sut.tile(of, address, original, { page: 0, labels: false, level: 1, column: 0, row: 0 });
    await original.handle.close();
    return answer !== null && answer !== 'later' && answer.isDraft;
  };

  it('are made whole only where their own disk has room', async () => {
    const full = await shelf(FULL_DISK);
    expect(await isDraft(full)).toBe(true);
    await sleep(300);
    expect(cached()).toHaveLength(1);
    const roomy = await shelf(folder);
    expect(await isDraft(roomy)).toBe(true);
    await until(async () => !(await isDraft(roomy)), 20_000);
    expect(cached()).toHaveLength(2);
  });
});
