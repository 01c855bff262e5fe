'use strict';
// A device has sent a message to a number of the account.

const { hook } = require('../webhook');

const EVENT = 'message.received';

const asCalled = (message) => ({
  event: EVENT,
  id: message.id,
  from: message.from,
  to: message.to,
  text: message.text || '',
  hex: (message.udh || '') + (message.hex || ''),
  data_coding: message.data_coding,
  accepted_at: message.accepted_at,
});

module.exports = {
  key: 'message_received',
  noun: 'Message',
  display: {
    label: 'Message Received',
    description: 'Triggers when a device has sent a message to a number of yours.',
  },
  operation: {
    ...hook(EVENT, (messages, address) =>
      messages.filter(({ to }) => to === address).map(asCalled),
    ),
    sample: {
      event: EVENT,
      id: '0000000001',
      from: '491700000001',
      to: '1234',
      text: 'hello from the field',
      hex: '68656c6c6f2066726f6d20746865206669656c64',
      data_coding: 0,
      part: 1,
      parts: 1,
      reference: 0,
      accepted_at: '2026-11-21T08:00:00.000Z',
    },
  },
};
