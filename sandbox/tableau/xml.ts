/**
 * The XML of the REST API, its default format:
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_fundamentals.htm
 */
import { elementsIn, parseXml, XmlError, type XmlElement } from '../xml.js';

type Json = Record<string, unknown>;

const schema = 'http://tableau.com/api https://help.tableau.com/samples/en-us/rest_api/ts-api_3_25.xsd';
const namespaces = `xmlns="http://tableau.com/api" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${schema}"`;

/** Written as elements; every other plain value is an attribute. */
const textElements = new Set(['summary', 'detail', 'body', 'notes', 'restApiVersion']);

const escape = (value: unknown): string =>
  String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const write = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((one) => write(name, one)).join('');
  if (!isObject(value)) return `<${name}>${escape(value)}</${name}>`;
  const entries = Object.entries(value);
  const isAttribute = ([key, one]: [string, unknown]): boolean =>
    !isObject(one) && !textElements.has(key) && key !== 'value';
  const attributes = entries.filter(isAttribute).map(([key, one]) => ` ${key}="${escape(one)}"`);
  // `{ value, build }` is the text of an element and its attribute.
  const text = 'value' in value ? escape(value['value']) : '';
  const children = entries
    .filter((entry) => !isAttribute(entry) && entry[0] !== 'value')
    .map(([key, one]) => write(key, one));
  const content = text + children.join('');
  const start = `<${name}${attributes.join('')}`;
  return content === '' ? `${start}/>` : `${start}>${content}</${name}>`;
};

/** Gives the answer as a tsResponse. A text, such as the body of a fault, stays as it is. */
export const toXml = (answer: unknown): string => {
  if (!isObject(answer)) return String(answer);
  const content = Object.entries(answer).map(([name, value]) => write(name, value));
  return `<?xml version="1.0" encoding="UTF-8"?><tsResponse ${namespaces}>${content.join('')}</tsResponse>`;
};

const read = (element: XmlElement): Json => ({
  ...element.attributes,
  ...Object.fromEntries(elementsIn(element).map((child) => [child.name, read(child)])),
});

/** Gives the tsRequest in the shape of its JSON, undefined when it is none. */
export const fromXml = (source: string): Json | undefined => {
  try {
    const root = parseXml(source);
    return root.name === 'tsRequest' ? read(root) : undefined;
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
};
