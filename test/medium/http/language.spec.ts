import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { ENGLISH, setDefaultLanguage } from '../../../src/locales/language';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { RunsRepository } from '../../../src/common/queue/runs.repository';
import { aNewRun } from '../../factories';
import { createProject, upload } from '../../project-steps';
import { mainOf, startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const CHINESE = { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' };

describe('the language of a page', () => {
  let web: TestWebApp;
  let languages: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    languages = mkdtempSync(join(tmpdir(), 'languages-'));
    mkdirSync(join(languages, 'de'));
    writeFileSync(join(languages, 'de', 'common.json'), '{ "logIn": "Anmelden", "lgoOut": "Abmelden" }');
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation((words: unknown) => void complaints.push(String(words)));
    web = await startTestWebApp({ LANGUAGES_DIR: languages });
    warn.mockRestore();
  });
  afterAll(async () => {
    await web.close();
    setDefaultLanguage(ENGLISH);
    rmSync(languages, { recursive: true });
  });

  const chooseChinese = async (browser: TestBrowser) => {
    const answer = await browser.postForm('/language', { language: 'zh', back: '/queue' });
    expect([answer.status, answer.location]).toEqual([303, '/queue']);
  };

  it('is the one that the browser asks for, as far as it is there', async () => {
    const { body } = await web.browser().get('/login', CHINESE);
    expect(body).toContain('<html lang="zh"');
    expect(body).toContain('还没有账号？');
    expect((await web.browser().get('/login', { 'accept-language': 'sv, *' })).body).toContain('<html lang="en"');
    expect((await web.browser().get('/login')).body).toContain('<html lang="en"');
  });

  it('is the one that the person chose, before and after they log in, whatever the browser asks for', async () => {
    const browser = web.browser();
    expect((await browser.get('/login')).body).toMatch(
      /<button name="language" value="en" lang="en" aria-current="true">English<\/button>/,
    );
    await chooseChinese(browser);
    expect((await browser.get('/login', { 'accept-language': 'en' })).body).toContain('<html lang="zh"');
    await browser.signUp();
    expect(mainOf(await browser.get('/projects'))).toContain('从创建项目开始');
    expect((await browser.postForm('/language', { language: 'tlh', back: '/' })).status).toBe(303);
    expect((await browser.get('/projects')).body).toContain('<html lang="zh"');
    expect((await browser.postForm('/language', { language: 'en', back: 'https://evil.example/' })).location).toBe('/');
    expect(mainOf(await browser.get('/projects'))).toContain('Start with a project');
  });

  it('holds behind forms, uploads, errors and redirects, and in the words of scripts', async () => {
    const browser = web.browser();
    await browser.signUp();
    await chooseChinese(browser);
    expect((await browser.postForm('/projects', { name: '' }, { page: '/projects' })).body).toContain('请为项目命名。');
    const project = await createProject(web, browser, '样品 1');
    expect(mainOf(await browser.get(`/projects/${project.id}`))).toContain('样品 1 已创建。');
    await upload(browser, project.id, { 'a.txt': 'a' });
    const page = await browser.get(`/projects/${project.id}`);
    expect(page.body).toContain('a.txt 已上传。');
    expect(page.body).toContain('1 字节');
    expect(page.body).toContain('"jsPaused":"已暂停"');
    expect(page.body).toContain('"hoursAgo":"{n} 小时前"');
    expect(page.body).toContain('"locale":"zh"');
    expect((await browser.get('/runs/4711')).body).toContain('这里没有运行 #4711');
    expect((await browser.get('/nowhere', { accept: '*/*' })).status).toBe(404);
  });

  it('does not mix when people ask at the same time', async () => {
    const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? CHINESE : {}));
    const pages = await Promise.all(asked.map((headers) => web.browser().get('/login', headers)));
    expect(pages.map(({ body }) => /<html lang="(\w+)"/.exec(body)?.[1])).toEqual(asked.map((_, index) => (index % 2 === 0 ? 'zh' : 'en')));
  });

  it('is not that of what others read later', async () => {
    const browser = web.browser();
    await browser.signUp();
    await chooseChinese(browser);
    const { id, ownerId } = await createProject(web, browser, '样品 2');
    const project = await web.app.get(ProjectsRepository, { strict: false }).findById(id);
    const { runId } = await web.app.get(QueueStore).enqueue(aNewRun({ projectId: project!.id, ownerId }));
    await browser.postForm(`/runs/${runId}/cancel`, { back: '/queue' }, { page: '/queue' });
    expect((await web.app.get(RunsRepository, { strict: false }).find(runId))?.note).toMatch(/^Cancelled by /);
    expect((await browser.get('/queue')).body).toContain(`运行 #${runId} 已取消。`);
  });

  it('may be one that was dropped into LANGUAGES_DIR; what is wrong there is told in the log', async () => {
    const { body } = await web.browser().get('/login', { 'accept-language': 'de-AT' });
    expect(body).toContain('<html lang="de"');
    expect(body).toContain('Anmelden');
    expect(body).toContain('Sign up');
    expect(complaints.filter((fault) => fault.startsWith('de: '))).toEqual([
      'de: common.lgoOut is not among the English sentences',
      expect.stringMatching(/^de: \d+ sentences are missing and are said in English/),
    ]);
  });
});
