import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { TokensPage } from './tokens-page.view';
import { TokensController } from './tokens.controller';

/** Tokens for programs. */
@Module({ imports: [CommonModule], controllers: [TokensController], providers: [TokensPage] })
export class TokenPagesModule {}
