import { Module } from '@nestjs/common';
import { ApiDescriptionModule } from './description/api-description.module';
import { ApiRunsModule } from './runs/api-runs.module';

/** What programs use: one module per part of the API. A list: no logic here. */
@Module({ imports: [ApiDescriptionModule, ApiRunsModule] })
export class ApiModule {}
