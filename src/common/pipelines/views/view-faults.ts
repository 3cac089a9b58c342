import { text } from '../../../locales/text';
import type { FieldFault } from '../condition-faults';
import type { Parameter } from '../manifest';
import { hasLoneStar, PLACE, type LayerRule, type ViewRule } from './view-rules';

/** What is wrong with views beyond their fields. */
export function viewFaults(views: readonly ViewRule[], parameters: readonly Parameter[]): FieldFault[] {
  return views.flatMap((view, index) => [
    ...oneViewFaults(view, parameters).map(([path, fault]): FieldFault => [['views', index, ...path], fault]),
    ...view.layers.flatMap((layer, place) =>
      layerFaults(layer, view, parameters).map(([path, fault]): FieldFault => [['views', index, 'layers', place, ...path], fault]),
    ),
  ]);
}

function oneViewFaults({ each, pixelSize, layers }: ViewRule, parameters: readonly Parameter[]): FieldFault[] {
  const faults: FieldFault[] = [];
  if (each !== undefined && !hasLoneStar(each)) faults.push([['each'], text('viewer.eachNeedsStar')]);
  if (typeof pixelSize === 'object') {
    const type = parameters.find(({ name }) => name === pixelSize.parameter)?.type;
    if (type !== 'number' && type !== 'integer')
      faults.push([['pixelSize', 'parameter'], text('pipelines.needNotNumber', { name: pixelSize.parameter })]);
  }
  if (layers.every(({ as }) => as === 'shapes')) faults.push([['layers'], text('viewer.needsImage')]);
  return faults;
}

function layerFaults(layer: LayerRule, { each }: ViewRule, parameters: readonly Parameter[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const sources = [layer.glob, layer.list, layer.parameter].filter((source) => source !== undefined);
  if (sources.length !== 1) faults.push([[], text('viewer.globOrParameter')]);
  if (layer.list !== undefined && layer.as !== 'image') faults.push([['as'], text('viewer.listOfImages')]);
  if (layer.parameter !== undefined) {
    const type = parameters.find(({ name }) => name === layer.parameter)?.type;
    if (type !== 'file' && type !== 'files') faults.push([['parameter'], text('viewer.notFile', { name: layer.parameter })]);
  }
  for (const field of ['glob', 'list', 'table', 'title'] as const) {
    if (each === undefined && layer[field]?.includes(PLACE)) faults.push([[field], text('viewer.placeNeedsEach', { place: PLACE })]);
  }
  if (layer.table !== undefined && layer.as === 'image') faults.push([['table'], text('viewer.tableOfImage')]);
  if (layer.table !== undefined && layer.key === undefined) faults.push([['table'], text('viewer.tableNeedsKey')]);
  return faults;
}
