'use strict';
// Send a message to a device, or to any number that the account may reach.

const at = require('../at');

const perform = async (z, bundle) => {
  const { to, text, from, receipt } = bundle.inputData;
  const { data } = await z.request({
    method: 'POST',
    url: at(bundle, '/v1/messages'),
    body: { to, text, ...(from && { from }), receipt: receipt !== false },
  });
  return data;
};

module.exports = {
  key: 'send_message',
  noun: 'Message',
  display: { label: 'Send SMS', description: 'Sends a message to a device.' },
  operation: {
    inputFields: [
      { key: 'to', label: 'To', required: true, helpText: 'The number of the device.' },
      { key: 'text', label: 'Text', type: 'text', required: true },
      {
        key: 'from',
        label: 'From',
        helpText: 'A number or name of yours; without one, the first of your account.',
      },
      {
        key: 'receipt',
        label: 'Tell what became of it',
        type: 'boolean',
        default: 'true',
        helpText: 'Fires the trigger Delivery Notification.',
      },
    ],
    perform,
    sample: { id: '0000000001', data_coding: 0, parts: 1 },
  },
};
