import { connect, type Command } from '../command';
import type { Connection } from '../connection';
import { moment, table, type Console } from '../console';
import { ClientError, EXIT, misuse } from '../failures';
import { findProject, type ProjectJson } from '../projects';

interface ScheduleJson {
  id: string;
  name: string;
  pipeline: { title: string };
  owner: string;
  isMine: boolean;
  sentence: string;
  pausedAt: string | null;
  nextAt: string | null;
}

/** What is done to one schedule of a project, and what is said of it. */
type Deed = (connection: Connection, project: ProjectJson, named: string) => Promise<{ schedule: ScheduleJson; sentence: string }>;

const DEEDS: Record<string, Deed> = {
  pause: async (connection, project, named) => {
    const schedule = await change(connection, project, named, true);
    return { schedule, sentence: `${schedule.name} is paused.` };
  },
  resume: async (connection, project, named) => {
    const schedule = await change(connection, project, named, false);
    return { schedule, sentence: `${schedule.name} goes on; it starts next at ${moment(schedule.nextAt)}.` };
  },
  delete: async (connection, project, named) => {
    const schedule = await findSchedule(connection, project, named);
    await connection.ask('DELETE', addressOf(project, schedule.id));
    return {
      schedule,
      sentence: `${schedule.name} is deleted, its runs stay. For an hour "schedules restore" brings back ${schedule.id}.`,
    };
  },
  restore: async (connection, project, id) => {
    const schedule = await connection.post<ScheduleJson>(`${addressOf(project, id)}/restore`, {});
    return { schedule, sentence: `${schedule.name} is back; it starts next at ${moment(schedule.nextAt)}.` };
  },
};

/** `schedules <project>` lists them; `schedules pause|resume|delete|restore <project> <schedule>` changes one. */
export const SCHEDULES: Command = {
  options: {},
  run: async ({ words }, bench) => {
    const [first, named, schedule, ...more] = words;
    if (first === undefined) throw misuse('schedules needs a project, or pause, resume, delete or restore with a project and a schedule.');
    if (named === undefined) return list(connect(bench), first, bench.console);
    const deed = Object.hasOwn(DEEDS, first) ? DEEDS[first] : undefined;
    if (!deed) throw misuse(`schedules cannot ${first}: it knows pause, resume, delete and restore, and lists those of one project.`);
    if (schedule === undefined || more.length > 0) throw misuse(`schedules ${first} needs a project and one schedule.`);
    const connection = connect(bench);
    const done = await deed(connection, await findProject(connection, named), schedule);
    bench.console.result(done.schedule, done.sentence);
    return EXIT.ok;
  },
};

async function list(connection: Connection, named: string, console: Console): Promise<number> {
  const schedules = await schedulesOf(connection, await findProject(connection, named));
  const rows = schedules.map(({ id, name, pipeline, owner, isMine, sentence, pausedAt, nextAt }) => {
    return [name, pipeline.title, isMine ? '' : owner, sentence, pausedAt === null ? moment(nextAt) : 'paused', id];
  });
  console.result(
    schedules,
    rows.length === 0 ? 'The project has no schedules.' : table(['SCHEDULE', 'PIPELINE', 'OF', 'WHEN', 'NEXT', 'ID'], rows),
  );
  return EXIT.ok;
}

async function change(connection: Connection, project: ProjectJson, named: string, isPaused: boolean): Promise<ScheduleJson> {
  const { id } = await findSchedule(connection, project, named);
  const { text } = await connection.ask('PATCH', addressOf(project, id), { body: { isPaused } });
  return JSON.parse(text) as ScheduleJson;
}

/** @param named name or id. @throws ClientError for none, or for a name that several have. */
async function findSchedule(connection: Connection, project: ProjectJson, named: string): Promise<ScheduleJson> {
  const all = await schedulesOf(connection, project);
  const same = all.filter(({ id, name }) => id === named || name.normalize('NFC') === named.normalize('NFC'));
  const [only] = same;
  if (same.length === 1 && only) return only;
  if (same.length > 1) {
    const lines = same.map(({ id, sentence }) => `  ${id}  ${sentence}`).join('\n');
    throw new ClientError(`Several schedules are called ${named}. Name one by its id:\n${lines}`, EXIT.data);
  }
  throw new ClientError(`${project.name} has no schedule ${named}. "showrunner schedules" with the project lists them.`, EXIT.data);
}

function schedulesOf(connection: Connection, { id }: ProjectJson): Promise<ScheduleJson[]> {
  return connection.all<ScheduleJson>(`/projects/${id}/schedules`);
}

function addressOf({ id }: ProjectJson, schedule: string): string {
  return `/projects/${id}/schedules/${encodeURIComponent(schedule)}`;
}
