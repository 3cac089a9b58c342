import { Injectable } from '@nestjs/common';
import { AccountAddress } from '../common/account-address/account-address';
import { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';
import { EXIT_DATA } from '../common/exit-status';
import { isDemo, isDemoName } from '../common/users/demo';
import { parseEmail } from '../common/users/email-address';
import { AccountFinder } from './account-finder';

/** What an administrator does to the addresses of accounts from the shell. Each command returns the text to print. */
@Injectable()
export class AddressCommands {
  constructor(
    private readonly finder: AccountFinder,
    private readonly addresses: AccountAddress,
    private readonly config: AppConfig,
  ) {}

  /** For somebody whom the mail with the link does not reach. */
  async confirm(email: string): Promise<string> {
    const account = await this.finder.find(email);
    await this.addresses.confirm(account.id, account.email ?? '');
    return `${account.email} counts as confirmed now.`;
  }

  /** For somebody whom no mail reaches: the new address counts as confirmed. @throws StartupError when somebody else has it. */
  async changeAddress(email: string, entered: string): Promise<string> {
    const account = await this.finder.find(email);
    await this.finder.requireOwn(account, 'address');
    const wanted = parseEmail(entered);
    if (!(await this.addresses.change(account, wanted))) throw new StartupError(`${wanted} has an account already.`, EXIT_DATA);
    const [was, is] = [isDemo(this.config, account), isDemoName(this.config, wanted)];
    const demo = was === is ? '' : ` ${is ? 'It is' : 'It is no longer'} a demo account: DEMO_USERLIST names accounts by their address.`;
    return `${account.email} is ${wanted} now.${demo}`;
  }
}
