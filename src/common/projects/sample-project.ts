import { join } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { NotFoundError } from '../errors';
import { ProjectFiles } from '../files/project-files';
import { SafeDirectory, type OpenFile } from '../files/safe-directory';
import { Space } from '../space/space';
import type { User } from '../users/user.entity';
import { text } from '../../locales/text';
import { ProjectCreation } from './project-creation';
import { ProjectsRepository } from './projects.repository';

const IMAGE = [Buffer.from('tissue.tif')];

/** Gives newcomers a project with one image to try things on: `DATA_DIR/sample/tissue.tif`, which the installation makes. */
@Injectable()
export class SampleProject {
  private readonly logger = new Logger(SampleProject.name);

  constructor(
    private readonly projects: ProjectsRepository,
    private readonly creation: ProjectCreation,
    private readonly files: ProjectFiles,
    private readonly space: Space,
    private readonly config: AppConfig,
  ) {}

  /** Whether newcomers get one: asked for, and made by the installation. */
  async isOffered(): Promise<boolean> {
    if (!this.config.settings.SAMPLE_PROJECT) return false;
    const image = await this.openImage();
    await image?.handle.close();
    return image !== null;
  }

  /** Harmless for people who have projects. Never fails: a missing sample is no reason to turn somebody away. */
  async giveTo(person: Pick<User, 'id'>): Promise<void> {
    if (!this.config.settings.SAMPLE_PROJECT) return;
    try {
      await this.copyTo(person);
    } catch (error) {
      this.logger.warn(`The sample project could not be made: ${(error as Error).message}`);
    }
  }

  private async copyTo(person: Pick<User, 'id'>): Promise<void> {
    if ((await this.projects.countByOwner(person.id)) > 0) return;
    const image = await this.openImage();
    if (!image) return;
    try {
      const project = await this.creation.create(person.id, text('projects.sampleName'));
      const copy = await this.files.of(project).createFile(IMAGE);
      try {
        await copy.writeFile(image.handle.createReadStream({ autoClose: false }));
      } finally {
        await copy.close();
      }
      await this.space.add(person.id, { bytes: image.size, files: 1 });
    } finally {
      await image.handle.close();
    }
  }

  private async openImage(): Promise<OpenFile | null> {
    const folder = join(this.config.settings.DATA_DIR, 'sample');
    try {
      return await SafeDirectory.open(folder).openFile(IMAGE);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      this.logger.debug(`There is no sample image in ${folder}, so newcomers start without a sample project.`);
      return null;
    }
  }
}
