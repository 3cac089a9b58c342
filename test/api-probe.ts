import { Controller, Get, Module, Post } from '@nestjs/common';
import type { User } from '../src/common/users/user.entity';
import { Access } from '../src/web/http/access/access.decorator';
import { AccessModule } from '../src/web/http/access/access.module';
import { CurrentPerson, Visitor } from '../src/web/http/access/current';
import { Scope } from '../src/web/http/access/scope.decorator';

/** Routes for programs that only tests have: one for each thing that a token may be good for. */
@Controller('api/probe')
class ApiProbeController {
  @Get('person')
  @Scope('any')
  @Access('person')
  person(@CurrentPerson() { id, isAdmin }: User): object {
    return { id, isAdmin };
  }

  @Get('visitor')
  @Scope('any')
  @Access('anyone')
  visitor(@Visitor() person: User | null): object {
    return { id: person?.id ?? null };
  }

  @Get('read')
  @Scope('read')
  @Access('person')
  read(): string {
    return 'read';
  }

  @Post('files')
  @Scope('files')
  @Access('person')
  files(): string {
    return 'changed';
  }

  @Get('admin')
  @Scope('admin')
  @Access('admin')
  admin(): string {
    return 'for administrators';
  }

  @Get('forgotten')
  @Access('person')
  forgotten(): string {
    return 'no program may see this';
  }

  @Get('projects/:project')
  @Scope('read')
  @Access('projectViewer')
  project(): string {
    return 'a project';
  }
}

@Module({ imports: [AccessModule], controllers: [ApiProbeController] })
export class ApiProbeRoutes {}
