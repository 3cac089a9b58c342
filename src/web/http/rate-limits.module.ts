import { Module } from '@nestjs/common';
import { RateLimits } from './rate-limits';

/** Limits count in the memory of one object: whoever provided it once more would let people try twice as often. */
@Module({ providers: [RateLimits], exports: [RateLimits] })
export class RateLimitsModule {}
