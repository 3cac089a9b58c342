import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ShowModule } from '../show/show.module';
import { CompareController } from './compare.controller';
import { ComparePage } from './compare-page.view';
import { RunOutputs } from './run-outputs';

/** Runs of a project beside each other. */
@Module({ imports: [CommonModule, AccessModule, ShowModule], controllers: [CompareController], providers: [ComparePage, RunOutputs] })
export class ComparePagesModule {}
