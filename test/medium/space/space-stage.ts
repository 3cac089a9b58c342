import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../../../src/common/config/app-config';
import { CommonModule } from '../../../src/common/common.module';
import { FileDigests } from '../../../src/common/digests/file-digests';
import { ProjectFiles } from '../../../src/common/files/project-files';
import { Project } from '../../../src/common/projects/project.entity';
import { Space } from '../../../src/common/space/space';
import { User } from '../../../src/common/users/user.entity';
import { openTestDatabase, type TestDatabase } from '../../database';
import { aGuest, aProject } from '../../factories';

const HOME = resolve(__dirname, '../../..');

export const MINUTE = 60_000;

/** The common services on a database of their own, as a process has them, with guests that have limits. */
export class SpaceStage {
  private constructor(
    readonly database: TestDatabase,
    readonly dataSource: DataSource,
    readonly context: INestApplicationContext,
    readonly space: Space,
    readonly digests: FileDigests,
    readonly files: ProjectFiles,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<SpaceStage> {
    const database = await openTestDatabase({ FREE_SPACE_RESERVE: '1 MB', ...settings });
    const testing = await Test.createTestingModule({ imports: [CommonModule] })
      .overrideProvider(AppConfig)
      .useValue(database.config)
      .compile();
    await testing.init();
    const get = <Service>(type: abstract new (...list: never[]) => Service) => testing.get(type, { strict: false });
    const dataSource = await database.connect();
    return new SpaceStage(database, dataSource, testing, get(Space), get(FileDigests), get(ProjectFiles));
  }

  /** A person with a row, and a project with its folder. */
  async owner(over: Partial<User> = {}): Promise<{ owner: User; project: Project }> {
    const owner = aGuest(over);
    await this.dataSource.getRepository(User).insert(owner);
    return { owner, project: await this.projectOf(owner) };
  }

  async projectOf(owner: Pick<User, 'id'>): Promise<Project> {
    const project = aProject({ ownerId: owner.id, name: `Project ${randomUUID()}` });
    await this.dataSource.getRepository(Project).insert(project);
    await this.files.create(project);
    return project;
  }

  /** Writes a file below an owner's folder, past all that counts. @returns its path. */
  write(ownerId: string, path: string, content: string | Buffer): string {
    const whole = join(this.database.config.filesRoot, ownerId, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, content);
    return whole;
  }

  /** Lets a further process do what `space-process.ts` does. @returns its answer. */
  async inProcess(...words: string[]): Promise<unknown> {
    const child = spawn(
      process.execPath,
      ['--no-warnings', '--require', join(HOME, 'test/tools/load-typescript.cjs'), join(__dirname, 'space-process.ts'), ...words],
      {
        cwd: HOME,
        env: { PATH: process.env['PATH'], FREE_SPACE_RESERVE: '1 MB', ...this.database.environment },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let answer = '';
    child.stdout.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await new Promise((ended) => child.on('close', ended));
    return JSON.parse(answer);
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.database.close();
  }
}
