import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { optionOf, type Typed } from '../command-line';
import { connect, type Command, type Workbench } from '../command';
import { Connection } from '../connection';
import { addressOf } from '../credentials';
import { EXIT, misuse } from '../failures';

interface Start {
  product: string;
  person: { displayName: string } | null;
}

/** `login <address>`: keeps a token for it, which is made with address and password, or brought along. */
export const LOGIN: Command = {
  options: { '--email': true, '--password-stdin': false, '--token-stdin': false, '--name': true, '--days': true, '--scopes': true },
  run: async (typed, bench) => {
    const [typedSite, ...more] = typed.words;
    if (typedSite === undefined || more.length > 0) throw misuse('login needs the address of one Showrunner, such as http://lab1:8080.');
    const site = addressOf(typedSite);
    const token = typed.options.has('--token-stdin') ? await line() : await makeToken(site, typed, bench);
    const account = await new Connection(site, token).get<{ email: string | null; displayName: string }>('/account');
    bench.credentials.keep(site, { token, email: account.email ?? account.displayName });
    bench.console.result({ site, ...account }, `Logged in at ${site} as ${account.email ?? account.displayName}.`);
    return EXIT.ok;
  },
};

/** `logout`: revokes the token and forgets it. */
export const LOGOUT: Command = {
  options: {},
  run: async (_typed, bench) => {
    const { site } = bench.credentials.choose(bench.site);
    const connection = connect(bench);
    await connection.ask('DELETE', '/tokens/current').catch((error: unknown) => {
      bench.console.say(`The token could not be revoked: ${(error as Error).message}`);
    });
    bench.credentials.forget(site);
    bench.console.result({ site }, `Logged out at ${site}.`);
    return EXIT.ok;
  },
};

async function makeToken(site: string, typed: Typed, { console }: Workbench): Promise<string> {
  const connection = new Connection(site, null);
  const { product } = await connection.get<Start>('');
  if (product !== 'showrunner') throw misuse(`At ${site} is no Showrunner.`);
  const email = optionOf(typed, '--email') ?? (await console.ask('Email'));
  const password = typed.options.has('--password-stdin') ? await line() : await console.ask('Password', { hidden: true });
  const scopes = optionOf(typed, '--scopes')?.split(',');
  const days = optionOf(typed, '--days');
  const order = {
    email,
    password,
    name: optionOf(typed, '--name') ?? `showrunner on ${hostname()}`.slice(0, 100),
    ...(scopes ? { scopes } : {}),
    ...(days === undefined ? {} : { days: Number(days) }),
  };
  return (await connection.post<{ key: string }>('/tokens', order)).key;
}

/** Never from the command line, where everybody on the machine could read it. */
async function line(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n[^]*$/, '');
}
