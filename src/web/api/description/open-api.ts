import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { AppConfig } from '../../../common/config/app-config';
import { currentLanguage } from '../../../locales/language';
import { text, type TextKey } from '../../../locales/text';
import { programVersion } from '../../http/site.view';
import { API_AREAS, isContent, statusOf, type ApiArea, type ApiContent, type ApiRoute } from '../contract/api-route';
import { problemSchema } from '../contract/problem-schema';
import { ApiRoutes, type FoundRoute } from './api-routes';
import { JsonSchemas, type JsonSchema } from './json-schemas';

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  parameters: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, ResponseObject>;
  security: Record<string, string[]>[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
  example?: string;
}

export interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Content;
}

type Content = Record<string, { schema: JsonSchema; example?: unknown }>;

/** An OpenAPI 3.1 document, as far as it is made here. */
export interface OpenApiDocument {
  openapi: '3.1.0';
  info: { title: string; version: string; description: string };
  servers: { url: string }[];
  tags: { name: ApiArea; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, object> };
}

const JSON_TYPE = 'application/json';
const NAME_OF_SCHEME = 'token';

const AREAS: Record<ApiArea, TextKey> = {
  start: 'api.areaStart',
  account: 'api.areaAccount',
  projects: 'api.areaProjects',
  files: 'api.areaFiles',
  pipelines: 'api.areaPipelines',
  runs: 'api.areaRuns',
  sweeps: 'api.areaSweeps',
  queue: 'api.areaQueue',
  administration: 'api.areaAdministration',
};

const PATH_PARAMETERS: Record<string, { schema: JsonSchema; says: TextKey }> = {
  project: { schema: { type: 'string', format: 'uuid' }, says: 'api.pathProject' },
  run: { schema: { type: 'integer', minimum: 1 }, says: 'api.pathRun' },
  path: { schema: { type: 'string', minLength: 1 }, says: 'api.pathPath' },
};

/** Writes the OpenAPI document out of the routes: there is no second description to keep. */
@Injectable()
export class OpenApi {
  private readonly made = new Map<string, OpenApiDocument>();

  constructor(
    private readonly routes: ApiRoutes,
    private readonly config: AppConfig,
  ) {}

  /** In the language of the moment. */
  document(): OpenApiDocument {
    const { tag } = currentLanguage();
    const document = this.made.get(tag) ?? this.write();
    this.made.set(tag, document);
    return document;
  }

  private write(): OpenApiDocument {
    const schemas = new JsonSchemas();
    const problem = schemas.of(problemSchema, 'output');
    const paths: OpenApiDocument['paths'] = {};
    const found = this.routes.all();
    for (const route of found) (paths[route.path] ??= {})[route.method] = operationOf(route, schemas, problem);
    const areas = API_AREAS.filter((area) => found.some((route) => route.area === area));
    return {
      openapi: '3.1.0',
      info: { title: text('api.title'), version: programVersion(this.config), description: text('api.lead') },
      servers: [{ url: this.config.basePath || '/' }],
      tags: areas.map((name) => ({ name, description: text(AREAS[name]) })),
      paths,
      components: {
        schemas: schemas.named,
        securitySchemes: { [NAME_OF_SCHEME]: { type: 'http', scheme: 'bearer', description: text('api.tokenRequired') } },
      },
    };
  }
}

function operationOf(route: FoundRoute, schemas: JsonSchemas, problem: JsonSchema): Operation {
  const { name, area, summary, scope, body, example } = route;
  return {
    operationId: name,
    tags: [area],
    summary: text(summary),
    parameters: [...pathParameters(route), ...queryParameters(route, schemas), ...headerParameters(route)],
    ...(body && {
      requestBody: {
        required: true,
        content: { [JSON_TYPE]: { schema: schemas.of(body, 'input'), ...(example?.body !== undefined && { example: example.body }) } },
      },
    }),
    responses: { ...answersOf(route, schemas), ...sameAsBefore(route), ...failures(problem) },
    security: scope === null ? [] : [{ [NAME_OF_SCHEME]: [scope] }],
  };
}

function pathParameters({ parameters }: FoundRoute): Parameter[] {
  return parameters.map(({ name }) => {
    const known = PATH_PARAMETERS[name] ?? { schema: { type: 'string', minLength: 1 } };
    return {
      name,
      in: 'path',
      required: true,
      ...('says' in known ? { description: text(known.says) } : {}),
      schema: known.schema,
    };
  });
}

function queryParameters({ query, example }: ApiRoute, schemas: JsonSchemas): Parameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = schemas.of(query, 'input');
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
    ...(example?.query?.[name] === undefined ? {} : { example: example.query[name] }),
  }));
}

function headerParameters({ headers = {} }: ApiRoute): Parameter[] {
  return Object.entries(headers).map(([name, key]) => ({
    name,
    in: 'header',
    required: false,
    description: text(key),
    schema: { type: 'string' },
  }));
}

function answersOf(route: ApiRoute, schemas: JsonSchemas): Record<string, ResponseObject> {
  const { answer, others = {}, answerHeaders = {} } = route;
  const headers = Object.fromEntries(
    Object.entries(answerHeaders).map(([name, key]) => [name, { description: text(key), schema: { type: 'string' } }]),
  );
  const withHeaders = Object.keys(headers).length === 0 ? {} : { headers };
  return Object.fromEntries([
    [String(statusOf(route)), { ...responseOf(answer, schemas), ...withHeaders }],
    ...Object.entries(others).map(([status, other]) => [status, responseOf(other, schemas)]),
  ]) as Record<string, ResponseObject>;
}

/** Express names the version of each JSON that it sends, as files have one, and sends none to whoever has it. */
function sameAsBefore({ method, answer }: FoundRoute): Record<string, ResponseObject> {
  return method === 'get' && answer !== null ? { 304: { description: text('api.answerSame') } } : {};
}

function responseOf(answer: z.ZodType | ApiContent | null, schemas: JsonSchemas): ResponseObject {
  if (answer === null) return { description: text('api.answerNothing') };
  if (isContent(answer)) return { description: text(answer.says), content: { [answer.type]: { schema: {} } } };
  return { description: text('api.answerDone'), content: { [JSON_TYPE]: { schema: schemas.of(answer, 'output') } } };
}

function failures(schema: JsonSchema): Record<string, ResponseObject> {
  const content = { 'application/problem+json': { schema } };
  return { '4XX': { description: text('api.answerFault'), content }, '5XX': { description: text('api.answerTrouble'), content } };
}
