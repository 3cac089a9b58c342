import { ProjectsRepository } from '../src/common/projects/projects.repository';
import type { Project } from '../src/common/projects/project.entity';
import { multipart, type FormPart } from './multipart';
import type { TestAnswer, TestBrowser, TestWebApp } from './web-app';

/** Creates a project through its form. */
export async function createProject(web: TestWebApp, browser: TestBrowser, name: string): Promise<Project> {
  const answer = await browser.postForm('/projects', { name }, { page: '/projects' });
  const id = /\/projects\/([0-9a-f-]{36})$/.exec(answer.location ?? '')?.[1];
  if (answer.status !== 303 || id === undefined) throw new Error(`Creating ${name} failed with ${answer.status}: ${answer.body}`);
  return (await web.app.get(ProjectsRepository, { strict: false }).findById(id))!;
}

export interface UploadOptions {
  /** Folder in the project. */
  path?: string;
  headers?: Record<string, string>;
  /** Undefined: the right one. Null: none. */
  token?: string | null;
  /** Further fields, before the files. */
  fields?: Record<string, string>;
}

/** Uploads files as the form does. @param files content by name. */
export async function upload(
  browser: TestBrowser,
  projectId: string,
  files: Record<string, string | Buffer>,
  { path, headers = {}, token, fields = {} }: UploadOptions = {},
): Promise<TestAnswer> {
  const value = token === undefined ? await browser.token('/projects') : token;
  const parts: FormPart[] = value === null ? [] : [{ name: '_csrf', content: value }];
  for (const [name, content] of Object.entries(fields)) parts.push({ name, content });
  for (const [fileName, content] of Object.entries(files)) parts.push({ name: 'files', fileName, content });
  const { body, contentType } = multipart(parts);
  const query = path === undefined ? '' : `?path=${encodeURIComponent(path)}`;
  return browser.send(`/projects/${projectId}/files${query}`, {
    method: 'POST',
    headers: { 'content-type': contentType, ...headers },
    body,
  });
}
