import { Controller, Get, Param, Query } from '@nestjs/common';
import type { FoundFiles } from '../../browser/form/found-names';
import { NotFoundError } from '../../common/errors';
import { accepts } from '../../common/pipelines/accept';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { OpenPipelines } from '../http/access/open-pipelines';
import { fieldText } from '../http/form';
import { fileGroups } from './file-groups';
import { endingsOf, filesNamed, LONGEST_SEARCH } from './file-menu';
import { shownNameOf } from './form-surroundings';
import { InputFiles, MOST_SEARCHED, type FileChoice } from './input-files';

/** Answers of a search at once. */
const MOST_FOUND = 50;

/** Files that a field of a form takes, for whoever types: those that its menu has no room for, too. */
@Controller('projects/:project/run/:pipeline/files/:field')
export class FoundFilesController {
  constructor(
    private readonly pipelines: OpenPipelines,
    private readonly files: InputFiles,
  ) {}

  /** @param field name of a parameter, or `table.column`. */
  @Get()
  @Access('projectRunner')
  async search(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Param('pipeline') id: string,
    @Param('field') field: string,
    @Query() query: Record<string, unknown>,
  ): Promise<FoundFiles> {
    const { manifest } = await this.pipelines.require(person, id);
    const endings = endingsOf(manifest, field);
    if (endings === null) throw new NotFoundError('run.noSuchFileField', { name: field.slice(0, 80) });
    const { choices } = await this.files.of(person, project, MOST_SEARCHED);
    const all = choices.filter(({ name }) => accepts(endings, name));
    const found = filesNamed(all, fieldText(query, 'q').slice(0, LONGEST_SEARCH));
    const first = found.slice(0, MOST_FOUND);
    const files = first.map(shownFile);
    const names = field.includes('.') ? first.map(shownNameOf) : files.map(nameInList);
    return { names, files, count: found.length, total: all.length, fault: '' };
  }
}

/** As the menu of the form would show it. */
function shownFile(file: FileChoice): FoundFiles['files'][number] {
  const [{ label: group, options }] = fileGroups([file], []);
  const [{ value, label, detail }] = options;
  return { value, label: [label, detail].filter(Boolean).join(' · '), group, isOwn: file.group === 'project' };
}

/** Files of different places may have the same name. */
function nameInList({ label, group, isOwn }: FoundFiles['files'][number]): string {
  return isOwn ? label : `${label} · ${group}`;
}
