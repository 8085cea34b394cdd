/** A strict reader for small XML documents (TwiML, requests to Tableau): no DTD, no namespaces, no recovery. */

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: (XmlElement | string)[];
}

export class XmlError extends Error {
  override name = 'XmlError';
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const decode = (text: string): string =>
  text.replaceAll(/&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);|&/g, (whole, entity: string | undefined) => {
    if (entity === undefined) throw new XmlError('an & that begins no entity');
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    const character = named[entity];
    if (character === undefined) throw new XmlError(`unknown entity ${whole}`);
    return character;
  });

const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

const readAttributes = (text: string): Record<string, string> => {
  const attributes: Record<string, string> = {};
  for (const [, name = '', double, single] of text.matchAll(attribute)) {
    if (Object.hasOwn(attributes, name)) throw new XmlError(`attribute ${name} twice`);
    attributes[name] = decode(double ?? single ?? '');
  }
  return attributes;
};

/** Gives the root element. Throws XmlError for anything that is not one well-formed element. */
export const parseXml = (source: string): XmlElement => {
  const document: XmlElement = { name: '', attributes: {}, children: [] };
  const open: XmlElement[] = [document];
  const text = source.replace(/^\uFEFF/, '');
  let at = 0;
  while (at < text.length) {
    token.lastIndex = at;
    const match = token.exec(text);
    const parent = open.at(-1);
    if (!match || !parent) throw new XmlError(`not well-formed at character ${at}`);
    at = token.lastIndex;
    const [, cdata, closing, opening, attributes = '', selfClosing, characters] = match;
    if (closing !== undefined) {
      if (open.length === 1 || parent.name !== closing) throw new XmlError(`</${closing}> closes nothing`);
      open.pop();
    } else if (opening !== undefined) {
      const element: XmlElement = { name: opening, attributes: readAttributes(attributes), children: [] };
      parent.children.push(element);
      if (selfClosing === '') open.push(element);
    } else {
      const content = cdata ?? (characters === undefined ? '' : decode(characters));
      if (parent === document && content.trim() !== '') throw new XmlError('text outside the root element');
      if (content !== '' && parent !== document) parent.children.push(content);
    }
  }
  if (open.length > 1) throw new XmlError(`<${open.at(-1)?.name}> is not closed`);
  const [root, ...more] = document.children;
  if (root === undefined || typeof root === 'string' || more.length > 0) throw new XmlError('not one root element');
  return root;
};

/** All text inside, with runs of white space made one space. */
export const textOf = (element: XmlElement): string => {
  const all = (node: XmlElement | string): string =>
    typeof node === 'string' ? node : node.children.map((child) => all(child)).join('');
  return all(element).replaceAll(/\s+/g, ' ').trim();
};

export const elementsIn = (element: XmlElement): XmlElement[] =>
  element.children.filter((child) => typeof child !== 'string');
