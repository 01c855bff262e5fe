'use strict';
// The app against an SMSC that runs, as Zapier would call it.

const assert = require('node:assert/strict');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { after, before, test } = require('node:test');
const zapier = require('zapier-platform-core');

const App = require('..');

const { SMSC_URL, SMSC_ACCOUNT = 'demo', SMSC_TOKEN = 'demo' } = process.env;
const NUMBER = process.env.SMSC_NUMBER || '1234';
const DEVICE = process.env.SMSC_DEVICE || '491700000001';

const authData = { url: SMSC_URL, account: SMSC_ACCOUNT, token: SMSC_TOKEN };
const targetUrl = 'https://hooks.zapier.com/hooks/standard/1/abc/';
const inputData = { address: NUMBER };
const ask = zapier.createAppTester(App);
const { message_received: received, message_status: status } = App.triggers;
const { send_message: send } = App.creates;

const smsc = async (method, path, body) => {
  const headers = { authorization: `Bearer ${SMSC_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(SMSC_URL + path, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, data: text ? JSON.parse(text) : undefined };
};

// Zapier's side of a webhook: what it is called with.
const calls = [];
let arrived = () => {};
const receiver = createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  calls.push(JSON.parse(body));
  response.end('{"status":"success"}');
  arrived();
});

const called = async () => {
  while (calls.length === 0) await new Promise((resolve) => (arrived = resolve));
  return calls.shift();
};

before(() => once(receiver.listen(0, '127.0.0.1'), 'listening'));
after(() => receiver.close());

// Turn a Zap on, and have its calls come here: only who runs the SMSC may have it do that.
const turnedOn = async (trigger) => {
  const bundle = { authData, inputData, targetUrl };
  const subscribeData = await ask(trigger.operation.performSubscribe, bundle);
  const path = `/v1/webhooks/${subscribeData.name}`;
  const { data: made } = await smsc('GET', path);
  assert.deepEqual(made.keys, {
    url: targetUrl,
    shape: 'zapier',
    account: SMSC_ACCOUNT,
    addresses: [NUMBER],
  });
  const url = `http://127.0.0.1:${receiver.address().port}/`;
  const moved = await smsc('PUT', path, { ...made.keys, url, allow_private: true });
  assert.equal(moved.status, 200);
  return subscribeData;
};

const turnedOff = async (trigger, subscribeData) => {
  const bundle = { authData, inputData, subscribeData };
  await ask(trigger.operation.performUnsubscribe, bundle);
  assert.equal((await smsc('GET', `/v1/webhooks/${subscribeData.name}`)).status, 404);
};

const fired = (trigger, cleanedRequest) =>
  ask(trigger.operation.perform, { authData, inputData, cleanedRequest });

test('Zapier finds nothing wrong with the definition', async () => {
  const { results } = await zapier.createAppHandler(App)({ command: 'validate' });
  assert.deepEqual(results, []);
});

test('a token is tried, and one that nobody has is told as the SMSC tells it', async () => {
  assert.deepEqual(await ask(App.authentication.test, { authData }), { account: SMSC_ACCOUNT });
  const wrong = { authData: { ...authData, token: 'nobody' } };
  await assert.rejects(ask(App.authentication.test, wrong), /no account has this API token/);
});

test('a message is sent, and delivered', async () => {
  const message = { to: DEVICE, text: 'sent by a Zap', from: NUMBER, receipt: false };
  const sent = await ask(send.operation.perform, { authData, inputData: message });
  assert.deepEqual(Object.keys(sent), Object.keys(send.operation.sample));
  const { data } = await smsc('GET', `/v1/messages/${sent.id}`);
  assert.equal(data.text, 'sent by a Zap');
});

test('what can’t be sent is told as the SMSC tells it', async () => {
  const message = { to: 'nobody', text: 'x' };
  await assert.rejects(ask(send.operation.perform, { authData, inputData: message }), /nobody/);
});

test('a message from a device fires its trigger, and no other', async () => {
  const zap = await turnedOn(received);
  await smsc('POST', `/v1/devices/${DEVICE}/messages`, { to: NUMBER, text: 'from the field' });
  const call = await called();
  const [message] = await fired(received, call);
  assert.equal(message.text, 'from the field');
  assert.equal(message.from, DEVICE);
  assert.deepEqual(Object.keys(message), Object.keys(received.operation.sample));
  assert.deepEqual(await fired(status, call), []);
  await turnedOff(received, zap);
});

test('the end of a message fires its trigger, and no other', async () => {
  const zap = await turnedOn(status);
  const message = { to: DEVICE, text: 'tell me', from: NUMBER };
  const { id } = await ask(send.operation.perform, { authData, inputData: message });
  const call = await called();
  const [end] = await fired(status, call);
  assert.equal(end.id, id);
  assert.equal(end.state, 'DELIVERED');
  assert.deepEqual(Object.keys(end), Object.keys(status.operation.sample));
  assert.deepEqual(await fired(received, call), []);
  await turnedOff(status, zap);
});

test('who makes a Zap is shown what was there before', async () => {
  const bundle = { authData, inputData };
  const messages = await ask(received.operation.performList, bundle);
  assert.ok(messages.some(({ text }) => text === 'from the field'));
  const ends = await ask(status.operation.performList, bundle);
  assert.ok(ends.some(({ state }) => state === 'DELIVERED'));
});

test('a Zap that is turned off twice is no failure', async () => {
  const bundle = { authData, inputData, subscribeData: { name: 'zap-0' } };
  await ask(received.operation.performUnsubscribe, bundle);
});
