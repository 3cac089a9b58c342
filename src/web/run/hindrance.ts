import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import type { Need } from '../../common/pipelines/needs';
import type { RunnerStanding } from '../../common/queue/runners.repository';
import type { Obstacle, Resource } from '../../common/waiting/waiting-reason';
import { reasonInWords } from '../../common/waiting/waiting-words';
import { formatList } from '../../locales/formats';
import { text } from '../../locales/text';
import { holdAlarm, noRunnerAlarm, sinceOf, type Alarm } from '../queue/alarm';

/** What the form says of an obstacle before anybody has asked for a run, and what helps. @param runners all that were ever seen. */
export function hindrance(obstacle: Obstacle, manifest: Manifest, runners: readonly RunnerStanding[], isAdmin: boolean): Alarm {
  const cannot = text('run.cannotRunNow');
  if (obstacle.kind === 'noRunner') {
    const alarm = noRunnerAlarm(isAdmin, obstacle.last, runners);
    return { ...alarm, heading: cannot, detail: alarm.heading };
  }
  if (obstacle.kind === 'queueOnHold') return holdAlarm(obstacle.hold, isAdmin);
  const isOfValues = obstacle.kind === 'size' || obstacle.kind === 'sizeTogether';
  return {
    heading: isOfValues ? text('run.wouldWait') : cannot,
    detail: reasonInWords(obstacle, false, true),
    help: helpOf(obstacle, manifest, isAdmin),
    runs: [],
    isForAdministrator: isAdmin,
    since: sinceOf(obstacle, runners, isAdmin),
  };
}

function helpOf(obstacle: Exclude<Obstacle, { kind: 'noRunner' | 'queueOnHold' }>, manifest: Manifest, isAdmin: boolean): string {
  switch (obstacle.kind) {
    case 'engine': {
      const { engine, last } = obstacle;
      if (!isAdmin) return text('run.wouldWaitEngine');
      return last ? text('run.wouldWaitEngineGoneAdmin', { engine, runner: last.name }) : text('run.wouldWaitEngineAdmin', { engine });
    }
    case 'nobodyTakes':
      return isAdmin ? text('run.wouldWaitNobodyAdmin', { count: obstacle.runners.length }) : text('run.wouldWaitNobody');
    case 'size':
    case 'sizeTogether': {
      const fields = fieldsBehind(manifest, obstacle.kind === 'size' ? [obstacle.resource] : ['cpu', 'memory', 'gpus']);
      if (fields === '') return text(isAdmin ? 'run.wouldWaitSizeAdmin' : 'run.wouldWaitSize');
      return text(isAdmin ? 'run.wouldWaitSizeLessAdmin' : 'run.wouldWaitSizeLess', { fields });
    }
  }
}

/** The settings of the form that decide how much of these is needed, quoted; '' for none. */
function fieldsBehind({ needs, parameters }: Manifest, resources: readonly Resource[]): string {
  const amounts: Record<Resource, Need | null> = { cpu: needs.cpu, memory: needs.memoryBytes, gpus: needs.gpus };
  const names = new Set(resources.flatMap((resource) => nameIn(amounts[resource])));
  return formatList(parameters.filter(({ name }) => names.has(name)).map(quoted));
}

function nameIn(need: Need | null): string[] {
  return need === null || typeof need === 'number' ? [] : [need.parameter];
}

function quoted({ label, name }: Parameter): string {
  return text('run.fieldQuoted', { label: label || name });
}
