import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { FileTasksRepository } from '../../../src/common/file-tasks/file-tasks.repository';
import { fetchBytes } from '../../archive-steps';
import { OUTSIDE, requireBoth, storm, SwappedProject, tally, TRIES, type Tally } from '../../swapped-project';
import { until } from '../../until';
import type { TestAnswer } from '../../web-app';
import { ShowStage } from '../show/show-stage';

jest.setTimeout(90_000 + TRIES * 30);

const FOLDERS = Array.from({ length: 40 }, (_, index) => `t-${index}`);
const FILES = 15;
const ALL = FOLDERS.length * FILES;
const WORDS = 'inside words';
/** The answer to a person who has two archives under way; one that broke off may still be among them. */
const NOTHING: Tally = { worked: 0, refused: 0 };
const SCRIPT = '#!/bin/sh\n##~~ input [.txt] - the file\n';

describe('whole trees, runs and results, with folders that are swapped for links', () => {
  let stage: ShowStage;
  let sut: SwappedProject;
  let pipelines: string;
  let run: number;

  beforeAll(async () => {
    pipelines = mkdtempSync(join(tmpdir(), 'pipelines-'));
    writeFileSync(join(pipelines, 'read.sh'), SCRIPT);
    chmodSync(join(pipelines, 'read.sh'), 0o755);
    stage = await ShowStage.open({ PIPELINES_DIR: pipelines, USER_SPACE: '0' });
    sut = await SwappedProject.of(stage.web, stage.owner, stage.project);
    const picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
      .tiff()
      .toBuffer();
    run = await stage.ended({ 'file.txt': WORDS, 'scan.tif': picture });
    for (let number = 0; number < FILES; number += 1) {
      for (const folder of FOLDERS) sut.put(`tree/${folder}/${number}.txt`, WORDS);
      sut.putOutside(`${number}.txt`, OUTSIDE);
    }
    sut.put('dir/file.txt', WORDS);
    sut.putOutside('file.txt', OUTSIDE);
    sut.putOutside('scan.tif', OUTSIDE);
    sut.putOutside(`${OUTSIDE}.txt`, OUTSIDE);
  });
  afterAll(async () => {
    await sut?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  async function contained(swapping: Parameters<SwappedProject['during']>[0], each: (number: number) => Promise<Tally>, lanes?: number) {
    let sum: Tally = { worked: 0, refused: 0 };
    const faults = await sut.during(swapping, async () => {
      sum = await storm(each, lanes);
    });
    expect(faults).toEqual([]);
    requireBoth(sum);
  }

  const tree = () => ({ root: join(sut.folder, 'tree'), names: FOLDERS, insideMs: 100, outsideMs: 100 });
  const results = () => ({ root: join(sut.folder, 'runs'), names: [String(run)] });
  const get = (path: string) => sut.browser.get(path);

  /** A folder that went while it was read, or its file, ends the connection, before the first byte too. */
  const zip = (query: string) =>
    fetchBytes(sut.browser, `${sut.address}/zip${query}`).catch(() => ({ status: 404, bytes: Buffer.alloc(0), broken: true }));

  /** A try is one file: of an archive that came whole all others were left out, one that broke off met something that went meanwhile. */
  it.each([
    ['a selection as zip', () => '?name=tree'],
    ['the project as zip', () => ''],
  ])('%s', async (_name, query) => {
    await contained(
      tree(),
      async () => {
        const { status, bytes, broken } = await zip(query());
        if (status === 429) return NOTHING;
        const body = bytes.toString('latin1');
        tally({ status, body, headers: {}, location: undefined });
        const worked = body.split(WORDS).length - 1;
        return { worked, refused: broken || status !== 200 ? 1 : Math.max(0, ALL - worked) };
      },
      1,
    );
  });

  it('copies of a tree, by a program of its own', async () => {
    const tasks = sut.web.app.get(FileTasksRepository, { strict: false });
    let programs = 0;
    await contained(
      tree(),
      async (number) => {
        mkdirSync(join(sut.folder, `copy-${number}`));
        const { status, body, headers, location } = await sut.post('files/copy', [
          ['name', 'tree'],
          ['to', `copy-${number}`],
        ]);
        tally({ status, body, headers, location });
        await until(async () => (await tasks.ofProject(sut.project.id)).every(({ finishedMs }) => finishedMs !== null), 60_000);
        programs = (await tasks.ofProject(sut.project.id)).length;
        const copied = readdirSync(join(sut.folder, `copy-${number}`), { recursive: true, encoding: 'utf8' });
        const worked = copied.filter((name) => name.endsWith('.txt')).length;
        return { worked, refused: worked === 0 ? 1 : ALL - worked };
      },
      1,
    );
    expect(programs).toBeGreaterThan(0);
    // A form with all these files to choose from would be slow, and is not what is tried next.
    for (const name of sut.names('.')) if (name === 'tree' || name.startsWith('copy-')) sut.remove(name);
  });

  it.each<[string, number, (number: number) => Promise<TestAnswer>]>([
    ['the form of a run', 2, () => get(`${sut.address}/run/read`)],
    ['the form with a file', 2, () => sut.post('run/read/preview', [['p.input', 'project:dir/file.txt']])],
  ])('%s', async (_name, walks, ask) => {
    await contained({}, async (number) => {
      const answer = await ask(number);
      const found = answer.body.includes('dir/file.txt"') && !answer.body.includes('aria-invalid');
      const { worked } = tally(answer, walks);
      return found ? { worked, refused: 0 } : { worked: 0, refused: 1 };
    });
  });

  it.each<[string, number, (number: number) => Promise<TestAnswer>]>([
    ['files of results', 1, (n) => sut.browser.get(`/runs/${run}/files/file.txt`, n % 2 === 0 ? {} : { range: 'bytes=1-3' })],
    ['pictures of results', 1, () => get(`/runs/${run}/views/scan.tif`)],
    ['results through the project', 1, () => get(`${sut.address}/files/runs/${run}/file.txt`)],
  ])('%s', async (_name, walks, ask) => {
    await contained(results(), async (number) => tally(await ask(number), walks));
  });

  it('results as zip', async () => {
    await contained(
      results(),
      async () => {
        const { status, bytes, broken } = await zip(`?path=runs/${run}&name=file.txt`);
        if (status === 429) return NOTHING;
        const body = bytes.toString('latin1');
        tally({ status, body, headers: {}, location: undefined });
        // Once for its plan, once for its bytes.
        return body.includes(WORDS) ? { worked: 2, refused: 0 } : { worked: 0, refused: broken ? 2 : 1 };
      },
      1,
    );
  });

  it('the page of a run', async () => {
    await contained(results(), async () => {
      const answer = await get(`/runs/${run}`);
      const { worked } = tally(answer, 4);
      // Its name alone stands there anyway: it was written down when the run ended.
      return answer.body.includes(`/runs/${run}/files/file.txt`) ? { worked, refused: 0 } : { worked: 0, refused: 1 };
    });
  });
});
