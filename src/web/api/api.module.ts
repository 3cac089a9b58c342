import { Module } from '@nestjs/common';
import { ApiAccountModule } from './account/api-account.module';
import { ApiAdministrationModule } from './administration/api-administration.module';
import { ApiDescriptionModule } from './description/api-description.module';
import { ApiFilesModule } from './files/api-files.module';
import { ApiProjectsModule } from './projects/api-projects.module';
import { ApiRunsModule } from './runs/api-runs.module';
import { ApiSchedulesModule } from './schedules/api-schedules.module';
import { ApiSharingModule } from './sharing/api-sharing.module';

/** What programs use: one module per part of the API. A list: no logic here. */
@Module({
  imports: [
    ApiAccountModule,
    ApiAdministrationModule,
    ApiDescriptionModule,
    ApiFilesModule,
    ApiProjectsModule,
    ApiRunsModule,
    ApiSchedulesModule,
    ApiSharingModule,
  ],
})
export class ApiModule {}
