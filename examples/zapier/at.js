'use strict';
// Where something is, at the SMSC of a connected account.

module.exports = (bundle, path) => bundle.authData.url.replace(/\/+$/, '') + path;
