import { Module } from '@nestjs/common';
import { AccountLinksModule } from '../account-links/account-links.module';
import { FilesModule } from '../files/files.module';
import { UsersModule } from '../users/users.module';
import { AccountAddress } from './account-address';

/** What hangs on the address of an account. */
@Module({ imports: [AccountLinksModule, FilesModule, UsersModule], providers: [AccountAddress], exports: [AccountAddress] })
export class AccountAddressModule {}
