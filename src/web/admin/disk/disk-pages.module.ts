import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccessModule } from '../../http/access/access.module';
import { DiskPage } from './disk-page.view';
import { DiskController } from './disk.controller';

/** Who uses the disk, for administrators. */
@Module({ imports: [CommonModule, AccessModule], controllers: [DiskController], providers: [DiskPage] })
export class DiskPagesModule {}
