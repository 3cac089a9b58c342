import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { AppConfig } from '../../src/common/config/app-config';
import { ProjectFiles } from '../../src/common/files/project-files';
import type { Project } from '../../src/common/projects/project.entity';
import { RunsRepository } from '../../src/common/queue/runs.repository';
import { isFinal } from '../../src/common/queue/run-state';
import type { Run } from '../../src/common/queue/run.entity';
import { UsersRepository } from '../../src/common/users/users.repository';
import { CleaningService } from '../../src/cleaner/cleaning.service';
import { CleanerModule } from '../../src/cleaner/cleaner.module';
import { RunnerModule } from '../../src/runner/runner.module';
import { RunnerService } from '../../src/runner/runner.service';
import { startMailServer, type TestMailServer } from '../mail-server';
import { createProject, upload } from '../project-steps';
import { until } from '../until';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../web-app';

/**
 * What the two systems that Showrunner replaces got wrong, each as a test through the pages, a runner and a mail server that would
 * fail on them. ScriptRunner was a Python wizard over shell scripts, PyShowwwcase a Django front-end over a cron-driven queue.
 */

const SCRIPTS = {
  'record.sh': `#!/bin/bash
##~~ input_left - a file, on the left - with a hyphen in its description
##~~ input-right - a second file
##~~ words - anything
##~~ output - name of the result
cat "$1" "$2" >"$4"; printf '%s' "$3" >words; echo "$#" >count
`,
  'broken.sh': '#!/bin/sh\n##~~ title: Broken\necho "cannot go on" >&2\nexit 4\n',
  'vanish.sh': '#!/bin/sh\n##~~ title: Vanish\nkill -9 $$\n',
  'slow.sh': '#!/bin/sh\n##~~ title: Slow\nsleep 60\n',
  'meet.sh':
    '#!/bin/sh\n: >"$0.$1"; n=0\nuntil [ -e "$0.$2" ] || [ $n -gt 100 ]; do n=$((n+1)); sleep 0.1; done\n[ $n -le 100 ]\n##~~ me - own mark\n##~~ other - mark of the other\n',
};

describe('what the older systems got wrong', () => {
  let folder: string;
  let mails: TestMailServer;
  let web: TestWebApp;
  let stopRunner: () => Promise<void>;
  let person: TestBrowser;
  let email: string;
  let project: Project;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-older-'));
    for (const [name, source] of Object.entries(SCRIPTS)) {
      writeFileSync(join(folder, name), source);
      chmodSync(join(folder, name), 0o755);
    }
    mails = await startMailServer();
    web = await startTestWebApp({
      PIPELINES_DIR: folder,
      SMTP_URL: mails.url,
      RUNNER_SLOTS: '2',
      STOP_GRACE: '1s',
      FREE_SPACE_RESERVE: '1 MB',
    });
    stopRunner = await startRunner(web);
    person = web.browser();
    ({ email } = await person.signUp());
    project = await createProject(web, person, 'Older');
    await upload(person, project.id, { 'left.txt': 'left ', 'right.txt': 'right' });
  });
  afterAll(async () => {
    await stopRunner();
    await web.close();
    await mails.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const runs = () => web.app.get(RunsRepository, { strict: false });
  const find = async (id: number): Promise<Run> => (await runs().find(id))!;

  async function submit(pipeline: string, fields: Record<string, string> = {}): Promise<number> {
    const page = `/projects/${project.id}/run/${pipeline}`;
    const form = await person.get(page);
    const submission = /name="submission" value="([^"]+)"/.exec(form.body)![1];
    const entered = Object.entries(fields).map(([name, value]): [string, string] => [`p.${name}`, value]);
    const answer = await person.postForm(page, [['submission', submission], ...entered], { page });
    const id = Number(/\/runs\/(\d+)$/.exec(answer.location ?? '')?.[1]);
    if (!id) throw new Error(`Submitting ${pipeline} answered ${answer.status}: ${answer.body}`);
    return id;
  }

  async function untilFinal(id: number): Promise<Run> {
    await until(async () => isFinal((await find(id)).state), 20_000);
    return find(id);
  }

  function result(id: number, name: string): string {
    const files = web.app.get(ProjectFiles, { strict: false });
    const path = files.resultsPath(id).map(String);
    return readFileSync(join(web.database.folder, 'files', project.ownerId, project.id, ...path, name), 'utf8');
  }

  it('every argument reaches the script, in its order, whatever signs it contains; two inputs are two', async () => {
    // shell=True with a list dropped them all; "k=v,k=v" broke at commas and equals signs; all inputs shared one field;
    // a parameter was cut at its first hyphen.
    const words = 'a,b=c --d -e "f" $(id)';
    const id = await submit('record', { input_left: 'project:left.txt', input_right: 'project:right.txt', words, output: 'both.txt' });
    expect(await untilFinal(id)).toMatchObject({ state: 'succeeded' });
    expect(result(id, 'both.txt')).toBe('left right');
    expect(result(id, 'words')).toBe(words);
    expect(result(id, 'count')).toBe('4\n');
  });

  it('an exit status is heeded: completion is no success, and the mail says so', async () => {
    const run = await untilFinal(await submit('broken'));
    expect(run).toMatchObject({ state: 'failed', exitCode: 4 });
    await until(() => mails.mails.some((mail) => mail.headers['subject'] === `Job #${run.id} [broken] Failed`));
    expect(mails.mails.filter((mail) => mail.headers['subject']?.startsWith(`Job #${run.id} `))).toHaveLength(2);
    expect(mails.mails.every((mail) => mail.recipients.join() === email)).toBe(true);
  });

  it('a crashed program blocks nobody, and its run stays in the history', async () => {
    const crashed = await submit('vanish');
    const next = await submit('broken');
    expect((await untilFinal(crashed)).state).toBe('failed');
    expect((await untilFinal(next)).state).toBe('failed');
    expect((await person.get('/queue')).body).toContain(`/runs/${crashed}`);
  });

  it('two runs work at the same time, and start without minutes of dead time', async () => {
    const one = await submit('meet', { me: 'one', other: 'two' });
    const two = await submit('meet', { me: 'two', other: 'one' });
    for (const run of [await untilFinal(one), await untilFinal(two)]) {
      expect(run.state).toBe('succeeded');
      expect(run.startedMs! - run.requestedMs).toBeLessThan(10_000);
    }
  });

  it('a running program can be cancelled', async () => {
    const id = await submit('slow');
    await until(async () => (await find(id)).state === 'running');
    await person.postForm(`/runs/${id}/cancel`, {}, { page: '/queue' });
    expect((await untilFinal(id)).state).toBe('cancelled');
  });

  it('two people are two people, and two guests behind one address have two spaces', async () => {
    const other = web.browser();
    await other.signUp();
    const guests = [web.browser(), web.browser()];
    for (const guest of guests) await guest.enterAsGuest();
    const theirs = await createProject(web, guests[0], 'Secret');
    expect((await person.get('/projects')).body).toContain('Older');
    expect((await other.get('/projects')).body).not.toContain('Older');
    expect((await guests[1].get(`/projects/${theirs.id}`)).status).toBe(404);
  });

  it('no password is kept in clear', async () => {
    const browser = web.browser();
    const { email: address, password } = await browser.signUp();
    const user = await web.app.get(UsersRepository, { strict: false }).findByEmail(address);
    expect(user!.passwordHash).toMatch(/^\$argon2id\$/);
    expect(JSON.stringify(user)).not.toContain(password);
  });

  it('the cleaner starts, and leaves the inputs of waiting work alone', async () => {
    const module = await Test.createTestingModule({ imports: [CleanerModule] })
      .overrideProvider(AppConfig)
      .useValue(web.database.config)
      .compile();
    module.useLogger(false);
    await module.init();
    const failures = await module.get(CleaningService).clean();
    await module.close();
    expect(failures).toBe(0);
    expect((await person.get(`/projects/${project.id}/files/left.txt`)).status).toBe(200);
  });
});

/** A runner in this process, on the same installation. */
async function startRunner(web: TestWebApp): Promise<() => Promise<void>> {
  const context = await Test.createTestingModule({ imports: [RunnerModule] })
    .overrideProvider(AppConfig)
    .useValue(web.database.config)
    .setLogger({ log: () => {}, warn: () => {}, error: () => {} })
    .compile();
  await context.init();
  await context.get(RunnerService).start();
  return () => context.close();
}
