import { Module } from '@nestjs/common';
import { CommonModule } from '../../../common/common.module';
import { AccountsModule } from '../../accounts/accounts.module';
import { ExportModule } from '../../export/export.module';
import { ApiAccountController } from './account.controller';
import { ApiTokensController } from './tokens.controller';

/** Accounts and their tokens, for programs. */
@Module({ imports: [CommonModule, AccountsModule, ExportModule], controllers: [ApiAccountController, ApiTokensController] })
export class ApiAccountModule {}
