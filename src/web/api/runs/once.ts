import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ApiOrdersRepository, type OrderOutcome } from '../../../common/api-orders/api-orders.repository';
import { InvalidInputError } from '../../../common/errors';
import type { User } from '../../../common/users/user.entity';
import { submissionKey } from '../../admission/submission-key';

const HEADER = 'Idempotency-Key';
const LONGEST_KEY = 255;

/** Carries a request out once, however often a program sends it under the same key: what came of it is kept in the database. */
@Injectable()
export class Once {
  constructor(private readonly orders: ApiOrdersRepository) {}

  /**
   * @param asked all that makes it this request and no other.
   * @param work carries it out; given the same UUID it makes the same runs, so that breaking off in the middle does no harm.
   * @throws InvalidInputError for a key that was used for something else; what the work throws, after which the key is free again.
   */
  async do(
    { request, response, person }: { request: Request; response: Response; person: User },
    asked: unknown,
    work: (submission: string) => Promise<OrderOutcome>,
  ): Promise<OrderOutcome> {
    const key = request.headers[HEADER.toLowerCase()];
    if (key === undefined) return work(randomUUID());
    if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY)
      throw new InvalidInputError('api.badOrderKey', { most: LONGEST_KEY }, HEADER);
    const order = { userId: person.id, keyHash: sha256(key) };
    const digest = sha256(JSON.stringify(asked));
    const known = await this.orders.begin(order, digest);
    if (known.digest !== digest) throw new InvalidInputError('api.usedOrderKey', {}, HEADER);
    const before = outcomeOf(known);
    if (before) {
      response.setHeader('Idempotency-Replayed', 'true');
      return before;
    }
    try {
      const outcome = await work(submissionKey(['api', person.id, key]));
      await this.orders.finish(order, outcome);
      return outcome;
    } catch (error) {
      await this.orders.giveUp(order);
      throw error;
    }
  }
}

function outcomeOf({ runId, sweepId }: { runId: number | null; sweepId: string | null }): OrderOutcome | null {
  if (runId !== null) return { runId };
  return sweepId === null ? null : { sweepId };
}

function sha256(words: string): string {
  return createHash('sha256').update(words).digest('hex');
}
