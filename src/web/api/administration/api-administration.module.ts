import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { ApiOperationsController } from './operations.controller';
import { ApiPeopleController } from './people.controller';

/** What administrators do, for their programs. */
@Module({ imports: [CommonModule], controllers: [ApiPeopleController, ApiOperationsController] })
export class ApiAdministrationModule {}
