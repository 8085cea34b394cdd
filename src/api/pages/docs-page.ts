import type { ContentShape, DocumentShape, OperationShape, Shape } from './document-shape.js';
import { html, type Html } from './html.js';
import { page } from './layout.js';
import { examplesOf, fieldList, kindOf, propertyList, prose } from './schema-parts.js';

interface Place {
  method: string;
  path: string;
  operation: OperationShape;
}

const places = ({ paths }: DocumentShape): Place[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

const whoMay: Readonly<Record<string, string>> = {
  token: 'Whoever has the API token: Authorization: Bearer <API_TOKEN>.',
  twilioSignature: 'Twilio alone.',
};
const caller = ({ security: [first] }: OperationShape): string =>
  first === undefined ? 'Anybody.' : (whoMay[Object.keys(first)[0] ?? ''] ?? 'Whoever may.');

function parametersOf({ parameters = [] }: OperationShape): Html | null {
  if (parameters.length === 0) return null;
  return html`<h4>Parameters</h4>
    ${fieldList(
      parameters.map(({ name, in: place, required = false, schema, description, example: shown }) => ({
        name,
        place,
        required,
        shape: schema,
        description,
        example: shown,
      })),
    )}`;
}

function bodyOf({ requestBody }: OperationShape): Html | null {
  if (!requestBody) return null;
  const [first] = Object.entries(requestBody.content);
  if (!first) return null;
  const [type, { schema, example }] = first;
  const about = html`<h4>Body</h4>
    <p>${type}${requestBody.required === false ? ', optional' : ''}. ${prose(schema.description ?? '')}</p>`;
  if (schema.properties === undefined)
    return html`${about}
      <p>${kindOf(schema)}</p>`;
  return html`${about}${propertyList(schema)}${examplesOf({ examples: example === undefined ? [] : [example] })}`;
}

/** `BAD_STATE, BAD_LIMIT` of a refusal, or what the answer is. */
function contentOf(content: ContentShape = {}): Html[] {
  return Object.entries(content).map(([type, { schema, examples }]) =>
    examples === undefined
      ? html` ${type}: ${kindOf(schema)}${examplesOf(schema)}`
      : html` ${Object.keys(examples).map((code, at) => html`${at === 0 ? '' : ', '}<code>${code}</code>`)}`,
  );
}

const answersOf = ({ responses }: OperationShape): Html =>
  html`<h4>Answers</h4>
    <dl class="facts">
      ${Object.entries(responses).map(
        ([status, { description, content }]) =>
          html`<dt>${status}</dt>
            <dd>${prose(description)}${contentOf(content)}</dd>`,
      )}
    </dl>`;

const operationPart = ({ method, path, operation }: Place): Html =>
  html`<article class="card" id="${operation.operationId}" aria-labelledby="${operation.operationId}-name">
    <h3 id="${operation.operationId}-name">${operation.summary}${operation.deprecated ? ' (deprecated)' : ''}</h3>
    <p><code>${method} ${path}</code></p>
    <p>${prose(operation.description)}</p>
    <p class="soft">${caller(operation)}</p>
    <details>
      <summary>Request and answers<span class="only-read"> of ${operation.summary}</span></summary>
      ${parametersOf(operation)}${bodyOf(operation)}${answersOf(operation)}
    </details>
  </article>`;

const shapePart = ([name, shape]: [string, Shape]): Html =>
  html`<section class="card" id="${name}" aria-labelledby="${name}-name">
    <h3 id="${name}-name">${name}</h3>
    ${shape.description === undefined ? null : html`<p>${prose(shape.description)}</p>`} ${propertyList(shape)}
    ${examplesOf(shape)}
  </section>`;

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The document of `/openapi.json` as a page. */
export function docsPage(document: DocumentShape, prefix: string): string {
  const all = places(document);
  const { info, servers, tags, components } = document;
  const contents = tags.map(
    ({ name }) =>
      html`<li>
        ${titled(name)}:
        ${all
          .filter(({ operation }) => operation.tags.includes(name))
          .map(
            ({ operation }, at) =>
              html`${at === 0 ? '' : ', '}<a href="#${operation.operationId}">${operation.summary}</a>`,
          )}
      </li>`,
  );
  const parts = tags.map(
    ({ name, description }) =>
      html`<h2>${titled(name)}</h2>
        <p>${description}</p>
        ${all.filter(({ operation }) => operation.tags.includes(name)).map(operationPart)}`,
  );
  return page({
    title: 'For programs',
    prefix,
    main: html`<h1>For programs</h1>
      ${info.description.split('\n\n').map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
      <p>
        Version ${info.version}. All addresses begin with <code>${servers[0]?.url ?? ''}</code>. Programs can read this
        as <a href="${prefix}/openapi.json">OpenAPI 3.1</a>.
      </p>
      <nav aria-label="Operations">
        <ul>
          ${contents}
        </ul>
      </nav>
      ${parts}
      <h2>Shapes</h2>
      ${Object.entries(components.schemas).map(shapePart)}`,
  });
}
