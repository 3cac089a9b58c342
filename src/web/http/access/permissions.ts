import { Injectable } from '@nestjs/common';
import { Memberships } from '../../../common/members/memberships';
import { type AccessRule, Policy, type Question } from './policy';

/** Asks the policy for pages that show what somebody may do, with what the owner of the project lets them. */
@Injectable()
export class Permissions {
  constructor(
    private readonly policy: Policy,
    private readonly memberships: Memberships,
  ) {}

  async allows(rule: AccessRule, question: Partial<Omit<Question, 'role' | 'pipeline'>>): Promise<boolean> {
    const role = await this.memberships.roleOf(question.person, question.project);
    return this.policy.allows(rule, { ...question, role });
  }
}
