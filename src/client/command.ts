import type { Typed } from './command-line';
import { Connection } from './connection';
import type { Console } from './console';
import type { Credentials } from './credentials';

/** With what a command works. */
export interface Workbench {
  console: Console;
  credentials: Credentials;
  /** As it was typed; undefined: the one of the last log-in. */
  site: string | undefined;
}

export interface Command {
  /** Options beside those that all have; true for those that take a value. */
  options: Readonly<Record<string, boolean>>;
  /** @returns the exit status. */
  run: (typed: Typed, bench: Workbench) => Promise<number>;
}

/** The installation of the last log-in, or the one that was named. @throws ClientError for whoever has not logged in. */
export function connect({ console: screen, credentials, site }: Workbench): Connection {
  const chosen = credentials.choose(site);
  return new Connection(chosen.site, chosen.token, (seconds) =>
    screen.say(`${chosen.site} asks to be asked less often: this goes on in ${seconds} s.`),
  );
}
