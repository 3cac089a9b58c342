import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../common/config/app-config';
import type { InboxPlace } from '../../common/files/inbox-files';
import { Inboxes } from '../../common/inbox/inboxes';
import type { Manifest, Parameter, Pipeline } from '../../common/pipelines/manifest';
import type { Entered, ParameterCheck } from '../../common/pipelines/parameters';
import { inReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { address } from '../views/helpers';
import { amountRead, type AmountRead } from './amount-read';
import { afterChoices } from './after-choices';
import { commandPreview, type CommandPreview } from './command-preview';
import { conditionsView, type ConditionsView } from './conditions.view';
import { AT_A_GLANCE, filesPreview, type FilesPreview } from './files-preview';
import { fieldOffers, NO_REMARKS, type TableRemarks } from './field-offers';
import { chosenIn, menuSize, takeFound } from './file-menu';
import { fieldView, type FieldRemarks, type FieldView } from './field.view';
import { formParts, type FormPart } from './form-parts.view';
import { changedValues, uploadFirst, type ChangedValue } from './form-lead';
import { linkQuery } from './form-link';
import type { FollowedRun } from './followed-runs';
import { FormPresets, type PresetLine } from './form-presets';
import { FormSources } from './form-sources';
import { freshEntries } from './fresh-entries';
import type { FormSurroundings } from './form-surroundings';
import { InputFiles, type FileChoices } from './input-files';
import { pickerWords, type PickerWords } from './picker-words';
import { StartOutlook, type Outlook } from './start-outlook';
import { sweepFormView, type SweepFormView } from './sweep-form.view';
import type { EnteredSweep } from './sweep-order';
import type { FaultyRows } from './table.view';
import { valuesSoFar } from './table-values';
import { entriesOfRun, planSweep, type PlannedSweep } from './sweep-plan';

export interface RunFormView {
  title: string;
  project: { id: string; name: string };
  pipeline: Pick<Manifest, 'id' | 'title' | 'summary' | 'version' | 'gives'>;
  /** Made when the form is drawn: sending it twice makes one run. */
  submission: string;
  parts: FormPart[];
  /** Whether what is wrong is told everywhere; else only where somebody has been. */
  isTold: boolean;
  errors: { id: string; label: string; sentence: string }[];
  /** What is wrong with the form as a whole. */
  formErrors: string[];
  preview: CommandPreview;
  filesPreview: FilesPreview;
  /** What differs from what the form offers. */
  changed: ChangedValue[];
  /** Why files have to be uploaded before anything else; null where there are some to choose. */
  uploadFirst: string | null;
  reads: AmountRead | null;
  /** Of its tables. */
  faultyRows: FaultyRows[];
  /** How long its runs take, in words; '' where nobody knows. */
  usually: string;
  limitSeconds: number;
  starts: Outlook;
  /** Where the mail goes; null for people without an address. */
  mailTo: string | null;
  retentionDays: number;
  earlierRun: number | null;
  /** How large files get into the inbox; empty where there is none, or the pipeline reads none. */
  places: InboxPlace[];
  moreFiles: boolean;
  /** Whether a field looks for files that its menu does not hold. */
  findsFiles: boolean;
  /** Null for a pipeline without conditions. */
  conditions: ConditionsView | null;
  /** Sentences for scripts. */
  pickerWords: PickerWords;
  presets: PresetLine[];
  /** Address, below the base path, that fills the form in this way; null where it would be too long. */
  link: string | null;
  /** Null where no parameter takes several values. */
  sweep: SweepFormView | null;
  /** Of the schedule whose values these are; '' for none. */
  schedule: string;
  /** The run that has to succeed first; null where none has to. */
  after: Pick<FollowedRun, 'number' | 'title' | 'isOver'> | null;
  /** Whether the reader may have it start by itself. */
  maySchedule: boolean;
}

/** What a form is drawn with. */
export interface FormState {
  submission: string;
  /** Null for a fresh form: defaults, and the one file that fits. */
  entered: Entered | null;
  /** Whether wrong values are named beside their fields; a fresh form only waits for them. */
  showErrors: boolean;
  formErrors?: string[];
  earlierRun?: number | null;
  /** What some of its fields hold, as an address says; only for a fresh form. */
  given?: Entered | null;
  /** Id of the preset that it is filled with. */
  preset?: string | null;
  /** Several values of some fields; absent: one run. */
  sweep?: EnteredSweep | null;
  /** Of the schedule whose values are changed; absent: none. */
  schedule?: string;
  /** The run that has to succeed first. */
  after?: FollowedRun | null;
  /** What buttons of tables did. */
  tables?: TableRemarks;
  /** Which files are looked for, by the names of fields. */
  searches?: Readonly<Record<string, string>>;
  /** The field of several files that is to hold all that were found; absent or '': none. */
  take?: string;
}

/** Draws the form of a pipeline in a project. */
@Injectable()
export class RunFormViews {
  constructor(
    private readonly files: InputFiles,
    private readonly outlook: StartOutlook,
    private readonly inboxes: Inboxes,
    private readonly config: AppConfig,
    private readonly sources: FormSources,
    private readonly presets: FormPresets,
  ) {}

  async of(person: User, project: Project, original: Pipeline, state: FormState): Promise<RunFormView> {
    const pipeline = inReadersWords(original);
    const { manifest } = pipeline;
    const [files, usually] = await Promise.all([this.filesFor(person, project, manifest, state), this.outlook.usually(manifest.id)]);
    const after = state.after ?? null;
    const choices = [...afterChoices(after, manifest.parameters), ...files.choices];
    const around = this.sources.of(person, project, pipeline, files);
    const fresh = state.entered ? null : await freshEntries(manifest, choices, around);
    const { take = '', searches = {} } = state;
    const entered = takeFound(manifest, state.entered ?? { ...fresh?.entered, ...state.given }, { take, searches }, choices);
    const { sweep } = state;
    const planned = sweep ? await planSweep(manifest, { entered, sweep }, files, around, this.config.settings.SWEEP_RUNS) : null;
    const check = await this.check(person, project, pipeline, { entered, planned, after }, around);
    const wrong = check.ok ? {} : check.errors;
    const soFar = valuesSoFar(manifest, check);
    const shown = state.showErrors ? wrong : {};
    const remarks = state.tables ?? fresh?.tables ?? NO_REMARKS;
    // What is wrong with several values is told there.
    const silent = (sweep?.axes ?? []).map(({ parameter }) => parameter);
    const fields = await this.fields(manifest, check, { ...state, tables: remarks, silent }, { ...files, choices }, around);
    const { id, title, summary, version, gives } = manifest;
    return {
      title: text('run.title', { title }),
      project: { id: project.id, name: project.name },
      pipeline: { id, title, summary, version, gives },
      submission: state.submission,
      parts: formParts(manifest, manifest.parameters.filter(isShown), fields),
      isTold: state.showErrors,
      errors: fields.flatMap(({ id, label, error, ruleError }) => {
        const sentence = error ?? ruleError;
        return sentence === undefined ? [] : [{ id, label, sentence }];
      }),
      formErrors: [...(state.formErrors ?? []), ...strangeNames(manifest, shown)],
      preview: await commandPreview(manifest, check.values, new Set(Object.keys(wrong))),
      filesPreview: filesPreview(manifest, soFar, new Set(Object.keys(wrong)), AT_A_GLANCE),
      faultyRows: fields.flatMap(({ table }) => table?.faulty ?? []),
      changed: changedValues(manifest, check.values, [...silent, ...Object.keys(wrong)]),
      uploadFirst: uploadFirst(manifest, choices),
      reads: amountRead(manifest, soFar, choices),
      usually,
      limitSeconds: manifest.limits.timeSeconds ?? this.config.settings.TIME_LIMIT,
      starts: startsAfter(after, await this.outlook.now(person, project, manifest, check.values)),
      mailTo: person.kind === 'guest' ? null : person.email,
      retentionDays: this.config.settings.RETENTION_DAYS,
      earlierRun: state.earlierRun ?? null,
      places: manifest.parameters.some(({ type }) => type === 'file' || type === 'files') ? await this.placesOf(person, project) : [],
      moreFiles: !files.complete,
      findsFiles: fields.some(({ finder }) => finder !== null),
      conditions: conditionsView(manifest, state.showErrors),
      pickerWords: pickerWords(),
      presets: await this.presets.list(person, manifest, state.preset ?? null),
      link: linkTo(project, manifest, check.entered, { sweep: sweep ?? null, after }),
      sweep: after ? null : sweepFormView(manifest, { entered: sweep ?? null, planned, errors: wrong, told: state.formErrors ?? [] }),
      schedule: state.schedule ?? '',
      after: after && { number: after.number, title: after.title, isOver: after.isOver },
      maySchedule: person.kind === 'account' && after === null,
    };
  }

  private filesFor(person: User, project: Project, manifest: Manifest, state: FormState): Promise<FileChoices> {
    const { entered, given, searches = {}, take = '' } = state;
    const chosen = chosenIn(manifest, entered ?? given ?? {});
    return this.files.withChosen(person, project, chosen, take !== '' || Object.keys(searches).length > 0);
  }

  /** Into the project of somebody else nothing comes from one's own folder. */
  private async placesOf(person: User, { ownerId }: Project): Promise<InboxPlace[]> {
    const places = await this.inboxes.placesOf(person);
    return person.id === ownerId ? places : places.filter(({ source }) => source !== 'own');
  }

  /** Of several runs the first one is looked at; its fields keep what was entered. */
  private async check(
    person: User,
    project: Project,
    pipeline: Pipeline,
    { entered, planned, after }: { entered: Entered; planned: PlannedSweep | null; after: FollowedRun | null },
    around: FormSurroundings,
  ): Promise<ParameterCheck> {
    const first = planned && 'plan' in planned ? planned.plan.runs[0]?.combination : undefined;
    if (!first) return this.sources.check(person, project, pipeline, entered, around, after);
    const check = await this.sources.check(person, project, pipeline, entriesOfRun(pipeline.manifest.parameters, entered, first), around);
    const shown = Object.keys(first).map((name) => [name, entered[name] ?? '']);
    return { ...check, entered: { ...check.entered, ...(Object.fromEntries(shown) as Entered) } };
  }

  private async fields(
    manifest: Manifest,
    check: ParameterCheck,
    { showErrors, tables = NO_REMARKS, silent, searches = {} }: FormState & { silent: readonly string[] },
    { choices, complete: isComplete }: FileChoices,
    around: FormSurroundings,
  ): Promise<FieldView[]> {
    const offers = await fieldOffers(manifest, check, tables, around);
    const size = menuSize(manifest);
    return manifest.parameters.filter(isShown).map((parameter) => {
      const { name } = parameter;
      const offer = { ...offers.get(name), menu: { size, typed: own(searches, name) ?? '', isComplete } };
      const isVaried = silent.includes(name);
      const remarks = { ...remarksAt(name, manifest, check, showErrors && !isVaried), isVaried };
      return fieldView(parameter, check.entered[name] ?? '', check.required.has(name), remarks, choices, offer);
    });
  }
}

/** What waits for another run stands in no line yet. */
function startsAfter(after: FollowedRun | null, now: Outlook): Outlook {
  if (!after || after.isOver || now.isRefused) return now;
  return { ...now, sentence: text('chains.startsAfter', { number: after.number }), startsMs: null };
}

function linkTo(
  { id }: Project,
  manifest: Manifest,
  entered: Entered,
  { sweep, after }: { sweep: EnteredSweep | null; after: FollowedRun | null },
): string | null {
  const query = linkQuery(manifest, entered, sweep, after ? { after: String(after.number) } : {});
  return query === null ? null : `${address('/projects', [id, 'run', manifest.id])}${query === '' ? '' : `?${query}`}`;
}

function isShown({ type }: Parameter): boolean {
  return type !== 'constant';
}

/** What is wrong with a field itself goes before what rules say of it with others. */
function remarksAt(
  name: string,
  { rules = [], nameRules = [] }: Manifest,
  check: ParameterCheck,
  isTold: boolean,
): Omit<FieldRemarks, 'isVaried'> {
  const hasRules = rules.some(({ at }) => at === name) || nameRules.some(({ names }) => names.includes(name));
  if (!isTold) return { error: undefined, hasRules, ruleError: undefined, ruleWarning: undefined };
  const error = check.ok ? undefined : own(check.errors, name);
  const ruleError = own(check.broken.error, name);
  const isOwn = error !== ruleError;
  return {
    error: isOwn ? error : undefined,
    hasRules,
    ruleError: isOwn ? undefined : ruleError,
    ruleWarning: own(check.broken.warning, name),
  };
}

/** Parameters may be called as what every object has. */
function own(sentences: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(sentences, name) ? sentences[name] : undefined;
}

/** Sentences for submitted names that the pipeline does not have: there is no field to say them at. */
function strangeNames(manifest: Manifest, errors: Record<string, string>): string[] {
  const known = new Set(manifest.parameters.map(({ name }) => name));
  return Object.entries(errors)
    .filter(([name]) => !known.has(name))
    .map(([, sentence]) => sentence)
    .slice(0, 5);
}
