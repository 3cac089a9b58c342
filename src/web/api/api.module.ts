import { Module } from '@nestjs/common';
import { ApiDescriptionModule } from './description/api-description.module';

/** What programs use: one module per part of the API. A list: no logic here. */
@Module({ imports: [ApiDescriptionModule] })
export class ApiModule {}
