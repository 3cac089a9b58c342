import { Module } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { CommonModule } from '../../common/common.module';
import { ExternalChecksModule } from '../../common/external-users/external-checks.module';
import { InstituteModule } from '../institute/institute.module';
import { AfterAnswer } from '../http/after-answer';
import { SealedCookies } from '../http/sealed-cookies';
import { RateLimitsModule } from '../http/rate-limits.module';
import { AccountChanges } from './account-changes';
import { AccountController } from './account.controller';
import { AccountPage } from './account-page.view';
import { AccountSessions } from './account-sessions';
import { AccountSessionsController } from './account-sessions.controller';
import { AddressChange } from './address-change';
import { PasswordPrompt } from './password-prompt';
import { AccountsController } from './accounts.controller';
import { Arrival } from './arrival';
import { Confirmation } from './confirmation';
import { Entry } from './entry';
import { Farewell } from './farewell';
import { FarewellController } from './farewell.controller';
import { ForgotController } from './forgot.controller';
import { Identification } from './identification';
import { IdentitiesController } from './institute/identities.controller';
import { AccountIdentities } from './institute/account-identities';
import { BackChannelController } from './institute/back-channel.controller';
import { ConnectionMails } from './institute/connection-mails';
import { InstituteAccounts } from './institute/institute-accounts';
import { InstituteDesk } from './institute/institute-desk';
import { InstituteGate } from './institute/institute-gate';
import { InstituteNewcomers } from './institute/institute-newcomers';
import { Join } from './institute/join';
import { JoinController } from './institute/join.controller';
import { JoinPage } from './institute/join-page.view';
import { LeftController } from './institute/left.controller';
import { LogOutsThere } from './institute/log-outs-there';
import { OidcController } from './institute/oidc.controller';
import { ProxyController } from './institute/proxy.controller';
import { LinkUse } from './link-use';
import { LinksController } from './links.controller';
import { GuestsWhoLogIn } from './guests-who-log-in';
import { LocalStrategy } from './local.strategy';
import { LogIn } from './log-in';
import { Newcomers } from './newcomers';
import { PasswordChange } from './password-change';
import { SignUp } from './sign-up';
import { SignUpController } from './sign-up.controller';
import { SignUpRule } from './sign-up-rule';

/** Who people are: sign up, log in, log out, enter as guest, and the links that mails about accounts hold. */
@Module({
  imports: [CommonModule, ExternalChecksModule, InstituteModule, PassportModule, RateLimitsModule],
  controllers: [
    AccountsController,
    SignUpController,
    ForgotController,
    LinksController,
    AccountController,
    AccountSessionsController,
    FarewellController,
    BackChannelController,
    OidcController,
    ProxyController,
    JoinController,
    LeftController,
    IdentitiesController,
  ],
  providers: [
    AfterAnswer,
    Arrival,
    Entry,
    Identification,
    SealedCookies,
    AccountIdentities,
    ConnectionMails,
    InstituteAccounts,
    InstituteDesk,
    InstituteGate,
    InstituteNewcomers,
    Join,
    JoinPage,
    LogOutsThere,
    GuestsWhoLogIn,
    Confirmation,
    Newcomers,
    SignUp,
    SignUpRule,
    LogIn,
    LocalStrategy,
    PasswordChange,
    LinkUse,
    PasswordPrompt,
    AddressChange,
    AccountChanges,
    AccountSessions,
    AccountPage,
    Farewell,
  ],
  exports: [AccountChanges, Confirmation, Farewell, LogIn, PasswordChange],
})
export class AccountsModule {}
