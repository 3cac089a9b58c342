import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { UselessShares } from '../../../src/cleaner/tasks/useless-shares';
import { Share } from '../../../src/common/shares/share.entity';
import { SharesRepository } from '../../../src/common/shares/shares.repository';
import { mainOf, type TestBrowser } from '../../web-app';
import { ShowStage, wordsOf } from '../show/show-stage';

const LINK = /http:\/\/localhost:\d+(\/shared\/[A-Za-z0-9_-]{43})/;

describe('links for people without an account', () => {
  let stage: ShowStage;
  let run: number;
  let otherRun: number;
  let project: string;

  beforeAll(async () => {
    stage = await ShowStage.open();
    run = await stage.ended({ 'cells.csv': 'cell,area\n1,2\n' }, { log: 'well done\n' });
    otherRun = await stage.ended({ 'secret.txt': 'not yours' });
    project = `/projects/${stage.project.id}`;
    const folder = join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id);
    await mkdir(join(folder, 'raw data'));
    await writeFile(join(folder, 'plan.txt'), 'stain twice');
    await writeFile(join(folder, 'raw data', 'slide 1.tif'), 'pixels');
  });
  afterAll(() => stage.close());

  /** @param page on which the link is made. @returns its path. */
  async function makeLink(page: string, fields: Record<string, string> = {}): Promise<string> {
    const answer = await stage.owner.postForm(page, { days: '7', note: '', ...fields }, { page });
    expect(answer.status).toBe(201);
    return LINK.exec(answer.body)?.[1] ?? 'no link';
  }

  /** Somebody new who follows a link. */
  async function visitorBy(link: string): Promise<{ visitor: TestBrowser; place: string }> {
    const visitor = stage.web.browser();
    const { status, location } = await visitor.get(link);
    expect(status).toBe(303);
    return { visitor, place: location ?? '' };
  }

  it('show a run, and nothing that changes it or belongs to the machine', async () => {
    const { visitor, place } = await visitorBy(await makeLink(`/runs/${run}/share`));
    expect(place).toBe(`/runs/${run}`);
    const answer = await visitor.get(place);
    expect(answer.status).toBe(200);
    const page = mainOf(answer);
    expect(wordsOf(page)).toContain('Somebody shared this run with you to look at, without the files that it read.');
    expect(wordsOf(page)).toContain('cells.csv');
    expect(page).not.toContain('<form');
    expect(page).not.toContain(stage.web.database.config.filesRoot);
    expect(page).not.toContain(`href="${project}"`);
    // Whatever it links to opens.
    const links = [...page.matchAll(/(?:href|src)="(\/[^"#]*)"/g)].map(([, href]) => href.replaceAll('&amp;', '&'));
    expect(links.length).toBeGreaterThan(2);
    for (const href of links) expect([href, (await visitor.get(href)).status]).toEqual([href, 200]);
    expect((await visitor.get(`/runs/${run}/files/cells.csv`)).body).toBe('cell,area\n1,2\n');
    expect((await visitor.get(`/runs/${run}/zip`)).headers['content-type']).toBe('application/zip');
  });

  it('say nothing of the machine on which the run was carried out', async () => {
    await stage.writeControl(run, 'command.json', JSON.stringify({ argv: ['/srv/bin/segment', '/srv/files/a.tif'], cwd: '/srv/files' }));
    await stage.writeControl(run, '1/limits.json', JSON.stringify({ inForce: [{ name: 'processes', amount: 4096, by: 'cgroup v1' }] }));
    const { visitor, place } = await visitorBy(await makeLink(`/runs/${run}/share`));
    const page = mainOf(await visitor.get(place));
    const own = await stage.page(run);
    for (const said of ['/srv/', 'cgroup v1', 'ws-core-1']) {
      expect([said, own.includes(said)]).toEqual([said, true]);
      expect([said, page.includes(said)]).toEqual([said, false]);
    }
    const crate = (browser: TestBrowser) => browser.get(`/runs/${run}/crate`);
    expect((await crate(stage.owner)).body).toContain('ws-core-1');
    for (const said of ['/srv/', 'ws-core-1']) expect((await crate(visitor)).body).not.toContain(said);
  });

  it('tell when the results go before the link, and keep them where that is wanted', async () => {
    const brief = await stage.ended({ 'a.txt': 'a' });
    const page = `/runs/${brief}/share`;
    const gone = /The results of this run will be deleted on \d+ \w+ \d{4}/;
    const fresh = mainOf(await stage.owner.get(page));
    expect(wordsOf(fresh)).toMatch(gone);
    // A month is longer than the week for which results stay.
    expect(fresh).toMatch(/id="share-keep" name="keep" value="yes" checked/);
    expect(wordsOf(fresh)).toContain('The link lives longer than the results, so this is ticked.');
    expect(wordsOf(fresh)).toContain('Outlines show without the image below them');
    const refused = await stage.owner.postForm(page, { days: '30', note: 'x'.repeat(201) }, { page });
    expect(refused.body).not.toMatch(/id="share-keep"[^>]* checked/);
    const made = await stage.owner.postForm(page, { days: '365', note: '' }, { page });
    expect(wordsOf(made.body)).toMatch(/Your link.*before the link ends/);
    expect(wordsOf(mainOf(await stage.owner.get(page)))).toMatch(/results until \d+ \w+/);
    const { visitor } = await visitorBy(LINK.exec(made.body)![1]);
    const { body } = await visitor.get(`/runs/${brief}`);
    const [, until] = /id="shared-note".*?datetime="([^"]*)"/s.exec(body) ?? [];
    // The link outlives the results: both are said.
    expect(Date.parse(until)).toBeGreaterThan(Date.now() + 360 * 86_400_000);
    expect(wordsOf(body)).toMatch(/The link works until .*\. The results of this run stay only until \d+ \w+ \d{4} \./);
    await stage.owner.postForm(page, { days: '365', note: '', keep: 'yes' }, { page });
    expect(wordsOf(mainOf(await stage.owner.get(page)))).not.toMatch(gone);
    expect(wordsOf(await stage.page(brief))).toContain('The results are kept');
  });

  it('to a project tell how many results go before them, and keep those, too', async () => {
    const page = `${project}/shares`;
    await stage.ended({ 'b.txt': 'b' });
    const { visitor, place } = await visitorBy(await makeLink(page, { days: '30' }));
    expect(wordsOf(mainOf(await visitor.get(place)))).toMatch(
      /The link works until .*\. The first results stay only until \d+ \w+ \d{4}\s?\./,
    );
    expect(wordsOf(mainOf(await stage.owner.get(page)))).toMatch(/Whole project .* first results until \d+ \w+/);
    expect(wordsOf(mainOf(await stage.owner.get(page)))).toMatch(/The results of \d+ runs? will be deleted, the first on \d+ \w+ \d{4}/);
    await stage.owner.postForm(page, { days: '7', note: '', keep: 'yes' }, { page });
    expect(wordsOf(mainOf(await stage.owner.get(page)))).not.toMatch(/will be deleted|first results/);
    expect(wordsOf(mainOf(await visitor.get(place)))).not.toContain('The first results');
  });

  it('show a project with its files and runs', async () => {
    const { visitor, place } = await visitorBy(await makeLink(`${project}/shares`));
    expect(place).toBe(`${project}/shared`);
    const page = mainOf(await visitor.get(place));
    expect(wordsOf(page)).toContain('Somebody shared this project with you to look at: its files and its runs.');
    expect(wordsOf(mainOf(await visitor.get(`/runs/${run}`)))).toContain('Somebody shared this project with you');
    expect(wordsOf(page)).toMatch(/plan\.txt[^]*raw data|raw data[^]*plan\.txt/);
    expect(page).not.toContain('<form');
    expect(page).not.toContain('path=runs');
    const folder = mainOf(await visitor.get(`${place}?path=raw+data`));
    expect(wordsOf(folder)).toContain('slide 1.tif');
    expect((await visitor.get(`${project}/files/raw%20data/slide%201.tif`)).body).toBe('pixels');
    for (const number of [run, otherRun]) expect((await visitor.get(`/runs/${number}`)).status).toBe(200);
    expect(mainOf(await visitor.get(`/runs/${run}/log`))).not.toContain('href="/projects"');
    const links = [...`${page}${folder}`.matchAll(/href="(\/[^"#]*)"/g)].map(([, href]) => href.replaceAll('&amp;', '&'));
    for (const href of links) expect([href, (await visitor.get(href)).status]).toEqual([href, 200]);
    expect((await visitor.get(`${place}?path=..`)).status).toBe(422);
    const gone = await visitor.get(`${place}?path=nothing`);
    expect([gone.status, mainOf(gone)]).toEqual([404, expect.stringContaining('<h1>There is nothing named “nothing” here</h1>')]);
  });

  it('to one run open no other, also for somebody with an account', async () => {
    const { visitor } = await visitorBy(await makeLink(`/runs/${run}/share`));
    expect((await visitor.get(`/runs/${otherRun}`)).location).toMatch(/^\/login/);
    await visitor.signUp();
    expect((await visitor.get(`/runs/${run}`)).status).toBe(200);
    expect((await visitor.get(`/runs/${otherRun}`)).status).toBe(403);
    expect((await visitor.get(`${project}/shared`)).status).toBe(404);
  });

  it('are listed with their use, and close at once when they are taken back', async () => {
    const { visitor } = await visitorBy(await makeLink(`/runs/${run}/share`, { note: 'Reviewer <2>' }));
    const page = await stage.owner.get(`/runs/${run}/share`);
    expect(wordsOf(mainOf(page))).toContain('Reviewer <2>');
    const rows = await stage.web.app.get(SharesRepository, { strict: false }).ofProject(stage.project.id);
    const share = rows.find(({ note }) => note === 'Reviewer <2>')!;
    expect(share.openedMs).not.toBeNull();
    const answer = await stage.owner.postForm(`${project}/shares/${share.id}/revoke`, { run: String(run) }, { page: `/runs/${run}/share` });
    expect(answer.location).toBe(`/runs/${run}/share`);
    expect((await visitor.get(`/runs/${run}`)).location).toMatch(/^\/login/);
    expect(wordsOf(mainOf(await stage.owner.get(`/runs/${run}/share`)))).not.toContain('Reviewer <2>');
  });

  it('of another project are not taken back from this one', async () => {
    const link = await makeLink(`/runs/${run}/share`);
    const stranger = stage.web.browser();
    await stranger.signUp();
    const made = await stranger.postForm('/projects', { name: 'Mine' }, { page: '/projects' });
    const [share] = await stage.web.app.get(SharesRepository, { strict: false }).ofProject(stage.project.id);
    await stranger.postForm(`${made.location}/shares/${share.id}/revoke`, {}, { page: `${made.location}/shares` });
    await visitorBy(link);
  });

  it('end with their time, and say so', async () => {
    const link = await makeLink(`/runs/${run}/share`, { note: 'over' });
    const { visitor } = await visitorBy(link);
    const shares = stage.web.app.get(DataSource).getRepository(Share);
    await shares.update({ note: 'over' }, { expiresMs: Date.now() - 1000 });
    expect((await visitor.get(`/runs/${run}`)).location).toMatch(/^\/login/);
    const again = await visitor.get(link);
    expect([again.status, wordsOf(mainOf(again))]).toEqual([
      404,
      expect.stringContaining('This link opens nothing any more Its time is over,'),
    ]);
    const chore = new UselessShares(stage.web.app.get(SharesRepository, { strict: false }));
    for (const waste of await chore.find()) await waste.remove();
    expect(await shares.countBy({ note: 'over' })).toBe(0);
  });

  it.each(['x', 'A'.repeat(43), 'A'.repeat(5000), '%00', '..%2f..', `${'A'.repeat(43)}.${'B'.repeat(43)}`])(
    'that are none open nothing (%s)',
    async (secret) => {
      expect((await stage.web.browser().get(`/shared/${secret}`)).status).toBe(404);
    },
  );

  it.each([
    [{ days: '3650' }, 'Choose for how long the link opens.'],
    [{ days: '' }, 'Choose for how long the link opens.'],
    [{ note: 'x'.repeat(201) }, 'Use at most 200 characters.'],
  ])('are refused with a sentence, and the form keeps what was entered (%p)', async (fields, sentence) => {
    const answer = await stage.owner.postForm(`/runs/${run}/share`, { days: '7', note: 'kept', ...fields }, { page: `/runs/${run}/share` });
    expect(answer.status).toBe(422);
    expect(wordsOf(mainOf(answer))).toContain(sentence);
    expect(answer.body).toContain(`value="${'note' in fields ? fields.note : 'kept'}"`);
  });

  it('are kept apart by a browser that follows many, the latest of them', async () => {
    const visitor = stage.web.browser();
    for (let count = 0; count < 12; count += 1) await visitor.get(await makeLink(`/runs/${count === 0 ? otherRun : run}/share`));
    expect((await visitor.get(`/runs/${run}`)).status).toBe(200);
    expect((await visitor.get(`/runs/${otherRun}`)).location).toMatch(/^\/login/);
    expect(visitor.cookies.get('showrunner_shares')?.length).toBe(8 * 44 - 1);
  });

  it('show all runs of a project, a page at a time', async () => {
    const { visitor, place } = await visitorBy(await makeLink(`${project}/shares`));
    expect(wordsOf(mainOf(await stage.owner.get(project)))).toMatch(/· shared with \d+ links?/);
    expect(mainOf(await visitor.get(place))).not.toContain('Older runs');
    for (let left = 50; left > 0; left -= 1) await stage.queued();
    const numbers = (page: string) => [...page.matchAll(/href="\/runs\/(\d+)"/g)].map(([, number]) => Number(number));
    const first = mainOf(await visitor.get(place));
    const [, older = ''] = /rel="next" href="([^"]*)"/.exec(first) ?? [];
    expect(older).toMatch(/#runs-heading$/);
    const second = mainOf(await visitor.get(older.replace('&#x3D;', '=').replace('#runs-heading', '')));
    expect(numbers(first)).toHaveLength(50);
    expect(numbers(second)).toEqual(expect.arrayContaining([run, otherRun]));
    expect(numbers(first).at(-1)).toBeGreaterThan(numbers(second)[0]);
    expect(second).toMatch(/rel="prev"[^>]*>Newer runs/);
    expect(second).not.toContain('Older runs');
  });
});
