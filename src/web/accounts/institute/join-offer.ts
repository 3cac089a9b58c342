import { ConflictError } from '../../../common/errors';
import type { InstitutePerson } from '../../institute/institute-person';

/** Somebody of the institute comes for the first time, and an account has their address: it may be theirs, which only its password shows. */
export class JoinOffer extends ConflictError {
  constructor(readonly joiner: InstitutePerson) {
    super('institute.joinTitle');
  }
}
