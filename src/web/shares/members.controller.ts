import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { Askers } from '../../common/members/asker';
import type { ProjectMember, ProjectRole } from '../../common/members/project-member.entity';
import { ProjectMembersRepository } from '../../common/members/project-members.repository';
import { ProjectSharing, ROLES } from '../../common/members/project-sharing';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { redirect } from '../http/addresses';
import { flash, type UndoForm } from '../http/flash';
import { asFormErrors, fieldText, showAgain } from '../http/form';
import { SharePage } from './share-page.view';
import { SharingMails } from './sharing-mails';

/** People and groups whom the owner of a project lets into it by name. */
@Controller('projects/:project')
export class MembersController {
  constructor(
    private readonly sharing: ProjectSharing,
    private readonly rows: ProjectMembersRepository,
    private readonly page: SharePage,
    private readonly mails: SharingMails,
    private readonly askers: Askers,
  ) {}

  /** The answer is the same whether the address has an account or not. */
  @Post('members')
  @Audited('share.let-in')
  @Access('projectSharer')
  async letIn(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const [who, role] = [fieldText(form, 'who'), fieldText(form, 'role')];
    try {
      const { label, told } = await this.sharing.letIn(person, project, who, role);
      tellAudit(request, { details: { who: label, role } });
      if (told !== null) void this.mails.tell(told, person, project, role as ProjectRole);
      flash(request, 'ok', label.includes('@') ? 'members.letIn' : 'members.letInGroup', { who: label });
      redirect(response, pageOf(project));
    } catch (error) {
      const errors = asFormErrors(error);
      showAgain(response, 'shares/manage', await this.page.of(project, null, { who, role }, person), renamed(errors));
    }
  }

  @Post('members/:member/role')
  @Audited('share.change-role')
  @Access('projectSharer')
  async setRole(
    @CurrentProject() project: Project,
    @Param('member') id: string,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const role = ROLES.find((one) => one === fieldText(form, 'role'));
    if (!role) throw new InvalidInputError('members.chooseRole');
    const member = await this.rows.find(project.id, id.slice(0, 36));
    if (member && (await this.rows.setRole(project.id, member.id, role))) {
      tellAudit(request, { details: { who: member.label, role } });
      const said = role === 'run' ? 'members.runsNow' : 'members.readsNow';
      flash(request, 'ok', said, { who: member.label }, member.role === role ? undefined : undoOfRole(member));
    } else flash(request, 'warn', 'members.gone');
    redirect(response, pageOf(project));
  }

  @Post('members/:member/remove')
  @Audited('share.take-out')
  @Access('projectSharer')
  async remove(
    @CurrentProject() project: Project,
    @Param('member') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const member = await this.rows.find(project.id, id.slice(0, 36));
    const wasIn = member !== null && (await this.rows.remove(project.id, member.id));
    if (wasIn) tellAudit(request, { details: { who: member.label } });
    const undo = wasIn && (await this.sharing.isStillCalledSo(member)) ? undoOfRemoval(member) : undefined;
    if (wasIn) flash(request, 'ok', 'members.removed', { who: member.label }, undo);
    else flash(request, 'warn', 'members.gone');
    redirect(response, pageOf(project));
  }

  /** For members: what a group lets them do, they cannot leave alone. */
  @Post('leave')
  @Audited('share.leave')
  @Access('projectMember')
  async leave(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const hasLeft = await this.rows.leave(project.id, await this.askers.of(person));
    const isStillIn = (await this.rows.rowsAmong(await this.askers.of(person), [project.id])).length > 0;
    if (isStillIn) flash(request, 'warn', 'members.inByGroup', { name: project.name });
    else flash(request, 'ok', hasLeft ? 'members.left' : 'members.gone', { name: project.name });
    redirect(response, isStillIn ? `/projects/${project.id}` : '/projects');
  }
}

/** `form` is the word for errors of the form with links on the same page. */
function renamed({ form, ...others }: Record<string, string>): Record<string, string> {
  return form === undefined ? others : { ...others, who: form };
}

function undoOfRole({ projectId, id, role }: ProjectMember): UndoForm {
  return { path: `/projects/${projectId}/members/${id}/role`, fields: [['role', role]] };
}

function undoOfRemoval({ projectId, label, role }: ProjectMember): UndoForm {
  const fields: [string, string][] = [
    ['who', label],
    ['role', role],
  ];
  return { path: `/projects/${projectId}/members`, fields };
}

function pageOf({ id }: Project): string {
  return `/projects/${id}/shares`;
}
