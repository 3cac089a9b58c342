import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import type { FileTask } from '../../../src/common/file-tasks/file-task.entity';
import { FileTasks } from '../../../src/common/file-tasks/file-tasks';
import { keptInWords } from '../../../src/common/kept-sentences';
import type { Project } from '../../../src/common/projects/project.entity';
import { User } from '../../../src/common/users/user.entity';
import { createProject } from '../../project-steps';
import { until } from '../../until';
import { mainOf, startTestWebApp, type TestAnswer, type TestBrowser, type TestWebApp } from '../../web-app';

/** Somebody with a project, before a server with an inbox. */
export interface Person {
  browser: TestBrowser;
  email: string;
  project: Project;
  /** Their folder in the inbox. */
  own: string;
}

/** The web application with an inbox on the disk. */
export class InboxStage {
  private constructor(
    readonly web: TestWebApp,
    readonly inbox: string,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<InboxStage> {
    const inbox = mkdtempSync(join(tmpdir(), 'showrunner-inbox-'));
    const web = await startTestWebApp({ INBOX_DIR: inbox, INBOX_PER_USER: 'on', PICKUP_HOST: 'guest@lab1', ...settings });
    return new InboxStage(web, inbox);
  }

  async close(): Promise<void> {
    await this.web.close();
    rmSync(this.inbox, { recursive: true, force: true });
  }

  async person(): Promise<Person> {
    const browser = this.web.browser();
    const { email } = await browser.signUp();
    await this.web.app.get(DataSource).getRepository(User).update({ email }, { confirmedMs: 1 });
    const project = await createProject(this.web, browser, 'Plates');
    return { browser, email, project, own: join(this.inbox, 'people', email) };
  }

  /** Puts a file into the inbox, as old as scp would bring it. */
  put(path: string, content: string): string {
    const whole = path.startsWith('/') ? path : join(this.inbox, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, content);
    utimesSync(whole, 1_700_000_000, 1_700_000_000.25);
    return whole;
  }

  folderOf({ project }: Person): string {
    return join(this.web.database.config.filesRoot, project.ownerId, project.id);
  }

  inProject(person: Person, name: string): string {
    return join(this.folderOf(person), name);
  }

  async look({ browser, project }: Person, query = ''): Promise<TestAnswer> {
    const answer = await browser.get(`/projects/${project.id}/inbox${query}`);
    return { ...answer, body: mainOf(answer) };
  }

  /** Sends the form of the page of the inbox. @param fields further ones, over those that are usual. */
  bring({ browser, project }: Person, how: string, names: string[], fields: Record<string, string> = {}): Promise<TestAnswer> {
    const usual = { from: 'inbox', to: '', how, ...fields };
    return browser.postForm(`/projects/${project.id}/inbox`, [
      ...Object.entries(usual),
      ...names.map((name): [string, string] => ['name', name]),
    ]);
  }

  /** Brings something, and waits until the work that this began has ended; with its note in the words that people read. */
  async bringAll(person: Person, how: 'copy' | 'move', names: string[], fields: Record<string, string> = {}): Promise<FileTask> {
    const tasks = this.web.app.get(FileTasks, { strict: false });
    const before = new Set((await tasks.ofProject(person.project.id)).map(({ id }) => id));
    const answer = await this.bring(person, how, names, fields);
    if (answer.status !== 303) throw new Error(`Refused with ${answer.status}: ${mainOf(answer)}`);
    let task: FileTask | undefined;
    await until(async () => {
      task = (await tasks.ofProject(person.project.id)).find(({ id }) => !before.has(id));
      return task !== undefined && task.finishedMs !== null;
    });
    return Object.assign(task!, { note: keptInWords(task!.note ?? '') });
  }

  exists(...paths: string[]): boolean[] {
    return paths.map((path) => existsSync(path));
  }
}
