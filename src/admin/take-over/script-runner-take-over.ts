import { Injectable } from '@nestjs/common';
import { AuditTrail, thisProgram } from '../../common/audit/audit-trail';
import { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import { EXIT_DATA } from '../../common/exit-status';
import { Journal, JournalView } from './journal';
import type { TakeOverOptions } from './options';
import { requireOwnUser } from './own-user';
import { PeopleTaking } from './people-taking';
import { Planner } from './planner';
import { printable, remarksOf } from './report';
import { readScriptRunner, type ScriptRunner } from './script-runner';
import { endedOf, requireStill, ScriptRunnerTaking } from './script-runner-taking';

/** Takes over people and history of ScriptRunner. Its scripts, inbox and outbox are settings here. */
@Injectable()
export class ScriptRunnerTakeOver {
  constructor(
    private readonly config: AppConfig,
    private readonly planner: Planner,
    private readonly people: PeopleTaking,
    private readonly jobs: ScriptRunnerTaking,
    private readonly audit: AuditTrail,
  ) {}

  /** @param conf its file of settings. @returns the text to print. */
  async run(conf: string, options: TakeOverOptions): Promise<string> {
    if (options.mode === 'undo')
      throw new StartupError('Of ScriptRunner there is nothing to undo: no folder was moved. Delete the projects.', EXIT_DATA);
    const old = readScriptRunner(conf);
    return options.mode === 'go' ? this.go(old, options) : this.look(old, options);
  }

  private async look(old: ScriptRunner, options: TakeOverOptions): Promise<string> {
    const { people, remarks } = await this.planOf(old, options, JournalView.read(this.config.settings.DATA_DIR));
    const running = old.jobs.filter(({ status }) => status === 'Started').length;
    const next = running > 0 ? `${running} jobs run there: let them end first.` : 'Stop its server, and say the same with --go.';
    return [overview(old, people.length), ...remarksOf(remarks, options.all), `Nothing was changed. ${next}`].join('\n\n');
  }

  private async go(old: ScriptRunner, options: TakeOverOptions): Promise<string> {
    requireStill(old);
    requireOwnUser(this.config.settings.DATA_DIR);
    const journal = Journal.open(this.config.settings.DATA_DIR);
    try {
      const { people, remarks } = await this.planOf(old, options, journal);
      const { accounts, made } = await this.people.takeAll(people, old.database, journal);
      const { runs, results, stay } = await this.jobs.takeJobs(old, accounts, journal);
      const details = { people: made, ended: runs, results };
      this.audit.note({ actor: thisProgram('shell'), action: 'site.takeOver', object: { kind: 'site', name: old.conf }, details });
      const done = `Taken over: ${made} people got an account; ${runs} ended runs came, ${results} results came out of the outbox.`;
      const left = stay.length === 0 ? [] : [`Stays there\n${stay.map((line) => `  ${printable(line)}`).join('\n')}`];
      return [overview(old, people.length), ...remarksOf(remarks, options.all), ...left, done].join('\n\n');
    } finally {
      journal.close();
    }
  }

  private async planOf(old: ScriptRunner, options: TakeOverOptions, journal: JournalView) {
    const plan = await this.planner.planPeople({ users: old.users, source: old.database }, options, journal);
    for (const { id, script, requester, params } of old.jobs.filter(({ status }) => status === 'New')) {
      const values = params.map(([name, value]) => `${name}=${value}`).join(' ');
      plan.remarks.push({ level: 'again', kind: 'again', sentence: `Job ${id} of ${requester}: ${script} ${values}` });
    }
    return plan;
  }
}

function overview(old: ScriptRunner, people: number): string {
  return [
    'ScriptRunner',
    `  settings   ${old.conf}`,
    `  database   ${old.database}`,
    `  outbox     ${old.outbox ?? 'not there'}`,
    '',
    'To be taken over',
    `  people     ${people} of ${old.users.rows.length}`,
    `  runs       ${endedOf(old).length} ended, in a project “ScriptRunner” of each person`,
  ].join('\n');
}
