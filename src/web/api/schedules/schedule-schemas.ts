import { z } from 'zod';
import { says } from '../contract/words';

const MOST_TYPED = 1000;
const time = z.iso.datetime();

/** What became of a time. `claimed`: it is being started just now. */
export const tickSchema = z
  .object({
    at: says(time, 'apiWork.tickAt'),
    outcome: says(z.enum(['claimed', 'started', 'skipped', 'missed']), 'apiWork.tickOutcome'),
    run: says(z.int().nullable(), 'apiWork.tickRun'),
    sentence: says(z.string(), 'apiWork.tickSentence'),
  })
  .meta({ id: 'ScheduleTime' });

export const scheduleSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    pipeline: z.object({ id: z.string(), title: z.string() }),
    owner: says(z.string(), 'apiWork.scheduleOwner'),
    isMine: z.boolean(),
    cron: says(z.string(), 'apiWork.cron'),
    timeZone: says(z.string(), 'apiWork.timeZone'),
    sentence: says(z.string(), 'apiWork.scheduleSentence'),
    skipsRunning: says(z.boolean(), 'apiWork.skipsRunning'),
    createdAt: time,
    pausedAt: time.nullable(),
    nextAt: says(time.nullable(), 'apiWork.nextAt'),
    last: says(tickSchema.nullable(), 'apiWork.lastTime'),
  })
  .meta({ id: 'Schedule' });

export const wholeScheduleSchema = z
  .object({
    ...scheduleSchema.shape,
    parameters: says(z.record(z.string(), z.unknown()), 'apiWork.scheduleParameters'),
    nextTimes: says(z.array(time), 'apiWork.nextTimes'),
    hindrance: says(z.string(), 'apiWork.hindrance'),
    history: says(z.array(tickSchema), 'apiWork.history'),
  })
  .meta({ id: 'WholeSchedule' });

export const schedulesSchema = z.object({ items: z.array(scheduleSchema), next: z.null() });

const parameters = z.record(z.string(), z.unknown());
const typed = z.string().max(MOST_TYPED);

export const scheduleOrderSchema = z.strictObject({
  pipeline: says(z.string().min(1).max(100), 'api.orderPipeline'),
  parameters: says(parameters.default({}), 'api.orderParameters'),
  name: says(typed.optional(), 'apiWork.scheduleName'),
  cron: says(typed, 'apiWork.cron'),
  timeZone: says(typed.optional(), 'apiWork.orderTimeZone'),
  skipsRunning: says(z.boolean().default(true), 'apiWork.skipsRunning'),
});

export const scheduleChangeSchema = z.strictObject({
  parameters: says(parameters.optional(), 'apiWork.changedParameters'),
  name: typed.optional(),
  cron: says(typed.optional(), 'apiWork.cron'),
  timeZone: says(typed.optional(), 'apiWork.timeZone'),
  skipsRunning: says(z.boolean().optional(), 'apiWork.skipsRunning'),
  isPaused: says(z.boolean().optional(), 'apiWork.scheduleIsPaused'),
});

export type ScheduleJson = z.infer<typeof scheduleSchema>;
export type WholeScheduleJson = z.infer<typeof wholeScheduleSchema>;
export type ScheduleOrder = z.infer<typeof scheduleOrderSchema>;
export type ScheduleChangeOrder = z.infer<typeof scheduleChangeSchema>;
