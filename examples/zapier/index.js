'use strict';
// An app for Zapier: what it consists of.

const { authentication, withToken, withReason } = require('./authentication');
const sendMessage = require('./creates/send_message');
const messageReceived = require('./triggers/message_received');
const messageStatus = require('./triggers/message_status');

module.exports = {
  version: require('./package.json').version,
  platformVersion: require('zapier-platform-core').version,
  authentication,
  beforeRequest: [withToken],
  afterResponse: [withReason],
  triggers: {
    [messageReceived.key]: messageReceived,
    [messageStatus.key]: messageStatus,
  },
  creates: { [sendMessage.key]: sendMessage },
};
