import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/database.module';
import { FilesModule } from '../files/files.module';
import { ProjectsModule } from '../projects/projects.module';
import { UsersModule } from '../users/users.module';
import { DiskReport } from './disk-report';
import { DiskUseRepository } from './disk-use.repository';

/** Who uses the disk. */
@Module({
  imports: [DatabaseModule, FilesModule, ProjectsModule, UsersModule],
  providers: [DiskReport, DiskUseRepository],
  exports: [DiskReport],
})
export class DiskModule {}
