/** The states of a call: queued, ringing, in progress, over. */
import { callParams, createCallCallbacks, type CallEvent } from './call-callbacks.js';
import { restError, type RestError } from './errors.js';
import { readCallRequest } from './requests.js';
import { createSession, type Fetched, type Session } from './session.js';
import { newSid } from './sids.js';
import type { SendWebhook } from './webhook.js';
import {
  isOver,
  plainNumber,
  type Call,
  type CallStatus,
  type Ports,
  type TwilioOptions,
  type TwilioState,
} from './world.js';

export interface Calls {
  create: (form: URLSearchParams) => Call | RestError;
  /** By REST: `canceled` before it is answered, `completed` until it is over. */
  update: (call: Call, form: URLSearchParams) => Call | RestError;
  /** These give null when the state of the call does not allow it. */
  answer: (call: Call, by: 'human' | 'machine') => Promise<Fetched | null>;
  press: (call: Call, digits: string) => Promise<Fetched | null>;
  hangUp: (call: Call) => Fetched | null;
  decline: (call: Call) => Fetched | null;
  /** Ends the call with this status, as the network would. */
  end: (call: Call, status: CallStatus) => void;
}

export const createCalls = (options: TwilioOptions, state: TwilioState, ports: Ports, send: SendWebhook): Calls => {
  const sessions = new Map<string, Session>();
  const sendStatus = createCallCallbacks(options, send);

  const callback = (call: Call, event: CallEvent): void => {
    ports.later(0, () => sendStatus(call, event));
  };

  const change = (call: Call, status: CallStatus): void => {
    call.status = status;
    call.updatedAt = Date.now();
    ports.changed(plainNumber(call.to));
    ports.log(`Twilio: call to ${plainNumber(call.to)} is ${status}`);
  };

  const end = (call: Call, status: CallStatus): void => {
    if (isOver(call)) return;
    call.endedAt = Date.now();
    change(call, status);
    sessions.get(call.sid)?.stop();
    sessions.delete(call.sid);
    callback(call, 'completed');
  };

  const ring = (call: Call): void => {
    if (call.status !== 'queued') return;
    change(call, 'ringing');
    callback(call, 'ringing');
    ports.later(ports.settings().ringForMs ?? call.timeoutMs, () => {
      if (call.status === 'ringing') end(call, 'no-answer');
    });
  };

  return {
    end,
    create: (form) => {
      const request = readCallRequest(form);
      if ('code' in request) return request;
      const { from, to, timeoutMs, url, twiml, statusCallback, events } = request;
      const now = Date.now();
      const call: Call = {
        sid: newSid('CA'),
        from,
        to,
        timeoutMs,
        url,
        twiml,
        statusCallback,
        statusCallbackEvents: events,
        status: 'queued',
        createdAt: now,
        updatedAt: now,
        answeredAt: null,
        endedAt: null,
        sequence: 0,
        spoken: '',
        answeredBy: null,
      };
      state.calls.set(call.sid, call);
      ports.changed(plainNumber(to));
      callback(call, 'initiated');
      ports.later(ports.settings().ringingAfterMs, () => ring(call));
      return call;
    },
    update: (call, form) => {
      const status = form.get('Status');
      if (status !== 'canceled' && status !== 'completed')
        return restError(20001, 'Status must be canceled or completed');
      const allowed = status === 'canceled' ? call.status === 'queued' || call.status === 'ringing' : !isOver(call);
      if (!allowed) return restError(21220, 'Call is not in-progress. Cannot redirect.');
      end(call, call.status === 'in-progress' ? 'completed' : 'canceled');
      return call;
    },
    answer: async (call, by) => {
      if (call.status !== 'ringing') return null;
      call.answeredAt = Date.now();
      call.answeredBy = by;
      change(call, 'in-progress');
      callback(call, 'answered');
      const session = createSession(call, ports, (url, params) =>
        send(url, { ...callParams(options.accountSid, call), ...params }),
      );
      sessions.set(call.sid, session);
      ports.later(0, async () => {
        await session.run();
        end(call, 'completed');
      });
      return session.begun;
    },
    press: async (call, digits) => {
      const session = sessions.get(call.sid);
      if (!session || call.answeredBy === 'machine') return null;
      ports.log(`Phone ${plainNumber(call.to)} presses ${digits}`);
      return session.press(digits);
    },
    hangUp: (call) => {
      if (call.status !== 'in-progress') return null;
      end(call, 'completed');
      return { status: null, twiml: null };
    },
    decline: (call) => {
      if (call.status !== 'ringing') return null;
      end(call, 'busy');
      return { status: null, twiml: null };
    },
  };
};
