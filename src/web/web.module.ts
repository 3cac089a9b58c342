import { Module } from '@nestjs/common';
import { CommonModule } from '../common/common.module';
import { AccountsModule } from './accounts/accounts.module';
import { HealthModule } from './health/health.module';
import { HttpModule } from './http/http.module';

/** The web process: one module per page family. A list: no logic here. */
@Module({
  imports: [CommonModule, HttpModule, HealthModule, AccountsModule],
})
export class WebModule {}
