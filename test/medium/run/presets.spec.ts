import { rmSync } from 'node:fs';
import type { Project } from '../../../src/common/projects/project.entity';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { makePipelines } from '../../pipeline-folder';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';
import { wordsOf } from '../show/show-stage';

const MANIFEST = `
title: Blur
command: [./blur.sh]
parameters:
  - { name: image, type: file, label: Image, accept: [.txt] }
  - { name: sigma, type: number, label: Smoothing, default: 1, min: 0, max: 5 }
  - { name: fast, type: boolean, label: Fast, default: true }
  - { name: markers, type: list, label: Markers, required: false }
  - { name: stains, type: choices, label: Stains, options: [dapi, cd3], default: [dapi], required: false }
  - { name: proteins, type: pick, from: proteins, many: true, label: Proteins, required: false }
  - { name: samples, type: table, label: Samples, required: false, columns: [{ name: id, type: string }, { name: file, type: file, required: false }] }
sources: { proteins: { list: ./proteins.txt } }
presets:
  - { title: Small nuclei, values: { sigma: 0.5, fast: false, markers: [DAPI, CD3] } }
`;
const PROTEINS = Array.from({ length: 900 }, (_, index) => `GENE${index},GENE${index}B`);

describe('what forms are filled with', () => {
  let web: TestWebApp;
  let pipelines: string;
  let browser: TestBrowser;
  let project: Project;
  let page: string;

  beforeAll(async () => {
    pipelines = makePipelines({
      'blur/pipeline.yaml': MANIFEST,
      'blur/blur.sh': '#!/bin/sh\n',
      'blur/proteins.txt': `${PROTEINS.join('\n')}\n`,
    });
    web = await startTestWebApp({ PIPELINES_DIR: pipelines });
    browser = web.browser();
    await browser.signUp();
    project = await createProject(web, browser, 'Spleen');
    await upload(browser, project.id, { 'a.txt': 'a', 'b.txt': 'b' });
    page = `/projects/${project.id}/run/blur`;
  });
  afterAll(async () => {
    await web?.close();
    rmSync(pipelines, { recursive: true, force: true });
  });

  const plain = (html: string) =>
    html.replaceAll('&#x3D;', '=').replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&');
  const form = async (address: string) => plain(mainOf(await browser.get(address)));
  const valueOf = (main: string, name: string) =>
    new RegExp(`<(?:input|textarea)[^>]*name="p\\.${name}"[^>]*value="([^"]*)"`).exec(main)?.[1];
  const linkIn = (main: string) => /id="run-link" href="([^"]*)"/.exec(main)?.[1] ?? '';
  const entriesIn = (main: string) => /name="entries" value="((?:[^"]|"(?! \/>))*)" \/>/.exec(main)?.[1] ?? '';

  it('are values of the pipeline under a name', async () => {
    expect(await form(page)).toMatch(/preset=pipeline-0"[^>]*>Small nuclei/);
    const main = await form(`${page}?preset=pipeline-0`);
    expect(valueOf(main, 'sigma')).toBe('0.5');
    expect(main).toMatch(/<textarea[^>]*name="p\.markers"[^>]*>\n?DAPI/);
    expect(main).toMatch(/preset=pipeline-0" aria-current="true"/);
    expect(wordsOf(main)).not.toContain('Choose a file.');
  });

  it('are values that somebody keeps, for all their projects, without files', async () => {
    const fields = {
      'p.image': 'project:b.txt',
      'p.sigma': '2.50',
      'p.fast': 'false',
      'p.samples.0.id': 's1',
      'p.samples.0.file': 'b.txt',
    };
    const asked = plain(mainOf(await browser.postForm(`${page}/presets/new`, fields)));
    expect(asked).toContain('Save as preset');
    const entries = entriesIn(asked);
    const nameless = await browser.postForm(`${page}/presets`, { name: ' ', entries });
    expect([nameless.status, wordsOf(mainOf(nameless))]).toEqual([422, expect.stringContaining('Give it a name')]);
    const kept = await browser.postForm(`${page}/presets`, { name: 'Plate 7', entries });
    // On the way back nothing is lost, the file neither.
    expect(kept.location).toMatch(/\?preset=[0-9a-f-]{36}&.*p\.image=project%3Ab\.txt/);
    const other = await createProject(web, browser, 'Liver');
    const preset = /preset=([0-9a-f-]{36})/.exec(kept.location ?? '')?.[1];
    const main = await form(`/projects/${other.id}/run/blur?preset=${preset}`);
    expect([valueOf(main, 'sigma'), valueOf(main, 'samples.0.id'), valueOf(main, 'samples.0.file')]).toEqual(['2.50', 's1', '']);
    const again = await browser.postForm(`${page}/presets`, { name: 'Plate 7', entries: JSON.stringify({ sigma: '3', strange: 'x' }) });
    expect(/preset=([0-9a-f-]{36})/.exec(again.location ?? '')?.[1]).toBe(preset);
    expect(valueOf(await form(`${page}?preset=${preset}`), 'sigma')).toBe('3');

    const otto = web.browser();
    await otto.signUp('otto@example.org');
    const theirs = await createProject(web, otto, 'Trial');
    expect(plain(mainOf(await otto.get(`/projects/${theirs.id}/run/blur?preset=${preset}`)))).not.toContain('Plate 7');
    expect((await otto.postForm(`/projects/${theirs.id}/run/blur/presets/${preset}/delete`, {})).status).toBe(303);
    expect(await form(page)).toContain('Plate 7');
    await browser.postForm(`${page}/presets/${preset}/delete`, {});
    expect(await form(page)).not.toContain('Plate 7</a>');
  });

  it('are as many names as an address holds, boxes that are all empty, and several values', async () => {
    const fields = {
      'p.stains': '',
      'p.proteins': PROTEINS.slice(0, 30).join('\n'),
      'sweep.1.parameter': 'sigma',
      'sweep.1.values': '1..3',
      'sweep.mode': 'together',
    };
    const link = linkIn(plain(mainOf(await browser.postForm(`${page}/preview`, fields))));
    const opened = await form(link);
    expect(/<textarea[^>]*name="p\.proteins"[^>]*>\n?([^<]*)/.exec(opened)?.[1].split('\n')).toHaveLength(30);
    expect(opened).not.toMatch(/value="dapi" checked/);
    expect(opened).toMatch(/>1\.\.3<\/textarea>/);
    expect(wordsOf(opened)).toContain('Runs 3 runs');
  });

  it('come back to the form when somebody thinks better of keeping or deleting them, however much it is', async () => {
    const few = { 'p.sigma': '2.50', 'p.image': 'project:b.txt', 'sweep.1.parameter': 'sigma', 'sweep.1.values': '1, 2' };
    const many = { ...few, 'p.proteins': PROTEINS.join('\n') };
    const asked = plain(mainOf(await browser.postForm(`${page}/presets/new`, few)));
    const back = await form(/class="btn" href="([^"]*)"/.exec(asked)?.[1] ?? '');
    expect([valueOf(back, 'sigma'), back.includes('>1, 2</textarea>')]).toEqual(['2.50', true]);
    const long = plain(mainOf(await browser.postForm(`${page}/presets/new`, many)));
    const hidden = [...long.matchAll(/<input type="hidden" name="(?!_csrf)([^"]*)" value="((?:[^"]|"(?! \/>))*)" \/>/g)];
    const kept = Object.fromEntries(hidden.map(([, name, value]) => [name, value]));
    const again = plain(mainOf(await browser.postForm(/formaction="([^"]*)"/.exec(long)?.[1] ?? '', kept)));
    expect(again).toContain('GENE899,GENE899B</textarea>');
    expect([valueOf(again, 'sigma'), again.includes('>1, 2</textarea>')]).toEqual(['2.50', true]);
    expect(again).toMatch(/<option value="project:b\.txt" selected/);
    // What the preset has need not stand in the address; what it has not, such as files, does.
    const { location } = await browser.postForm(`${page}/presets`, { ...kept, name: 'Long' });
    const filled = await form(location!);
    expect([valueOf(filled, 'sigma'), filled.includes('GENE899,GENE899B'), filled.includes('>1, 2</textarea>')]).toEqual([
      '2.50',
      true,
      true,
    ]);
    expect(filled).toMatch(/<option value="project:b\.txt" selected/);
    const preset = /preset=([0-9a-f-]{36})/.exec(location ?? '')?.[1];
    const deleted = await browser.postForm(`${page}/presets/${preset}/delete`, few);
    expect(valueOf(await form(deleted.location!), 'sigma')).toBe('2.50');
  });

  it.each(['', 'null', '[1]', '{"sigma":{"a":1}}', 'x'.repeat(100)])(
    'are nothing where somebody sends %j as kept values',
    async (entries) => {
      const answer = await browser.postForm(`${page}/presets`, { name: 'Odd', entries });
      expect(answer.status).toBe(303);
      expect((await browser.get(answer.location!)).status).toBe(200);
    },
  );

  it('are what an address says, which the form tells, and which is judged as if it had been typed', async () => {
    const fields = { 'p.image': 'project:b.txt', 'p.sigma': '2.50', 'p.fast': 'true', 'p.markers': 'a, b', 'p.samples.0.id': 's & 1' };
    const main = plain(mainOf(await browser.postForm(`${page}/preview`, fields)));
    const link = linkIn(main);
    expect(link).toContain('p.sigma=2.50');
    expect(link).not.toContain('p.fast');
    const opened = await form(link);
    expect([valueOf(opened, 'sigma'), valueOf(opened, 'samples.0.id')]).toEqual(['2.50', 's & 1']);
    expect(opened).toMatch(/<option value="project:b\.txt" selected/);
    expect(wordsOf(await form(`${page}?p.sigma=99&p.constructor=1`))).not.toContain('99 is');
    const refused = await browser.postForm(page, { ...fields, 'p.sigma': '99' });
    expect(refused.status).toBe(422);
    const before = await web.app.get(RunsRepository, { strict: false }).byProject(project.id, 10);
    expect(before).toEqual([]);
    const { location } = await browser.postForm(page, fields);
    const anew = await form(`${page}?from=${location?.split('/').at(-1)}&p.sigma=3`);
    expect([valueOf(anew, 'sigma'), valueOf(anew, 'samples.0.id')]).toEqual(['3', 's & 1']);
  });
});
