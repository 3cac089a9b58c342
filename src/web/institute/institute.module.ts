import { Module } from '@nestjs/common';
import { CommonModule } from '../../common/common.module';
import { LdapDirectory } from './ldap-directory';
import { LogOutTokens } from './log-out-tokens';
import { OidcProvider } from './oidc-provider';

const SHARED = [LdapDirectory, LogOutTokens, OidcProvider];

/** How systems of the institute say who somebody is. */
@Module({ imports: [CommonModule], providers: SHARED, exports: SHARED })
export class InstituteModule {}
