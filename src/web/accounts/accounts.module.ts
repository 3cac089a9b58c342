import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { CommonModule } from '../../common/common.module';
import { RateLimits } from '../http/rate-limits';
import { AccountsController } from './accounts.controller';
import { LocalStrategy } from './local.strategy';
import { LogIn } from './log-in';
import { Newcomers } from './newcomers';

/** Who people are: sign up, log in, log out, enter as guest. */
@Module({
  imports: [CommonModule, PassportModule],
  controllers: [AccountsController],
  providers: [RateLimits, Newcomers, LogIn, LocalStrategy],
})
export class AccountsModule {}
