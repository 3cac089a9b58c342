import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Project } from '../../../src/common/projects/project.entity';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { ProjectsRepository } from '../../../src/common/projects/projects.repository';
import type { Manifest } from '../../../src/common/pipelines/manifest';
import { QueueStore, type Ending, type NewRun } from '../../../src/common/queue/queue-store';
import type { Run } from '../../../src/common/queue/run.entity';
import { UsersRepository } from '../../../src/common/users/users.repository';
import { RunOutputs } from '../../../src/web/show/run-outputs';
import { aCapacity, aNewRun, aProject } from '../../factories';
import { startTestWebApp, type TestBrowser, type TestWebApp } from '../../web-app';

const HANDLE = { kind: 'process', pid: 4_000_000, startTicks: '1', host: 'test', bootId: 'test' } as const;

/** A web application with one person, one project, and runs that this stage moves by the steps of the queue, without a runner. */
export class ShowStage {
  private constructor(
    readonly web: TestWebApp,
    readonly owner: TestBrowser,
    readonly project: Project,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<ShowStage> {
    const web = await startTestWebApp(settings);
    // No runner settles these runs, so that nobody else writes down what they leave.
    web.app.get(RunOutputs, { strict: false }).patienceMs = 0;
    const owner = web.browser();
    const { email } = await owner.signUp();
    const person = await web.app.get(UsersRepository).findByEmail(email);
    const project = aProject({ ownerId: person!.id, name: 'Pancreas <b>TMA</b>' });
    await web.app.get(ProjectsRepository).add(project);
    await web.app.get(ProjectFiles).create(project);
    return new ShowStage(web, owner, project);
  }

  get store(): QueueStore {
    return this.web.app.get(QueueStore);
  }

  /** A run that waits. */
  async queued(over: Partial<Omit<NewRun, 'manifest'>> & { manifest?: Partial<Manifest> } = {}): Promise<number> {
    const { id: projectId, ownerId } = this.project;
    const run = aNewRun({ projectId, ownerId, ...over, manifest: { ...over.manifest } });
    return (await this.store.enqueue(run)).runId;
  }

  /** A run that a runner holds; it has a log, empty at first. */
  async running(over: Parameters<ShowStage['queued']>[0] = {}): Promise<Run> {
    return this.held(await this.queued(over));
  }

  /** As `running`, for a run that waits already. */
  async held(runId: number): Promise<Run> {
    await this.store.registerRunner({
      ...aCapacity({ slots: 1000 }),
      name: 'ws-core-1',
      incarnation: 'a',
      host: 'test',
      bootId: 'test',
      pokeAddress: null,
    });
    const claimed = await this.store.claim({ ...aCapacity({ slots: 1000 }), name: 'ws-core-1', incarnation: 'a' }, 1000);
    const run = claimed.find((one) => one.id === runId)!;
    await this.store.authorise({ runId, fence: run.fence }, HANDLE);
    await this.writeControl(runId, `${run.attempt}/log`, '');
    return Object.assign(run, { state: 'running' as const });
  }

  /** A run that has ended. @param files contents by path in its folder of results. */
  async ended(
    files: Record<string, string | Buffer> = {},
    ending: Partial<Ending> & { log?: string | Buffer } = {},
    over: Parameters<ShowStage['queued']>[0] = {},
  ): Promise<number> {
    const { id, fence } = await this.running(over);
    for (const [name, content] of Object.entries(files)) await this.writeResult(id, name, content);
    if (ending.log !== undefined) await this.writeControl(id, '1/log', ending.log);
    const { log: _log, ...rest } = ending;
    const done = await this.store.finish({ runId: id, fence }, { state: 'succeeded', exitCode: 0, note: null, ...rest });
    if (!done) throw new Error('The run could not be ended');
    return id;
  }

  /** Absolute path in the folder of results. */
  resultPath(runId: number, name = ''): string {
    const { filesRoot } = this.web.database.config;
    return join(filesRoot, this.project.ownerId, this.project.id, 'runs', String(runId), name);
  }

  writeResult(runId: number, name: string, content: string | Buffer): Promise<void> {
    return write(this.resultPath(runId, name), content);
  }

  /** Absolute path among the control files of a run. */
  controlPath(runId: number, name: string): string {
    return join(this.web.database.config.runsRoot, String(runId), name);
  }

  writeControl(runId: number, name: string, content: string | Buffer): Promise<void> {
    return write(this.controlPath(runId, name), content);
  }

  /** The page of a run as its owner gets it; fails unless it is there. */
  async page(runId: number): Promise<string> {
    const { status, body } = await this.owner.get(`/runs/${runId}`);
    if (status !== 200) throw new Error(`/runs/${runId} answered ${status}: ${wordsOf(body).slice(0, 500)}`);
    return body;
  }

  /** An answer that is no text, as its owner gets it. */
  async bytes(path: string): Promise<{ status: number; type: string | null; body: Buffer }> {
    const cookie = [...this.owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`http://localhost:${this.web.port}${path}`, { headers: { cookie } });
    return { status: answer.status, type: answer.headers.get('content-type'), body: Buffer.from(await answer.arrayBuffer()) };
  }

  close(): Promise<void> {
    return this.web.close();
  }
}

/** What people read of a page, blanks evened out. */
export function wordsOf(html: string): string {
  return html
    .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}

async function write(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
