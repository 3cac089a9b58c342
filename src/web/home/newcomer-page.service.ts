import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import { SampleProject } from '../../common/projects/sample-project';
import { Assets, type Picture } from '../views/assets';
import { Offer, type OfferView } from './offer.service';

/** What `views/home/newcomer.hbs` shows. */
export interface NewcomerView extends OfferView {
  /** A result of a pipeline, drawn by the build; the page is complete without it. */
  picture: Picture | null;
  guests: { days: number } | null;
  hasSample: boolean;
}

/** The home page of somebody who is not logged in: what this is, and how to begin. */
@Injectable()
export class NewcomerPage {
  private readonly picture: Picture | null;

  constructor(
    private readonly offer: Offer,
    private readonly sample: SampleProject,
    private readonly config: AppConfig,
  ) {
    this.picture = new Assets(join(config.home, 'dist', 'public')).picture;
  }

  async show(): Promise<NewcomerView> {
    const { ALLOW_GUESTS, GUEST_DAYS } = this.config.settings;
    return {
      ...(await this.offer.view(null)),
      picture: this.picture,
      guests: ALLOW_GUESTS ? { days: GUEST_DAYS } : null,
      hasSample: await this.sample.isOffered(),
    };
  }
}
