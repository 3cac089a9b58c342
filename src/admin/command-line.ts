import { text } from 'node:stream/consumers';
import type { RunnerMode } from '../common/queue/runner-mode';
import { AccountCommands } from './account-commands';
import { CleanerCommands } from './cleaner-commands';
import { MailCommands } from './mail-commands';
import { AuditCommands } from './audit-commands';
import { audited } from './command-deeds';
import { AddressCommands } from './address-commands';
import { DiskCommands } from './disk-commands';
import { GroupCommands } from './group-commands';
import { PipelineCommands } from './pipeline-commands';
import { PeopleCommands } from './people-commands';
import { QueueCommands } from './queue-commands';
import { RunnerCommands } from './runner-commands';
import { SteeringCommands } from './steering-commands';
import { parseTokenRevoke, parseTokens } from './token-words';
import { misuse, runNumber, type Command, type Rule, type Typed } from './typed-words';
import { parseOptions } from './take-over/options';
import { scriptRunnerAt } from './take-over/script-runner';
import { ScriptRunnerTakeOver } from './take-over/script-runner-take-over';
import { TakeOver } from './take-over/take-over';

const RULES: Record<string, Rule> = {
  'make-admin': { options: [], parse: (typed) => ofEmail(typed, (email) => (context) => context.get(PeopleCommands).makeAdmin(email)) },
  'unmake-admin': { options: [], parse: (typed) => ofEmail(typed, (email) => (context) => context.get(PeopleCommands).unmakeAdmin(email)) },
  suspend: { options: [], parse: parseSuspend },
  unsuspend: { options: [], parse: (typed) => ofEmail(typed, (email) => (context) => context.get(PeopleCommands).unsuspend(email)) },
  quota: { options: [], parse: parseQuota },
  'reset-password': { options: ['--stdin'], parse: parseReset },
  confirm: { options: [], parse: (typed) => ofEmail(typed, (email) => (context) => context.get(AddressCommands).confirm(email)) },
  'change-address': { options: [], parse: parseChange },
  'reset-link': { options: [], parse: (typed) => withEmail(typed, (commands, email) => commands.resetLink(email)) },
  invite: { options: [], parse: (typed) => withEmail(typed, (commands, email) => commands.invite(email)) },
  'keep-account': { options: [], parse: (typed) => withEmail(typed, (commands, email) => commands.keepAccount(email)) },
  'list-users': { options: [], parse: (typed) => alone(typed, (context) => context.get(AccountCommands).listUsers()) },
  tokens: { options: [], parse: parseTokens },
  'tokens-revoke': { options: ['--all'], parse: parseTokenRevoke },
  groups: { options: [], parse: (typed) => alone(typed, (context) => context.get(GroupCommands).list()) },
  'group-add': { options: [], parse: (typed) => withGroup(typed, 0, (commands, group, who) => commands.add(group, who)) },
  'group-remove': { options: [], parse: (typed) => withGroup(typed, 1, (commands, group, who) => commands.remove(group, who)) },
  'group-delete': { options: [], parse: parseGroupDelete },
  pipelines: { options: [], parse: (typed) => alone(typed, (context) => context.get(PipelineCommands).list()) },
  'pipeline-off': { options: ['--note'], valued: ['--note'], parse: parsePipelineOff },
  'pipeline-on': { options: [], parse: (typed) => withPipeline(typed, (commands, id) => commands.switchOn(id)) },
  'pipeline-access': { options: [], parse: (typed) => withPipeline(typed, (commands, id, words) => commands.access(id, words), true) },
  'pipeline-renamed': { options: [], parse: (typed) => withPipeline(typed, (commands, id, words) => commands.renamed(id, words), true) },
  'pipeline-gone': { options: [], parse: (typed) => withPipeline(typed, (commands, id) => commands.gone(id)) },
  disk: { options: [], parse: (typed) => alone(typed, (context) => context.get(DiskCommands).show()) },
  audit: { options: ['--since', '--person', '--csv'], valued: ['--since', '--person'], parse: parseAudit },
  runners: { options: [], parse: (typed) => alone(typed, (context) => context.get(RunnerCommands).list()) },
  pause: { options: ['--all'], parse: (typed) => withRunner(typed, 'paused') },
  drain: { options: ['--all'], parse: (typed) => withRunner(typed, 'draining') },
  resume: { options: ['--all'], parse: (typed) => withRunner(typed, 'active') },
  'remove-runner': { options: [], parse: parseRemoval },
  outbox: { options: [], parse: (typed) => alone(typed, (context) => context.get(MailCommands).list()) },
  'outbox-retry': { options: ['--all'], parse: parseRetry },
  'outbox-drop': { options: [], parse: (typed) => withMail(typed, (commands, id) => commands.drop(id)) },
  cleaner: { options: ['--days'], parse: parseCleaner },
  keep: { options: ['--until', '--for-ever', '--as-usual'], parse: parseKeep },
  queue: { options: [], parse: (typed) => alone(typed, (context) => context.get(QueueCommands).list()) },
  cancel: { options: ['--reason'], parse: parseCancel },
  lost: { options: [], parse: (typed) => withRun(typed, (commands, runId) => commands.declareLost(runId)) },
  front: { options: [], parse: (typed) => withRun(typed, (commands, runId) => commands.toFront(runId)) },
  back: { options: [], parse: (typed) => steered(typed, 'back') },
  move: { options: [], parse: parseMove },
  hold: { options: ['--all', '--reason'], parse: (typed) => steered(typed, 'hold') },
  release: { options: ['--all'], parse: (typed) => steered(typed, 'release') },
};

/** @param words as typed after `node dist/admin`. @throws StartupError that says what is wrong with them. */
export function parseCommand(words: readonly string[]): Command {
  const [name, ...rest] = words;
  if (name === undefined) throw misuse('Say what to do.');
  if (name === 'take-over') return takeOver(rest);
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  const options = new Map<string, string>();
  const plain: string[] = [];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index];
    if (!word.startsWith('-')) plain.push(word);
    else if (!rule?.options.includes(word)) throw misuse(`There is no option ${word}.`);
    else if (rule.valued?.includes(word)) options.set(word, rest[(index += 1)] ?? '');
    else options.set(word, '');
  }
  if (!rule) throw misuse(`There is no command ${name}.`);
  return audited(name, plain, [...options].flat().filter(Boolean), rule.parse({ name, words: plain, options }));
}

/** Names of all commands but take-over, which writes its own entries into the audit log. */
export const COMMAND_NAMES: readonly string[] = Object.keys(RULES);

/** Its options have values, unlike those of all others. */
function takeOver(words: readonly string[]): Command {
  const options = parseOptions(words);
  return (context) => {
    const conf = scriptRunnerAt(options.places);
    if (conf !== null) return context.get(ScriptRunnerTakeOver, { strict: false }).run(conf, options);
    return context.get(TakeOver, { strict: false }).run(options);
  };
}

function alone({ name, words }: Typed, command: Command): Command {
  if (words.length > 0) throw misuse(`${name} takes no words.`);
  return command;
}

function withEmail(typed: Typed, run: (commands: AccountCommands, email: string) => Promise<string>): Command {
  return ofEmail(typed, (email) => (context) => run(context.get(AccountCommands), email));
}

function ofEmail({ name, words }: Typed, commandOf: (email: string) => Command): Command {
  const [email, ...more] = words;
  if (email === undefined || more.length > 0) throw misuse(`${name} needs one email address.`);
  return commandOf(email);
}

function parseChange({ name, words }: Typed): Command {
  const [email, wanted, ...more] = words;
  if (email === undefined || wanted === undefined || more.length > 0)
    throw misuse(`${name} needs the address of an account, and the new one.`);
  return (context) => context.get(AddressCommands).changeAddress(email, wanted);
}

function parseSuspend({ words }: Typed): Command {
  const [email, ...why] = words;
  if (email === undefined || why.length === 0) throw misuse('suspend needs the address of an account, and the reason.');
  return (context) => context.get(PeopleCommands).suspend(email, why.join(' '));
}

function parseQuota({ words }: Typed): Command {
  const [email, ...changes] = words;
  if (email === undefined) throw misuse('quota needs the address of an account.');
  return (context) => context.get(PeopleCommands).quota(email, changes);
}

function parseAudit(typed: Typed): Command {
  const { options } = typed;
  const words = { since: options.get('--since'), person: options.get('--person'), isCsv: options.has('--csv') };
  return alone(typed, (context) => context.get(AuditCommands).print(words));
}

function parseReset(typed: Typed): Command {
  const fromStdin = typed.options.has('--stdin');
  return withEmail(typed, async (commands, email) => commands.resetPassword(email, fromStdin ? await readLine() : undefined));
}

/** @param least how many people have to be named. */
function withGroup(
  { name, words }: Typed,
  least: number,
  run: (commands: GroupCommands, group: string, who: string[]) => Promise<string>,
): Command {
  const [group, ...who] = words;
  if (group === undefined || who.length < least) throw misuse(`${name} needs the name of a group, and addresses of accounts.`);
  return (context) => run(context.get(GroupCommands), group, who);
}

function parseGroupDelete(typed: Typed): Command {
  if (typed.words.length !== 1) throw misuse('group-delete needs the name of one group.');
  return withGroup(typed, 0, (commands, group) => commands.delete(group));
}

/** @param takesMore whether words may follow the name. */
function withPipeline(
  { name, words }: Typed,
  run: (commands: PipelineCommands, id: string, words: string[]) => Promise<string>,
  takesMore = false,
): Command {
  const [id, ...more] = words;
  if (id === undefined || (more.length > 0 && !takesMore)) throw misuse(`${name} needs the name of one pipeline.`);
  return (context) => run(context.get(PipelineCommands), id, more);
}

/** Without a note, or with an empty one, it is off without a word. */
function parsePipelineOff(typed: Typed): Command {
  return withPipeline(typed, (commands, id) => commands.switchOff(id, typed.options.get('--note') ?? ''));
}

function withRunner({ name, words, options }: Typed, mode: RunnerMode): Command {
  const [runner, ...more] = words;
  const all = options.has('--all');
  if (more.length > 0 || (runner === undefined) !== all) throw misuse(`${name} needs the name of one runner, or --all.`);
  return (context) => context.get(RunnerCommands).setMode(runner ?? null, mode);
}

function withRun({ name, words }: Typed, run: (commands: QueueCommands, runId: number) => Promise<string>): Command {
  const [word, ...more] = words;
  const number = runNumber(word);
  if (number === null || more.length > 0) throw misuse(`${name} needs the number of one run.`);
  return (context) => run(context.get(QueueCommands), number);
}

/** `12`, or `12 --reason "one sentence"`. */
function parseCancel(typed: Typed): Command {
  const [word, reason] = takeReason(typed, 1);
  return withRun({ ...typed, words: word }, (commands, runId) => commands.cancel(runId, reason));
}

/** One run, or the whole queue. */
function steered(typed: Typed, steering: 'back' | 'hold' | 'release'): Command {
  const isAll = typed.options.has('--all');
  const [words, reason] = takeReason(typed, isAll ? 0 : 1);
  const number = runNumber(words[0]);
  const ways = steering === 'back' ? '' : ', or --all';
  if (words.length > 1 || (number === null) !== isAll || (isAll && words.length > 0))
    throw misuse(`${typed.name} needs the number of one run${ways}.`);
  if (number !== null) return (context) => context.get(SteeringCommands).steer(steering, number, reason);
  return (context) => (steering === 'hold' ? context.get(SteeringCommands).holdAll(reason) : context.get(SteeringCommands).letAllGo());
}

function parseMove({ name, words }: Typed): Command {
  const [runId, otherId] = [runNumber(words[0]), runNumber(words[2])];
  const side = words[1];
  if (words.length !== 3 || runId === null || otherId === null || (side !== 'before' && side !== 'after'))
    throw misuse(`${name} needs two runs, such as "${name} 15 before 12".`);
  return (context) => context.get(SteeringCommands).move(runId, side, otherId);
}

/** @param before words that stand before the reason. @returns the other words, and the reason; '' for none. */
function takeReason({ name, words, options }: Typed, before: number): [words: string[], reason: string] {
  if (!options.has('--reason')) return [words, ''];
  const reason = words[before];
  if (reason === undefined || reason.trim() === '' || words.length > before + 1)
    throw misuse(`${name} --reason needs one sentence in quotation marks.`);
  return [words.slice(0, before), reason];
}

function parseRemoval({ name, words }: Typed): Command {
  const [runner, ...more] = words;
  if (runner === undefined || more.length > 0) throw misuse(`${name} needs the name of one runner.`);
  return (context) => context.get(RunnerCommands).remove(runner);
}

/** Nothing, or `--days 7`. */
function parseCleaner({ name, words, options }: Typed): Command {
  const days = options.has('--days') ? runNumber(words[0]) : 0;
  if (days === null || days > 365 || words.length !== options.size)
    throw misuse(`${name} takes no words but --days with a number up to 365.`);
  return (context) => context.get(CleanerCommands).preview(days);
}

/** `12 --until 2027-03-31`, `<project> --for-ever`, `12 --as-usual`. */
function parseKeep({ name, words, options }: Typed): Command {
  const [what, until, ...more] = words;
  const [option] = [...options.keys()];
  const isDate = option === '--until';
  if (what === undefined || options.size !== 1 || more.length > 0 || isDate !== (until !== undefined))
    throw misuse(`${name} needs a run or a project, and --until with a day such as 2027-03-31, --for-ever or --as-usual.`);
  const wish = option === '--for-ever' ? 'forEver' : option === '--as-usual' ? 'asUsual' : { until: until ?? '' };
  return (context) => context.get(CleanerCommands).keep(what, wish);
}

function parseRetry(typed: Typed): Command {
  if (!typed.options.has('--all')) return withMail(typed, (commands, id) => commands.retry(id));
  return alone(typed, (context) => context.get(MailCommands).retry(null));
}

function withMail({ name, words }: Typed, run: (commands: MailCommands, id: number) => Promise<string>): Command {
  const id = runNumber(words[0]);
  if (id === null || words.length > 1) throw misuse(`${name} needs the number of one mail, as "outbox" lists it.`);
  return (context) => run(context.get(MailCommands), id);
}

/** The line without its end; a file of one line often has none. */
async function readLine(): Promise<string> {
  return (await text(process.stdin)).replace(/\r?\n[^]*$/, '');
}
