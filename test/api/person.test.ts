import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PeopleSignIn } from '../../src/config/people-sign-in.js';
import { authorProblem } from '../../src/policy/author.js';
import { readerClock } from '../../src/api/sign-in/reader-clock.js';
import { mayAct, namedGroups, personOf } from '../../src/api/sign-in/person.js';
import { escalation } from './service.js';

const file = {
  ...escalation,
  contacts: { ...escalation.contacts, ana: { phone: '+15550000001', timezone: 'Europe/Berlin' } },
  owners: { 'ana.lima@example.com': 'ana', 'example\\lead': 'lead' },
};
const signIn = (people: Partial<PeopleSignIn['people']> = {}): PeopleSignIn => ({
  issuer: 'https://login.example.com',
  clientId: 'x',
  clientSecret: 'x',
  scope: 'openid',
  people: { viewer: [], responder: [], admin: [], ...people },
});
const by = (email: string, people: Partial<PeopleSignIn['people']> = {}, groups: string[] = []) =>
  personOf({ via: 'oidc', name: email, email, groups }, { escalation: file, signIn: signIn(people) });

test('a contact whose zone is UTC reads times in UTC, whatever the zone of the first schedule', () => {
  const schedules = { data: { timezone: 'Europe/Berlin', rotations: [], overrides: [] } };
  const contacts = { ...file.contacts, ana: { phone: '+15550000001', timezone: 'UTC' } };
  const signedIn = { via: 'oidc', name: 'ana', email: 'ana.lima@example.com' } as const;
  const person = personOf(signedIn, { escalation: { ...file, contacts, schedules }, signIn: signIn() });
  assert.deepEqual(readerClock(person && { ...person, session: null }, 0), { now: 0, zone: 'UTC' });
});

describe('by the identity provider', () => {
  test('without lists only contacts are let in, as themselves, and may answer', () => {
    assert.deepEqual(by('ana.lima@example.com'), {
      name: 'ana',
      contact: 'ana',
      access: 'responder',
      zone: 'Europe/Berlin',
    });
    assert.equal(by('olga@example.com'), null);
    assert.equal(by('example\\lead@evil.example'), null, 'a user name of Tableau is no address');
  });

  test('lists give access, the highest counts, and a contact on a list of viewers may still answer', () => {
    const people = { viewer: ['*@example.com'], responder: ['olga@example.com'], admin: ['group:platform'] };
    assert.equal(by('vic@example.com', people)?.access, 'viewer');
    assert.equal(by('Olga@example.com', people)?.access, 'responder');
    assert.equal(by('vic@example.com', people, ['platform'])?.access, 'admin');
    assert.equal(by('ana.lima@example.com', people)?.access, 'responder');
    assert.equal(by('ana.lima@example.com', people, ['platform'])?.access, 'admin');
    assert.equal(by('vic@example.com.evil.example', people), null);
    assert.equal(by('vic@example.com', { admin: ['group:platform'] }, ['platform-guests']), null);
  });

  test('whoever is no contact goes by the address, never by a name that they chose', () => {
    const named = { via: 'oidc' as const, name: 'ana', email: 'eve@example.com' };
    const person = personOf(named, { escalation: file, signIn: signIn({ viewer: ['*@example.com'] }) });
    assert.deepEqual([person?.name, person?.contact], ['eve@example.com', null]);
    for (const local of ['15550000001', 'a'.repeat(200)])
      assert.equal(authorProblem(by(`${local}@example.com`, { viewer: ['*@example.com'] })?.name ?? ''), null, local);
  });

  test('without a provider in the variables nobody is anybody', () => {
    const session = { via: 'oidc' as const, name: 'a', email: 'ana.lima@example.com' };
    assert.equal(personOf(session, { escalation: file, signIn: undefined }), null);
  });
});

test('by the API token everything is allowed under the name that was given, which makes a contact of nobody', () => {
  const person = personOf({ via: 'token', name: 'ana' }, { escalation: file, signIn: undefined });
  assert.deepEqual(person, { name: 'ana', contact: null, access: 'admin', zone: 'UTC' });
});

test('each level may do what those before it may', () => {
  assert.ok(mayAct({ access: 'admin' }, 'viewer') && mayAct({ access: 'responder' }, 'responder'));
  assert.ok(!mayAct({ access: 'viewer' }, 'responder') && !mayAct({ access: 'responder' }, 'admin'));
});

test('a session keeps only groups that the variables name', () => {
  assert.deepEqual(namedGroups(signIn({ admin: ['group:b'] }), ['a', 'b', 'c']), ['b']);
});
