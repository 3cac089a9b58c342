import type { ApiToken } from '../../common/api-tokens/api-token.entity';
import type { IdentitySource } from '../../common/identities/identity.entity';
import type { User } from '../../common/users/user.entity';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import type { AdminNavigation } from '../admin/frame/navigation.view';
import type { InstitutePerson } from '../institute/institute-person';
import type { Grant } from './access/policy';
import type { FlashMessage } from './flash';
import type { LanguageChoice } from './language';
import type { SiteView } from './site.view';
import type { PersonView } from './view-locals';

/** What the middleware and guards of `web/http` attach to a request. Imported for its types only. */
declare global {
  // oxlint-disable-next-line typescript/no-namespace -- the one way to widen Express's own types
  namespace Express {
    interface Request {
      /** Short random number that stands in the log and on error pages. */
      id: string;
      /** By which a program was let in for its person; undefined for people. */
      token?: ApiToken;
      /** Loaded by the access guard for a route with `:project`. */
      project?: Project;
      /** Loaded by the access guard for a route with `:run`. */
      run?: Run;
      /** Who the proxy says is there; only from one that is listed. */
      remoteUser?: InstitutePerson;
      /** The link that opens what the person may not read otherwise. */
      grant?: Grant;
    }
    interface User extends PersonRow {}
    /** What templates see of the application and of one request. */
    interface Locals {
      basePath: string;
      site: SiteView;
      nonce: string;
      currentPath: string;
      theme: 'light' | 'dark' | undefined;
      languages: LanguageChoice[];
      person: PersonView | null;
      /** Beside pages of the administration area; null on others, and for everybody else. */
      administration: AdminNavigation | null;
      /** Whether a link to a whole project opened the page. */
      sharesProject: boolean;
      csrfToken: string;
      flash: FlashMessage | undefined;
    }
  }
}

type PersonRow = User;

declare module 'express-session' {
  interface SessionData {
    /** Who is logged in. */
    personId?: string;
    /** What the browser said of itself at the log-in, and its network address. */
    from?: { agent: string; address: string };
    /** When that was. */
    provedMs?: number;
    /** How the institute showed who it is; without it the log-in was one of our own. */
    by?: { source: IdentitySource; subject: string; sid?: string };
    /** One sentence for the next page. */
    flash?: FlashMessage;
    /** Set on sessions that came from the database; `extend` says that the idle time is worth counting anew. Never stored. */
    stored?: { extend: boolean };
  }
}
