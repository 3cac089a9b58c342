import { connect, type Command } from '../command';
import { moment, table } from '../console';
import { EXIT, misuse } from '../failures';
import type { ProjectJson } from '../projects';

/** `projects`, `projects <part of names>`, `projects new <name>`. */
export const PROJECTS: Command = {
  options: {},
  run: async ({ words }, bench) => {
    const connection = connect(bench);
    const [first, name, ...more] = words;
    if (first === 'new') {
      if (name === undefined || more.length > 0) throw misuse('projects new needs one name; write it in quotation marks if it has blanks.');
      const made = await connection.post<ProjectJson>('/projects', { name });
      bench.console.result(made, `There is a project ${made.name} now.`);
      return EXIT.ok;
    }
    if (name !== undefined) throw misuse('projects takes at most a part of names; "projects new <name>" makes one.');
    const projects = await connection.all<ProjectJson>(`/projects?limit=200&name=${encodeURIComponent(first ?? '')}`);
    const rows = projects.map(({ id, name, owner, role, changedAt }) => [name, role === 'owner' ? '' : owner, moment(changedAt), id]);
    bench.console.result(projects, projects.length === 0 ? 'There is no such project.' : table(['PROJECT', 'OF', 'CHANGED', 'ID'], rows));
    return EXIT.ok;
  },
};
