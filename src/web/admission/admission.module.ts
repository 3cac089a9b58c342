import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { Requeue } from './requeue';
import { RunAdmission } from './run-admission';

@Module({ imports: [CommonModule], providers: [Requeue, RunAdmission], exports: [Requeue, RunAdmission] })
export class AdmissionModule {}
