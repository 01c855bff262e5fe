'use strict';
// What became of a message that was sent with the wish to be told.

const { hook } = require('../webhook');

const EVENT = 'message.status';

const asCalled = (message) => ({
  event: EVENT,
  id: message.id,
  state: message.state,
  error: message.error,
  from: message.from,
  to: message.to,
  accepted_at: message.accepted_at,
  done_at: message.done_at,
});

module.exports = {
  key: 'message_status',
  noun: 'Delivery notification',
  display: {
    label: 'Delivery Notification',
    description: 'Triggers when a message from a number of yours was delivered, or failed.',
  },
  operation: {
    ...hook(EVENT, (messages, address) =>
      messages.filter(({ from, done_at: end }) => from === address && end).map(asCalled),
    ),
    sample: {
      event: EVENT,
      id: '0000000001',
      state: 'DELIVERED',
      error: 0,
      from: '1234',
      to: '491700000001',
      accepted_at: '2026-11-21T08:00:00.000Z',
      done_at: '2026-11-21T08:00:01.000Z',
    },
  },
};
