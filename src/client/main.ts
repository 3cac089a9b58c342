import type { Command } from './command';
import { optionOf, readWords } from './command-line';
import { GET } from './commands/get';
import { LOGIN, LOGOUT } from './commands/login';
import { PROJECTS } from './commands/projects';
import { PUT } from './commands/put';
import { RUN } from './commands/run';
import { SCHEDULES } from './commands/schedules';
import { CANCEL, LOG, PIPELINES, QUEUE, STATUS } from './commands/watch';
import { Console } from './console';
import { Credentials } from './credentials';
import { readEnvironment, type Environment } from './environment';
import { ClientError, EXIT, misuse } from './failures';
import { HELP } from './help';

const COMMANDS: Record<string, Command> = {
  login: LOGIN,
  logout: LOGOUT,
  projects: PROJECTS,
  pipelines: PIPELINES,
  put: PUT,
  get: GET,
  run: RUN,
  status: STATUS,
  log: LOG,
  cancel: CANCEL,
  queue: QUEUE,
  schedules: SCHEDULES,
};

/** Carries out one command. @param words as typed behind `showrunner`. @returns the exit status. */
export async function main(words: readonly string[], environment: Environment = readEnvironment()): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || words.includes('--help')) {
    process.stdout.write(HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const console = new Console(rest.includes('--json'), rest.includes('--quiet'));
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw misuse(`There is no command ${name}.`);
    const typed = readWords(rest, command.options);
    return await command.run(typed, { console, credentials: new Credentials(environment), site: optionOf(typed, '--site') });
  } catch (error) {
    console.clear();
    const isOurs = error instanceof ClientError;
    const sentence = isOurs ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(console.isJson ? `${JSON.stringify(problemOf(error))}\n` : `${sentence}\n`);
    return isOurs ? error.status : EXIT.failed;
  }
}

/** For scripts that read standard error. */
function problemOf(error: unknown): object {
  const { message } = error as Error;
  return { error: { message, ...('problem' in (error as object) ? { problem: (error as { problem: unknown }).problem } : {}) } };
}
