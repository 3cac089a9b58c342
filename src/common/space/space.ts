import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { LimitError } from '../errors';
import { HomesRepository } from '../users/homes.repository';
import { UsersRepository } from '../users/users.repository';
import { NOBODY, Quotas, type LimitedPerson, type PersonLimits } from '../quotas/quotas';
import { DiskReserve } from './disk-reserve';
import { refusalOf } from './fullness';
import { SpaceMeter } from './space-meter';
import type { SpaceDetails } from './space-details';
import type { ReservedFor, SpaceReservation } from './space.entity';
import { SpaceRepository, type Amounts, type SpaceFigures } from './space.repository';

/** What an owner may use; null: no limit. */
export type Allowance = Pick<PersonLimits, 'bytes' | 'files' | 'projects' | 'uploadBytes'>;
/** Who an allowance is for. */
export type SpaceOwner = LimitedPerson;

export type { Amounts, SpaceDetails };

export interface SpaceUse {
  used: Amounts;
  /** Promised to uploads and other work under way. */
  reserved: Amounts;
  projects: number;
  allowance: Allowance;
  /** When the figures were last measured on the disk, by the database's clock; 0: never yet. */
  measuredMs: number;
  /** Whether FREE_SPACE_RESERVE is all that the disk of the server has left. */
  isDiskFull: boolean;
}

export interface ReservationTerms {
  /** UUID; the same one again renews the reservation. */
  id?: string;
  projectId: string;
  what: ReservedFor;
  /** How long it counts unless it is renewed, in milliseconds. */
  forMs: number;
}

/** Figures older than this are measured anew when somebody looks. */
const FRESH_MS = 5 * 60_000;
/** How long the submission of a run, and the page of what uses the space, wait for figures that are old. */
const PATIENCE_MS = 1000;

/**
 * Who may use how much. What is to be written is reserved first and settled when it is there; what deletes for good says so with `add`.
 * Programs write without asking: their results count when they are measured.
 */
@Injectable()
export class Space {
  private readonly logger = new Logger(Space.name);

  constructor(
    private readonly quotas: Quotas,
    private readonly users: UsersRepository,
    private readonly repository: SpaceRepository,
    private readonly meter: SpaceMeter,
    private readonly disk: DiskReserve,
    private readonly homes: HomesRepository,
  ) {}

  /**
   * Promises room, in one atomic step: what is used, what is reserved and what is asked for stay within the owner's allowance, and the disk
   * keeps FREE_SPACE_RESERVE. What the work puts into the staging folder is named after the reservation (`ProjectFiles.stagingName`), so
   * that it counts once.
   * @param homeId of the owner, or of a guest who moved into the owner's account.
   * @returns the id of the reservation.
   * @throws LimitError with a sentence that says what is full and what to do.
   */
  async reserve(homeId: string, asked: Amounts, { id = randomUUID(), ...terms }: ReservationTerms): Promise<string> {
    const ownerId = await this.homes.ownerOf(homeId);
    const allowance = await this.allowanceFor(ownerId);
    await this.measureFirst(ownerId, allowance);
    const before = await this.repository.findReservation(id);
    if (!(await this.repository.reserve({ id, ownerId, asked, ...terms }, allowance))) await this.refuse(ownerId, asked, allowance);
    if (await this.disk.hasRoomFor({ id, ownerId, bytes: asked.bytes })) return id;
    // What is under way keeps what it had: it may go on when there is room again.
    if (before) await this.repository.reserve({ id, ownerId, asked: { bytes: before.bytes, files: before.files }, ...terms }, allowance);
    else await this.repository.release(id);
    throw new LimitError((await this.disk.isFull()) ? 'space.isFullDisk' : 'projects.noSpace');
  }

  /** The reserved work is done: what it really took counts as used from now on. */
  async settle(reservationId: string, real: Amounts): Promise<void> {
    const reservation = await this.repository.findReservation(reservationId);
    if (reservation) await this.repository.settle(reservation, real);
    else
      this.logger.debug(
        `The reservation ${reservationId} is settled already, or was tidied up; the next measurement counts what it stood for.`,
      );
  }

  /** A part of the reserved work is done and counts as used; the rest stays reserved. */
  async settlePart(reservationId: string, real: Amounts): Promise<void> {
    const reservation = await this.repository.findReservation(reservationId);
    if (reservation) await this.repository.settlePart(reservation, real);
  }

  /** The reserved work came to nothing. */
  release(reservationId: string): Promise<void> {
    return this.repository.release(reservationId);
  }

  /** Files were deleted for good, or made without a reservation. @param homeId as for `reserve`. */
  async add(homeId: string, change: Amounts): Promise<void> {
    await this.repository.add(await this.homes.ownerOf(homeId), change);
  }

  /** Never waits for the disk: figures that are old are measured in the background, for whoever looks next. */
  async useOf(owner: SpaceOwner): Promise<SpaceUse> {
    const [figures, isDiskFull] = await Promise.all([this.repository.figuresOf(owner.id), this.disk.isFull()]);
    if (isOld(figures)) void this.measureSoon(owner.id);
    const { used, reserved, projects, measuredMs } = figures;
    return { used, reserved, projects, allowance: await this.allowanceOf(owner), measuredMs, isDiskFull };
  }

  /** As `useOf`, where only the id is known. */
  async useFor(ownerId: string): Promise<SpaceUse> {
    return this.useOf((await this.users.findById(ownerId)) ?? { ...NOBODY, id: ownerId });
  }

  /**
   * What the space is used for. If something has changed since that was measured, it is measured now; what takes longer than a moment goes on
   * behind the page, which shows the older details meanwhile.
   * @returns null when nothing was ever measured.
   */
  async detailsOf(ownerId: string): Promise<SpaceDetails | null> {
    const [details, figures] = await Promise.all([this.repository.detailsOf(ownerId), this.repository.figuresOf(ownerId)]);
    if (details?.version === figures.version && !isOld(figures)) return details;
    await Promise.race([this.measureSoon(ownerId), sleep(PATIENCE_MS, undefined, { ref: false })]);
    return this.repository.detailsOf(ownerId);
  }

  /** What is promised to work under way, oldest first. */
  reservationsOf(ownerId: string): Promise<SpaceReservation[]> {
    return this.repository.findLiveOf(ownerId);
  }

  /** As they were last measured; null: never. */
  lastDetailsOf(ownerId: string): Promise<SpaceDetails | null> {
    return this.repository.detailsOf(ownerId);
  }

  allowanceOf(owner: SpaceOwner): Promise<Allowance> {
    return this.quotas.limitsOf(owner);
  }

  /** As `allowanceOf`, where only the id is known. */
  async allowanceFor(ownerId: string): Promise<Allowance> {
    return this.allowanceOf((await this.users.findById(ownerId)) ?? { ...NOBODY, id: ownerId });
  }

  /**
   * For what writes without a reservation, which is what runs do. Results that came since the figures were measured count where measuring
   * takes no longer than a moment. Of a full disk it says nothing.
   * @throws LimitError when the space is full already.
   */
  async requireRoom(ownerId: string): Promise<void> {
    const allowance = await this.allowanceFor(ownerId);
    if (allowance.bytes === null && allowance.files === null) return;
    const before = await this.repository.figuresOf(ownerId);
    if (isOld(before)) await Promise.race([this.measureSoon(ownerId), sleep(PATIENCE_MS, undefined, { ref: false })]);
    const refusal = refusalOf({ ...(await this.repository.figuresOf(ownerId)), allowance, isDiskFull: false });
    if (refusal) throw refusal;
  }

  /** Walks the owner's folder and writes the true figures. */
  measure(ownerId: string): Promise<Amounts> {
    return this.meter.measure(ownerId);
  }

  /** Whether FREE_SPACE_RESERVE is all that the disk of the server has left. */
  isDiskFull(): Promise<boolean> {
    return this.disk.isFull();
  }

  /** For work under way, every now and then. @throws LimitError when writing `bytes` more would eat into FREE_SPACE_RESERVE. */
  requireDiskRoom(bytes = 0): Promise<void> {
    return this.disk.requireRoom(bytes);
  }

  /** Limits mean nothing beside figures that nobody ever measured: files from before there were limits. */
  private async measureFirst(ownerId: string, { bytes, files }: Allowance): Promise<void> {
    if (bytes === null && files === null) return;
    const figures = await this.repository.figuresOf(ownerId);
    if (figures.measuredMs === 0) await this.meter.measureAtOnce(ownerId);
    else if (isOld(figures)) void this.measureSoon(ownerId);
  }

  private async measureSoon(ownerId: string): Promise<void> {
    try {
      await this.meter.measure(ownerId);
    } catch (error) {
      this.logger.warn(`The space of ${ownerId} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async refuse(ownerId: string, asked: Amounts, { bytes, files }: Allowance): Promise<never> {
    const { used, reserved } = await this.repository.figuresOf(ownerId);
    const full = refusalOf({ used, reserved, allowance: { bytes, files }, isDiskFull: false });
    if (full) throw full;
    const count = used.files + reserved.files;
    if (files !== null && (bytes === null || count + asked.files > files)) {
      throw new LimitError('space.filesFull', { asked: asked.files, count, most: files });
    }
    const taken = used.bytes + reserved.bytes;
    throw new LimitError('space.full', { asked: formatBytes(asked.bytes), taken: formatBytes(taken), most: formatBytes(bytes ?? 0) });
  }
}

/** Measured long ago, or before the last run ended. */
function isOld({ measuredMs, nowMs, lastEndMs }: SpaceFigures): boolean {
  return measuredMs < nowMs - FRESH_MS || measuredMs <= lastEndMs;
}
