import { Campaign, keepReport, type CampaignReport } from './campaign';
import type { EngineWorld } from './engines/engine-world';

const IS_LONG = process.env['CAMPAIGN'] === '1';

/** Sizes of a campaign: what a change samples, unless FAULT_JOBS and CAMPAIGN ask for more. */
export interface Sample {
  jobs: number;
  runners: number;
  throughWeb: number;
  /** Milliseconds of trouble for each run. */
  pace: number;
}

export const SEED = Number(process.env['FAULT_SEED'] ?? 1);

/** Most milliseconds that `campaignOn` takes, for jest. */
export const CAMPAIGN_WITHIN_MS = IS_LONG ? 1_200_000 : 300_000;

/** Runs a whole campaign on an engine and cleans up after it. */
export async function campaignOn(open: () => EngineWorld | Promise<EngineWorld>, sample: Sample): Promise<CampaignReport> {
  const jobs = Number(process.env['FAULT_JOBS'] ?? sample.jobs);
  const { runners, throughWeb, pace } = sample;
  const engine = await open();
  const everyPoint = engine.engine === 'process';
  const campaign = await Campaign.open({ seed: SEED, jobs, runners, throughWeb, everyPoint, troubleMs: jobs * pace }, engine);
  try {
    const report = await campaign.run();
    keepReport(report);
    return report;
  } finally {
    await campaign.close();
  }
}
