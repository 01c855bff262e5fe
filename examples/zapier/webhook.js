'use strict';
// A trigger is a webhook of the SMSC, of the shape "zapier": made and removed with the Zap.

const at = require('./at');

const url = (bundle, name) => at(bundle, `/v1/webhooks/${name}`);

// The same at each attempt, and of no other Zap: 32 characters at most.
const nameOf = (z, bundle) => `zap-${z.hash('sha256', bundle.targetUrl).slice(0, 28)}`;

const subscribe = async (z, bundle) => {
  const name = nameOf(z, bundle);
  await z.request({
    method: 'PUT',
    url: url(bundle, name),
    body: {
      url: bundle.targetUrl,
      shape: 'zapier',
      account: bundle.authData.account,
      addresses: [bundle.inputData.address],
    },
  });
  return { name };
};

const unsubscribe = async (z, bundle) => {
  const { status } = await z.request({
    method: 'DELETE',
    url: url(bundle, bundle.subscribeData.name),
    skipThrowForStatus: true,
  });
  if (status >= 400 && status !== 404) {
    throw new z.errors.Error(`The SMSC answered ${status} when the webhook was removed.`);
  }
  return {};
};

const latest = async (z, bundle) => {
  const { data } = await z.request({
    url: at(bundle, '/v1/messages'),
    params: { account: bundle.authData.account, limit: 100 },
  });
  return data.messages;
};

// Both kinds of event go to the webhook of a number: a Zap lets those pass that aren't its own.
const only = (kind) => (z, bundle) =>
  bundle.cleanedRequest.event === kind ? [bundle.cleanedRequest] : [];

const hook = (kind, listed) => ({
  type: 'hook',
  inputFields: [
    {
      key: 'address',
      label: 'Your number',
      required: true,
      helpText: 'One of the addresses of your account. A number has one Zap.',
    },
  ],
  performSubscribe: subscribe,
  performUnsubscribe: unsubscribe,
  perform: only(kind),
  performList: async (z, bundle) => listed(await latest(z, bundle), bundle.inputData.address),
});

module.exports = { hook };
