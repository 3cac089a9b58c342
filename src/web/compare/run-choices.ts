import { Injectable } from '@nestjs/common';
import type { Project } from '../../common/projects/project.entity';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { summariseParameters } from '../queue/parameter-summary';
import { stateWord } from '../views/elements';

/** A run that may be chosen. */
export interface RunChoice {
  id: number;
  title: string;
  state: RunState;
  /** Its values in one line; '' for none. */
  values: string;
  atMs: number;
  isChosen: boolean;
}

export interface RunChoices {
  /** Those that are chosen, then the latest. */
  list: RunChoice[];
  /** What was sought; '' for nothing. */
  words: string;
  /** Whether there are more than these. */
  isCut: boolean;
}

const MOST_CHOICES = 60;
/** As far back as words are looked for. */
const SEARCHED = 500;

/** Runs of a project that have ended, from which those are chosen that are compared. */
@Injectable()
export class RunsToChoose {
  constructor(private readonly runs: RunsRepository) {}

  /** @param words all of which the number, the pipeline, the state or the values must hold. @param chosen stay on the list in any case. */
  async of(project: Project, words: string, chosen: readonly number[]): Promise<RunChoices> {
    const ended = await this.runs.endedOfProject(project.id, words === '' ? MOST_CHOICES + 1 : SEARCHED);
    const details = new Map((await this.runs.detailsOf(ended.map(({ id }) => id))).map((one) => [one.runId, one]));
    const all = ended.map((run) => choiceOf(run, details.get(run.id), chosen));
    const sought = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter(({ isChosen, run, values }) => {
      const said = `#${run.id} ${run.pipelineTitle} ${stateWord(run.state)} ${values}`.toLocaleLowerCase();
      return !isChosen && sought.every((word) => said.includes(word));
    });
    const list = [...all.filter(({ isChosen }) => isChosen), ...found.slice(0, MOST_CHOICES)];
    return { list: list.map(({ run: _run, ...choice }) => choice), words, isCut: found.length > MOST_CHOICES };
  }
}

function choiceOf(run: Run, details: Parameters<typeof summariseParameters>[0] | undefined, chosen: readonly number[]) {
  const { id, pipelineTitle: title, state, finishedMs, requestedMs } = run;
  const values = details ? summariseParameters(details).short : '';
  return { run, id, title, state, values, atMs: finishedMs ?? requestedMs, isChosen: chosen.includes(id) } satisfies RunChoice & {
    run: Run;
  };
}
