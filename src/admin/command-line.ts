import { text } from 'node:stream/consumers';
import { StartupError } from '../common/errors';
import type { AccountCommands } from './account-commands';

const EXIT_USAGE = 64;

/** One command with its words; gives the text to print. */
export type Command = (commands: AccountCommands) => Promise<string>;

/** @param words as typed after `node dist/admin`. @throws StartupError that says what is wrong with them. */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words;
  const fromStdin = rest.includes('--stdin');
  const unknown = rest.find((word) => word.startsWith('-') && (word !== '--stdin' || name !== 'reset-password'));
  if (unknown !== undefined) throw misuse(`There is no option ${unknown}.`);
  const [email, ...more] = rest.filter((word) => !word.startsWith('-'));
  if (name === 'list-users' && email === undefined) return (commands) => commands.listUsers();
  if (name !== 'make-admin' && name !== 'reset-password') throw misuse(unknownCommand(name));
  if (email === undefined || more.length > 0) throw misuse(`${name} needs one email address.`);
  if (name === 'make-admin') return (commands) => commands.makeAdmin(email);
  return async (commands) => commands.resetPassword(email, fromStdin ? await readLine() : undefined);
}

function unknownCommand(name: string | undefined): string {
  if (name === undefined) return 'Say what to do.';
  return name === 'list-users' ? 'list-users takes no words.' : `There is no command ${name}.`;
}

/** The line without its end; a file of one line often has none. */
async function readLine(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n[^]*$/, '');
}

function misuse(sentence: string): StartupError {
  return new StartupError(`${sentence} "node dist/admin --help" explains the commands.`, EXIT_USAGE);
}
