import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { FileTask } from '../src/common/file-tasks/file-task.entity';
import { FileTasksRepository } from '../src/common/file-tasks/file-tasks.repository';
import { keptInWords } from '../src/common/kept-sentences';
import type { Project } from '../src/common/projects/project.entity';
import { until } from './until';
import type { TestAnswer, TestBrowser, TestWebApp } from './web-app';

/** Where the files of a project lie on the disk. */
export function folderOf(web: TestWebApp, project: Project): string {
  return join(web.database.config.filesRoot, project.ownerId, project.id);
}

export function putFile(web: TestWebApp, project: Project, name: string, content: Buffer | string): void {
  writeFileSync(join(folderOf(web, project), name), content);
}

/** Everything below the owner's folder, the staging folder too: path and kind, with the content of files that are not archives. */
export function everythingOf(web: TestWebApp, project: Project): string[] {
  const root = join(web.database.config.filesRoot, project.ownerId);
  const paths = existsSync(root) ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [];
  return paths
    .filter((path) => path !== '.staging')
    .map((path) => {
      const stats = lstatSync(join(root, path));
      if (stats.isDirectory()) return `${path}/`;
      if (!stats.isFile()) return `${path} (special)`;
      return path.endsWith('.zip') ? path : `${path}: ${readFileSync(join(root, path), 'utf8')}`;
    })
    .sort();
}

export interface ExtractFields {
  path?: string;
  into?: 'here' | 'folder';
}

export function extract(
  browser: TestBrowser,
  project: Project,
  name: string,
  { path = '', into = 'folder' }: ExtractFields = {},
): Promise<TestAnswer> {
  const address = `/projects/${project.id}/files/extract${into === 'here' ? '?into=here' : ''}`;
  return browser.postForm(address, { path, name }, { page: `/projects/${project.id}` });
}

/** The newest task of a project with that title. */
export async function taskOf(web: TestWebApp, project: Project, title: string): Promise<FileTask | undefined> {
  const tasks = await web.app.get(FileTasksRepository, { strict: false }).ofProject(project.id);
  return tasks.find((task) => task.title === title);
}

/** With its note in the words that people read. */
export async function endedTask(web: TestWebApp, project: Project, title: string, withinMs = 60_000): Promise<FileTask> {
  let task: FileTask | undefined;
  await until(async () => {
    task = await taskOf(web, project, title);
    return task !== undefined && task.finishedMs !== null;
  }, withinMs);
  return Object.assign(task!, { note: keptInWords(task!.note ?? '') });
}

export interface BytesAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The connection broke before all that was promised had come. */
  broken: boolean;
}

/** Fetches bytes as they are. @param onHead is called with the answer before its body is read. */
export function fetchBytes(
  browser: TestBrowser,
  path: string,
  headers: Record<string, string> = {},
  onHead: (answer: IncomingMessage) => Promise<void> | void = () => undefined,
): Promise<BytesAnswer> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { port: browser.port, host: '127.0.0.1', path, headers: { host: `localhost:${browser.port}`, cookie, ...headers } },
      (answer) => {
        const pieces: Buffer[] = [];
        const end = (broken: boolean) =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(pieces), broken });
        answer.on('error', () => end(true));
        answer.on('end', () => end(!answer.complete));
        void Promise.resolve(onHead(answer)).then(() => answer.on('data', (piece: Buffer) => pieces.push(piece)));
      },
    );
    request.on('error', reject);
    request.end();
  });
}
