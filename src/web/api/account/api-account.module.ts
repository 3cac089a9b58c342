import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccountsModule } from '../../accounts/accounts.module';
import { ExportModule } from '../../export/export.module';
import { SpacePagesModule } from '../../space/space-pages.module';
import { ApiAccountController } from './account.controller';
import { ApiSpaceController } from './space.controller';
import { ApiTokensController } from './tokens.controller';

/** Accounts, what uses their space, and their tokens, for programs. */
@Module({
  imports: [CommonModule, AccountsModule, ExportModule, SpacePagesModule],
  controllers: [ApiAccountController, ApiSpaceController, ApiTokensController],
})
export class ApiAccountModule {}
