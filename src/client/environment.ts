import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the shell says; the only place of the client that reads it. */
export interface Environment {
  /** Address of the installation, over the one of the last log-in. */
  site: string | undefined;
  /** A token, over those that are kept. */
  token: string | undefined;
  /** Where tokens are kept. */
  credentialsFile: string;
}

export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const { SHOWRUNNER_SITE, SHOWRUNNER_TOKEN, SHOWRUNNER_CREDENTIALS, XDG_CONFIG_HOME } = variables;
  const folder = XDG_CONFIG_HOME || join(homedir(), '.config');
  return {
    site: SHOWRUNNER_SITE || undefined,
    token: SHOWRUNNER_TOKEN || undefined,
    credentialsFile: SHOWRUNNER_CREDENTIALS || join(folder, 'showrunner', 'credentials.json'),
  };
}
