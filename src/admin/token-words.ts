import { TokenCommands } from './token-commands';
import { misuse, type Command, type Typed } from './typed-words';

/** Nothing, or one account. */
export function parseTokens({ words }: Typed): Command {
  const [email, ...more] = words;
  if (more.length > 0) throw misuse('tokens takes at most the address of one account.');
  return (context) => context.get(TokenCommands).list(email);
}

/** One token, or `--all` of an account. */
export function parseTokenRevoke({ words, options }: Typed): Command {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0)
    throw misuse('tokens-revoke needs how one token begins, as "tokens" lists it; or --all and the address of an account.');
  return (context) => (options.has('--all') ? context.get(TokenCommands).revokeAll(word) : context.get(TokenCommands).revoke(word));
}
