import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { AdminModule } from '../../../src/admin/admin.module';
import { parseCommand } from '../../../src/admin/command-line';
import { AppConfig } from '../../../src/common/config/app-config';
import { Project } from '../../../src/common/projects/project.entity';
import { Run } from '../../../src/common/queue/run.entity';
import { User } from '../../../src/common/users/user.entity';
import { writePipelines } from '../../pipeline-folder';
import { mainOf, startTestWebApp, type TestWebApp } from '../../web-app';

const SCRIPT = '#!/bin/bash\n##~~ input - the input file\n##~~ conf - the configuration\n##~~ output - the output file\n';

describe('take-over of ScriptRunner', () => {
  let home: string;
  let old: Database.Database;
  let web: TestWebApp;
  let context: TestingModule;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'script-runner-'));
    for (const folder of ['etc', 'data/inputs', 'data/outputs']) mkdirSync(join(home, folder), { recursive: true });
    const conf = `# Configuration\nweb_port=8080\npath_to_db=data/ScriptRunner.db\noutbox_dir=${home}/data/outputs\noutput_param_prefix=output\n`;
    writeFileSync(join(home, 'etc/ScriptRunner.conf'), conf);
    writePipelines(join(home, 'data/scripts'), { 'count.sh': SCRIPT });
    old = new Database(join(home, 'data/ScriptRunner.db'));
    old.exec(`CREATE TABLE users (login VARCHAR(32) NOT NULL, password VARCHAR(32) NOT NULL);
      CREATE TABLE jobs (id INTEGER PRIMARY KEY, script_name VARCHAR(255) NOT NULL, params VARCHAR(255), requester VARCHAR(32) NOT NULL,
        status VARCHAR(32) NOT NULL, requestDttm INTEGER, startDttm INTEGER, stopDttm INTEGER);
      INSERT INTO users VALUES ('me@mycompany.com', 'plain words'), ('nobody', 'x');
      INSERT INTO jobs VALUES (1, 'count.sh', 'input=a.txt,conf=one, two,output=table,', 'me@mycompany.com', 'Complete', 1283072400.5, 1283072412, 1283072500),
        (2, 'count.sh', 'input=b.txt,conf=c,output=table,', 'me@mycompany.com', 'Complete', 1283072600, 1283072612, 1283072700),
        (3, 'gone.sh', 'input=b.txt,output=..,', 'me@mycompany.com', 'Complete', 1283072600, 1283072612, 1283072700),
        (4, 'count.sh', 'input=b.txt,', 'me@mycompany.com', 'New', 1283072600, 0, 0),
        (5, 'count.sh', 'input=b.txt,', 'me@mycompany.com', 'Started', 1283072600, 1283072600, 0)`);
    writeFileSync(join(home, 'data/outputs/table'), 'of the second');
    web = await startTestWebApp({ PIPELINES_DIR: join(home, 'data/scripts') });
    const testing = Test.createTestingModule({ imports: [AdminModule] });
    context = await testing.overrideProvider(AppConfig).useValue(web.database.config).compile();
  });
  afterAll(async () => {
    await context?.close();
    await web?.close();
    old?.close();
    rmSync(home, { recursive: true, force: true });
  });

  const takeOver = (...more: string[]) => parseCommand(['take-over', home, ...more])(context);
  const runs = () =>
    web.app
      .get(DataSource)
      .getRepository(Run)
      .find({ order: { id: 'ASC' } });

  it('looks first, waits for jobs that run, and brings people, ended jobs and what lies in the outbox, each once', async () => {
    const report = await takeOver();
    expect(report).toContain('people     1 of 2');
    expect(report).toContain('nobody: there is no e-mail address');
    expect(report).toContain('Job 4 of me@mycompany.com: count.sh input=b.txt');
    expect(report).toContain('1 jobs run there: let them end first.');
    await expect(takeOver('--go')).rejects.toThrow('ScriptRunner runs #5');
    expect(await runs()).toEqual([]);
    old.exec('DELETE FROM jobs WHERE id = 5');
    expect(await takeOver('--go')).toContain('1 people got an account; 3 ended runs came, 1 results came out of the outbox.');
    // Whatever their project is called by now.
    await web.app.get(DataSource).getRepository(Project).update({ name: 'ScriptRunner' }, { name: 'History' });
    expect(await takeOver('--go')).toContain('0 people got an account; 0 ended runs came, 0 results');
    expect((await runs()).map(({ pipelineId, state, note }) => [pipelineId, state, /job (\d)/.exec(note ?? '')?.[1]])).toEqual([
      ['count', 'succeeded', '1'],
      ['count', 'succeeded', '2'],
      ['gone', 'succeeded', '3'],
    ]);
    expect(existsSync(join(home, 'data/outputs/table'))).toBe(false);
    const rows = JSON.stringify(await web.app.get(DataSource).getRepository(User).find());
    expect(rows).not.toContain('plain words');
  });

  it('lets people log in and see what their jobs were given, and left', async () => {
    const browser = web.browser();
    expect((await browser.postForm('/login', { email: 'me@mycompany.com', password: 'plain words' })).status).toBe(303);
    const [first, second] = await runs();
    const page = mainOf(await browser.get(`/runs/${second.id}`));
    expect(page).toContain('where it was job 2. Whether it succeeded, that system did not tell.');
    expect((await browser.get(`/runs/${second.id}/files/table`)).body).toBe('of the second');
    expect(mainOf(await browser.get(`/runs/${first.id}`))).toContain('one, two');
    expect(readFileSync(join(home, 'etc/ScriptRunner.conf'), 'utf8')).toContain('web_port');
  });
});
