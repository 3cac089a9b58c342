import sharp from 'sharp';
import { OUTSIDE, requireBoth, storm, SwappedProject, tally, TRIES } from '../../swapped-project';
import type { TestAnswer } from '../../web-app';

jest.setTimeout(90_000 + TRIES * 30);

describe('reading from a folder that is swapped for a link', () => {
  let sut: SwappedProject;

  const get = (path: string, headers: Record<string, string> = {}) => sut.browser.get(`${sut.address}${path}`, headers);

  beforeAll(async () => {
    sut = await SwappedProject.open();
    const picture = (background: string) =>
      sharp({ create: { width: 40, height: 30, channels: 3, background } })
        .png()
        .toBuffer();
    const contents = (words: string, image: Buffer): Record<string, string | Buffer> => ({
      'file.txt': words,
      'table.csv': `id,word\n1,${words}\n`,
      'paper.pdf': `%PDF-1.4 ${words}`,
      'picture.png': image,
    });
    for (const [name, content] of Object.entries(contents('inside', await picture('teal')))) sut.put(`dir/${name}`, content);
    for (const [name, content] of Object.entries(contents(OUTSIDE, await picture('crimson')))) sut.putOutside(name, content);
    sut.putOutside(`${OUTSIDE}.txt`, OUTSIDE);
  });
  afterAll(() => sut?.close());

  /** With how often each walks into the folder where it is answered; a refusal counts as one walk. */
  it.each<[string, number, (number: number) => Promise<TestAnswer>]>([
    ['the page of the folder', 2, (n) => get(`?path=dir&${['sort=name', 'sort=size', 'sort=date&order=desc', 'filter=e'][n % 4]}`)],
    ['downloads, whole and in parts', 1, (n) => get('/files/dir/file.txt', n % 2 === 0 ? {} : { range: 'bytes=1-3' })],
    ['the page of a text', 4, () => get('/view/dir/file.txt')],
    ['the page of a table', 4, () => get('/view/dir/table.csv?sort=date')],
    ['documents', 1, () => get('/documents/dir/paper.pdf')],
    ['small pictures', 1, (n) => get(`/thumbnails/dir/picture.png?size=${['list', 'grid', 'page'][n % 3]}`)],
    ['the page of a checksum', 1, () => get('/checksum/dir/file.txt')],
    ['checksums that are computed', 1, () => sut.post('files/checksum', [['path', 'dir/file.txt']])],
    ['the list of checksums', 1, () => get('/checksums.txt?path=dir')],
  ])('%s', async (_name, walks, ask) => {
    let sum = { worked: 0, refused: 0 };
    const faults = await sut.during({}, async () => {
      sum = await storm(async (number) => tally(await ask(number), walks));
    });
    expect(faults).toEqual([]);
    requireBoth(sum);
  });
});
