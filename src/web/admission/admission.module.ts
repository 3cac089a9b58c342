import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { AdmissionLimits } from './admission-limits';
import { Requeue } from './requeue';
import { RunAdmission } from './run-admission';

@Module({ imports: [CommonModule, AccessModule], providers: [AdmissionLimits, Requeue, RunAdmission], exports: [Requeue, RunAdmission] })
export class AdmissionModule {}
