import { Injectable } from '@nestjs/common';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { isFinal, type RunState } from '../../common/queue/run-state';
import type { Run, RunDetails } from '../../common/queue/run.entity';
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
  /** How many of the latest are listed where there are more; 0 where there are not. */
  shownOfMore: number;
  /** How many of the latest were searched where there are older ones; 0 where all were. */
  searched: number;
}

const MOST_CHOICES = 60;
/** As far back as words are looked for. */
const SEARCHED = 500;
/** Of a run, in characters. */
const MOST_SEARCHED_WORDS = 4000;

/** Runs of a project that have ended, from which those are chosen that are compared. */
@Injectable()
export class RunsToChoose {
  constructor(
    private readonly runs: RunsRepository,
    private readonly projectRuns: ProjectRunsRepository,
  ) {}

  /** @param words all of which the number, the pipeline, the state or the values must hold. @param compared stay on the list in any case. */
  async of(project: Project, words: string, compared: readonly Run[]): Promise<RunChoices> {
    const chosen = compared
      .filter(({ projectId, state }) => projectId === project.id && isFinal(state))
      .sort((one, other) => other.id - one.id);
    const isChosen = new Set(chosen.map(({ id }) => id));
    const sought = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const most = sought.length === 0 ? MOST_CHOICES + chosen.length : SEARCHED;
    const ended = await this.runs.endedOfProject(project.id, most + 1);
    const others = ended.slice(0, most).filter(({ id }) => !isChosen.has(id));
    const found = sought.length === 0 ? others : await this.search(others, sought);
    const listed = [...chosen, ...found.slice(0, MOST_CHOICES)];
    const details = new Map((await this.runs.detailsOf(listed.map(({ id }) => id))).map((one) => [one.runId, one]));
    return {
      list: listed.map((run) => choiceOf(run, details.get(run.id), isChosen)),
      words,
      shownOfMore: found.length > MOST_CHOICES || (sought.length === 0 && ended.length > most) ? Math.min(found.length, MOST_CHOICES) : 0,
      searched: sought.length > 0 && ended.length > most ? SEARCHED : 0,
    };
  }

  /** Fields are called as the latest of the runs of a pipeline calls them: of each run only the values are read. */
  private async search(runs: readonly Run[], sought: readonly string[]): Promise<Run[]> {
    const latest = new Map(runs.toReversed().map(({ pipelineId, id }) => [pipelineId, id]));
    const [values, details] = await Promise.all([
      this.projectRuns.parametersOf(runs.map(({ id }) => id)),
      this.projectRuns.detailsOf([...latest.values()]),
    ]);
    return runs.filter((run) => {
      const { id, pipelineId, pipelineTitle, state } = run;
      const manifest = details.get(latest.get(pipelineId) ?? 0)?.manifest ?? {};
      const all = summariseParameters({ parameters: values.get(id) ?? {}, manifest }).all.slice(0, MOST_SEARCHED_WORDS);
      const said = `#${id} ${pipelineTitle} ${titleInReadersWords(run)} ${stateWord(state)} ${all}`.toLocaleLowerCase();
      return sought.every((word) => said.includes(word));
    });
  }
}

function choiceOf(run: Run, details: RunDetails | undefined, chosen: ReadonlySet<number>): RunChoice {
  const { id, state, finishedMs, requestedMs } = run;
  const title = titleInReadersWords(run);
  const values = details ? summariseParameters(details).short : '';
  return { id, title, state, values, atMs: finishedMs ?? requestedMs, isChosen: chosen.has(id) };
}
