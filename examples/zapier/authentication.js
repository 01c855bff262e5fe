'use strict';
// Where the SMSC is, and the API token of an account of it.

const at = require('./at');

const withToken = (request, z, bundle) => {
  if (bundle.authData.token) {
    request.headers.Authorization = `Bearer ${bundle.authData.token}`;
  }
  return request;
};

// The SMSC answers failures with a problem (RFC 9457), whose detail says what to do.
const withReason = (response, z) => {
  if (response.status < 400 || response.skipThrowForStatus) {
    return response;
  }
  const { title, detail } = response.data || {};
  const reason = detail || `The SMSC answered ${response.status}.`;
  if (response.status === 429) {
    const seconds = Number(response.getHeader('retry-after')) || 60;
    throw new z.errors.ThrottledError(reason, seconds);
  }
  throw new z.errors.Error(reason, title || 'Error', response.status);
};

const authentication = {
  type: 'custom',
  fields: [
    {
      key: 'url',
      label: 'URL',
      required: true,
      helpText: 'Where Zapier reaches the SMSC, such as https://smsc.example.com.',
    },
    {
      key: 'account',
      label: 'Account',
      required: true,
      helpText: 'The system_id of your account.',
    },
    {
      key: 'token',
      label: 'API token',
      type: 'password',
      required: true,
      helpText: 'A token of this account.',
    },
  ],
  test: async (z, bundle) => {
    const { account } = bundle.authData;
    await z.request({ url: at(bundle, '/v1/messages'), params: { account, limit: 1 } });
    return { account };
  },
  connectionLabel: '{{account}}',
};

module.exports = { authentication, withToken, withReason };
