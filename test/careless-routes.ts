import { readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { AppConfig } from '../src/common/config/app-config';
import { ConfigModule } from '../src/common/config/config.module';
import { NotFoundError } from '../src/common/errors';
import type { Project } from '../src/common/projects/project.entity';
import { Access } from '../src/web/http/access/access.decorator';
import { AccessModule } from '../src/web/http/access/access.module';
import { CurrentProject } from '../src/web/http/access/current';

/** Routes with the mistake that many programs make: resolve, compare, open. They show that a test would see it. */
@Controller('projects/:project/careless')
class CarelessController {
  constructor(private readonly config: AppConfig) {}

  @Get()
  @Access('projectOwner')
  async read(@CurrentProject() project: Project): Promise<string> {
    return this.inside(project, 'dir/file.txt', (path) => readFile(path, 'utf8'));
  }

  @Post()
  @Access('projectOwner')
  async write(@CurrentProject() project: Project): Promise<string> {
    return this.inside(project, 'dir', async (path) => {
      await writeFile(join(path, 'written'), 'carelessly');
      return 'written';
    });
  }

  private async inside(project: Project, name: string, work: (path: string) => Promise<string>): Promise<string> {
    const root = join(this.config.filesRoot, project.ownerId, project.id);
    const path = join(root, name);
    const real = await realpath(path).catch(() => '');
    if (!real.startsWith(`${root}/`)) throw new NotFoundError('errors.notFound');
    return work(path).catch(() => {
      throw new NotFoundError('errors.notFound');
    });
  }
}

@Module({ imports: [AccessModule, ConfigModule], controllers: [CarelessController] })
export class CarelessRoutes {}
