/** The Content API at /v1/Content: https://www.twilio.com/docs/content/content-api-resources */
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { readContent, submit } from './content.js';
import { isRestError, notFound, restErrorBody, unauthorized, type RestError } from './errors.js';
import { isAllowed } from './routes.js';
import { newSid } from './sids.js';
import type { Content, Template, TwilioOptions, TwilioState } from './world.js';

type Known = Template & { content: Content };

const host = 'https://content.twilio.com/v1/Content';

export const contentRoutes = (options: TwilioOptions, state: TwilioState): FastifyPluginCallback => {
  const { accountSid } = options;
  const refuse = (reply: FastifyReply, error: RestError): FastifyReply =>
    reply.code(error.status).send(restErrorBody(error));

  const show = (sid: string, { body, buttons, content }: Known): Record<string, unknown> => ({
    account_sid: accountSid,
    date_created: new Date(content.createdAt).toISOString(),
    date_updated: new Date(content.createdAt).toISOString(),
    friendly_name: content.friendlyName,
    language: content.language,
    links: {
      approval_create: `${host}/${sid}/ApprovalRequests/whatsapp`,
      approval_fetch: `${host}/${sid}/ApprovalRequests`,
    },
    sid,
    types: buttons.length > 0 ? { 'twilio/quick-reply': { body, actions: buttons } } : { 'twilio/text': { body } },
    url: `${host}/${sid}`,
    variables: content.variables,
  });
  const showApproval = ({ content: { approval }, buttons }: Known): Record<string, unknown> => ({
    name: approval.name,
    category: approval.category,
    content_type: buttons.length > 0 ? 'twilio/quick-reply' : 'twilio/text',
    status: approval.status,
    rejection_reason: approval.reason,
    allow_category_change: true,
  });

  const hasContent = (template: Template | undefined): template is Known => (template?.content ?? null) !== null;
  const find = (request: FastifyRequest<{ Params: { sid: string } }>): { sid: string; template: Known } | RestError => {
    const { sid } = request.params;
    const template = state.templates.get(sid);
    return hasContent(template) ? { sid, template } : notFound(request.url);
  };

  return (app, _options, done) => {
    app.addHook('preHandler', async (request, reply) =>
      isAllowed(options, request.headers.authorization) ? undefined : refuse(reply, unauthorized),
    );

    app.post('/', (request, reply) => {
      const template = readContent(request.body);
      if (isRestError(template)) return refuse(reply, template);
      const sid = newSid('HX');
      state.templates.set(sid, template);
      return hasContent(template) ? reply.code(201).send(show(sid, template)) : reply.code(500).send();
    });

    app.get<{ Querystring: { PageSize?: string; Page?: string } }>('/', (request, reply) => {
      const size = Math.min(1000, Math.max(1, Number(request.query.PageSize ?? 50) || 50));
      const page = Math.max(0, Number(request.query.Page ?? 0) || 0);
      const rows = [...state.templates].flatMap(([sid, one]) => (hasContent(one) ? [show(sid, one)] : []));
      const address = (number: number): string => `${host}?PageSize=${size}&Page=${number}`;
      const more = (page + 1) * size < rows.length;
      return reply.send({
        contents: rows.toReversed().slice(page * size, (page + 1) * size),
        meta: {
          first_page_url: address(0),
          key: 'contents',
          next_page_url: more ? address(page + 1) : null,
          page,
          page_size: size,
          previous_page_url: page > 0 ? address(page - 1) : null,
          url: address(page),
        },
      });
    });

    app.get<{ Params: { sid: string } }>('/:sid', (request, reply) => {
      const found = find(request);
      return 'template' in found ? reply.send(show(found.sid, found.template)) : refuse(reply, found);
    });

    app.get<{ Params: { sid: string } }>('/:sid/ApprovalRequests', (request, reply) => {
      const found = find(request);
      if (!('template' in found)) return refuse(reply, found);
      const url = `${host}/${found.sid}/ApprovalRequests`;
      return reply.send({
        account_sid: accountSid,
        sid: found.sid,
        url,
        whatsapp: { ...showApproval(found.template), type: 'whatsapp' },
      });
    });

    app.post<{ Params: { sid: string } }>('/:sid/ApprovalRequests/whatsapp', (request, reply) => {
      const found = find(request);
      if (!('template' in found)) return refuse(reply, found);
      const wrong = submit(found.template.content, found.template.body, request.body);
      return wrong ? refuse(reply, wrong) : reply.code(201).send(showApproval(found.template));
    });
    done();
  };
};
