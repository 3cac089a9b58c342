import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { CommonModule } from '../../../common/common.module';
import { ApiRoutes } from './api-routes';
import { OpenApi } from './open-api';
import { ReferenceController } from './reference.controller';
import { ApiStartController } from './start.controller';

/** Where the API begins, its OpenAPI document, and the page about it. */
@Module({
  imports: [CommonModule, DiscoveryModule],
  controllers: [ApiStartController, ReferenceController],
  providers: [ApiRoutes, OpenApi],
})
export class ApiDescriptionModule {}
