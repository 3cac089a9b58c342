import type { Connection } from './connection';
import { ClientError, EXIT } from './failures';

export interface ProjectJson {
  id: string;
  name: string;
  owner: string;
  role: string;
  changedAt: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param named name or id of a project. @throws ClientError for none, or for a name that several have. */
export async function findProject(connection: Connection, named: string): Promise<ProjectJson> {
  if (UUID.test(named)) return connection.get<ProjectJson>(`/projects/${named}`);
  const alike = await connection.all<ProjectJson>(`/projects?limit=200&name=${encodeURIComponent(named)}`);
  const same = alike.filter(({ name }) => name.normalize('NFC') === named.normalize('NFC'));
  const [only] = same;
  if (same.length === 1 && only) return only;
  if (same.length > 1) {
    const lines = same.map(({ id, owner }) => `  ${id}  of ${owner}`).join('\n');
    throw new ClientError(`Several projects are called ${named}. Name one by its id:\n${lines}`, EXIT.data);
  }
  const hint =
    alike.length > 0
      ? ` Did you mean ${alike
          .slice(0, 3)
          .map(({ name }) => `"${name}"`)
          .join(', ')}?`
      : ' "showrunner projects" lists them.';
  throw new ClientError(`There is no project ${named}.${hint}`, EXIT.data);
}
