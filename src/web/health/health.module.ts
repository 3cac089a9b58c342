import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { HealthController } from './health.controller';
import { Readiness } from './readiness';

@Module({ imports: [CommonModule], controllers: [HealthController], providers: [Readiness] })
export class HealthModule {}
