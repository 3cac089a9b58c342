import { STATUS_CODES } from 'node:http';
import { text, type TextKey } from '../../../locales/text';
import type { ApiArea } from '../contract/api-route';
import { curlOf } from './curl';
import { fieldsOf, nameOfRef, typeOf, type Field } from './fields';
import { objectsByArea, operationsOf, type FoundOperation } from './areas';
import type { OpenApiDocument, Parameter, ResponseObject } from './open-api';

/** What `views/help/api.hbs` shows: how to ask, and where all else stands. */
export interface Reference {
  example: string;
  areas: AreaLink[];
  listed: { name: string; title: string; routes: RouteLine[] }[];
  /** By name, each with the page that has its fields. */
  objects: { name: string; area: ApiArea }[];
  /** That belong to no area, with their fields. */
  shared: ObjectView[];
  statuses: { status: number; name: string; meaning: string }[];
}

/** What `views/help/api-area.hbs` shows. */
export interface AreaReference {
  areas: AreaLink[];
  area: { name: string; title: string };
  routes: RouteView[];
  /** That its routes speak of, and those in them. */
  objects: ObjectView[];
}

interface AreaLink {
  name: string;
  title: string;
  isHere: boolean;
}

interface ObjectView {
  name: string;
  fields: Field[];
}

interface RouteLine {
  /** Of the operation. */
  id: string;
  method: string;
  /** Steps of the path, of which names are marked. */
  path: { step: string; isName: boolean }[];
  summary: string;
}

interface RouteView extends RouteLine {
  /** Null: no token is needed. */
  scope: string | null;
  asked: Field[];
  body: Field[];
  answers: AnswerView[];
  curl: string;
}

interface AnswerView {
  status: string;
  meaning: string;
  /** `application/json`, or what it is else; null: nothing. */
  type: string | null;
  /** The object of which there is a list of fields. */
  object: string | null;
  fields: Field[];
  headers: { name: string; says: string }[];
}

const STATUSES: Record<number, TextKey> = {
  400: 'api.status400',
  401: 'api.status401',
  403: 'api.status403',
  404: 'api.status404',
  405: 'api.status405',
  409: 'api.status409',
  413: 'api.status413',
  415: 'api.status415',
  422: 'api.status422',
  423: 'api.status423',
  429: 'api.status429',
  500: 'api.status500',
  503: 'api.status503',
  507: 'api.status507',
};

/** @param address of the site, without a slash at its end. */
export function referenceOf(document: OpenApiDocument, address: string): Reference {
  const { tags, components } = document;
  const objects = objectsByArea(document);
  const places = new Map<string, ApiArea>();
  for (const { name } of tags) for (const object of objects.get(name) ?? []) places.set(object, places.get(object) ?? name);
  const names = Object.keys(components.schemas).toSorted();
  return {
    example: `curl -H "Authorization: Bearer $TOKEN" \\\n  '${address}/api/v1'`,
    areas: areaLinks(document, null),
    listed: tags.map(({ name, description }) => ({ name, title: description, routes: operationsOf(document, name).map(routeLine) })),
    objects: names.flatMap((name) => {
      const area = places.get(name);
      return area === undefined ? [] : [{ name, area }];
    }),
    shared: names.filter((name) => !places.has(name)).map((name) => objectView(document, name)),
    statuses: Object.entries(STATUSES).map(([status, key]) => ({
      status: Number(status),
      name: STATUS_CODES[status] ?? '',
      meaning: text(key),
    })),
  };
}

/** @returns null for an area that has no routes, or is none. */
export function areaReferenceOf(document: OpenApiDocument, area: string, address: string): AreaReference | null {
  const tag = document.tags.find(({ name }) => name === area);
  if (!tag) return null;
  return {
    areas: areaLinks(document, tag.name),
    area: { name: tag.name, title: tag.description },
    routes: operationsOf(document, tag.name).map((found) => routeView(found, address)),
    objects: [...(objectsByArea(document).get(tag.name) ?? [])].toSorted().map((name) => objectView(document, name)),
  };
}

function areaLinks({ tags }: OpenApiDocument, here: ApiArea | null): AreaLink[] {
  return tags.map(({ name, description }) => ({ name, title: description, isHere: name === here }));
}

function objectView({ components }: OpenApiDocument, name: string): ObjectView {
  return { name, fields: fieldsOf(components.schemas[name] ?? {}) };
}

function routeLine({ path, method, operation: { operationId, summary } }: FoundOperation): RouteLine {
  return {
    id: operationId,
    method: method.toUpperCase(),
    path: path
      .split('/')
      .slice(1)
      .map((step) => ({ step, isName: step.startsWith('{') })),
    summary,
  };
}

function routeView(found: FoundOperation, address: string): RouteView {
  const { security, parameters, requestBody, responses } = found.operation;
  const json = requestBody?.content['application/json'];
  return {
    ...routeLine(found),
    scope: security[0] ? (Object.values(security[0])[0]?.[0] ?? null) : null,
    asked: parameters.map(parameterField),
    body: json ? fieldsOf(json.schema) : [],
    answers: Object.entries(responses).flatMap(([status, response]) =>
      /^\d/.test(status) && !status.endsWith('X') ? [answerView(status, response)] : [],
    ),
    curl: curlOf({ address, ...found }),
  };
}

function parameterField({ name, in: place, required, description = '', schema }: Parameter): Field {
  return { name, type: typeOf(schema), object: null, isNeeded: required, says: description, place: text(PLACES[place]) };
}

const PLACES: Record<Parameter['in'], TextKey> = { path: 'api.inPath', query: 'api.inQuery', header: 'api.inHeader' };

function answerView(status: string, { description, content = {}, headers = {} }: ResponseObject): AnswerView {
  const [[type, { schema }] = [null, { schema: {} }]] = Object.entries(content);
  const object = nameOfRef(schema);
  return {
    status,
    meaning: description,
    type,
    object,
    fields: object === null ? fieldsOf(schema) : [],
    headers: Object.entries(headers).map(([name, header]) => ({ name, says: header.description })),
  };
}
