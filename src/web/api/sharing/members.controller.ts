import { Controller, Delete, Get, Param, Patch, Post, Req } from '@nestjs/common';
import type { Request } from 'express';
import { z } from 'zod';
import { ForbiddenError, NotFoundError } from '../../../common/errors';
import type { ProjectMember } from '../../../common/members/project-member.entity';
import { ProjectMembersRepository } from '../../../common/members/project-members.repository';
import { ProjectSharing } from '../../../common/members/project-sharing';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { tellAudit } from '../../http/audit/deeds';
import { SharingMails } from '../../shares/sharing-mails';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { isoTime } from '../runs/run-schemas';

const roleSchema = says(z.enum(['read', 'run']), 'apiShares.role');
const memberSchema = z
  .object({
    id: z.string(),
    who: says(z.string(), 'apiShares.who'),
    isGroup: z.boolean(),
    role: roleSchema,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ProjectMember' });
const listSchema = z.object({ items: z.array(memberSchema), next: z.null() });
const letInOrder = z.strictObject({ who: says(z.string().max(254), 'apiShares.letInWho'), role: roleSchema });
const roleOrder = z.strictObject({ role: roleSchema });

type ListJson = z.infer<typeof listSchema>;

/** People and groups whom the owner of a project lets into it by name, for programs. */
@Controller(`${API_ROOT}/projects/:project/members`)
export class ApiMembersController {
  constructor(
    private readonly sharing: ProjectSharing,
    private readonly rows: ProjectMembersRepository,
    private readonly mails: SharingMails,
  ) {}

  @Get()
  @Api({ area: 'projects', summary: 'apiShares.listMembers', scope: 'read', answer: listSchema })
  @Access('projectSharer')
  list(@CurrentProject() project: Project): Promise<ListJson> {
    return this.all(project);
  }

  /** The answer is the same whether the address has an account or not. */
  @Post()
  @Api({
    area: 'projects',
    summary: 'apiShares.letIn',
    scope: 'share',
    body: letInOrder,
    answer: listSchema,
    example: { body: { who: 'ana@lab.example.org', role: 'read' } },
  })
  @Audited('share.let-in')
  @Access('projectSharer')
  async letIn(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() { who, role }: z.infer<typeof letInOrder>,
    @Req() request: Request,
  ): Promise<ListJson> {
    requireScopeFor(role, request);
    const { label, told } = await this.sharing.letIn(person, project, who, role);
    tellAudit(request, { details: { who: label, role } });
    if (told !== null) void this.mails.tell(told, person, project, role);
    return this.all(project);
  }

  @Patch(':member')
  @Api({
    area: 'projects',
    summary: 'apiShares.setRole',
    scope: 'share',
    body: roleOrder,
    answer: null,
    example: { body: { role: 'run' } },
  })
  @Audited('share.change-role')
  @Access('projectSharer')
  async setRole(
    @CurrentProject() project: Project,
    @Param('member') id: string,
    @ApiBody() { role }: z.infer<typeof roleOrder>,
    @Req() request: Request,
  ): Promise<void> {
    requireScopeFor(role, request);
    const member = await this.require(project, id);
    if (!(await this.rows.setRole(project.id, member.id, role))) throw new NotFoundError('members.gone');
    tellAudit(request, { details: { who: member.label, role } });
  }

  @Delete(':member')
  @Api({ area: 'projects', summary: 'apiShares.takeOut', scope: 'share', answer: null })
  @Audited('share.take-out')
  @Access('projectSharer')
  async remove(@CurrentProject() project: Project, @Param('member') id: string, @Req() request: Request): Promise<void> {
    const member = await this.require(project, id);
    if (!(await this.rows.remove(project.id, member.id))) throw new NotFoundError('members.gone');
    tellAudit(request, { details: { who: member.label } });
  }

  private async require(project: Project, id: string): Promise<ProjectMember> {
    const member = await this.rows.find(project.id, id.slice(0, 36));
    if (!member) throw new NotFoundError('members.gone');
    return member;
  }

  private async all({ id }: Project): Promise<ListJson> {
    const items = (await this.rows.ofProject(id)).map(({ id: memberId, label, kind, role, createdMs }) => {
      return { id: memberId, who: label, isGroup: kind === 'group', role, createdAt: isoTime(createdMs) };
    });
    return { items, next: null };
  }
}

/** A token that starts no runs lets nobody in for that, its own person under another name least of all. @throws ForbiddenError */
function requireScopeFor(role: z.infer<typeof roleSchema>, { token }: Request): void {
  if (role === 'run' && token && !token.scopes.includes('run')) throw new ForbiddenError('tokens.scopeLacking', { scope: 'run' });
}
