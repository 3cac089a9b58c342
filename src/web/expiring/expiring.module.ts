import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { AccessModule } from '../http/access/access.module';
import { ExpiringController } from './expiring.controller';

/** Where mails about deletions lead. */
@Module({ imports: [CommonModule, AccessModule], controllers: [ExpiringController] })
export class ExpiringModule {}
