// Sends one SMS with a module of the surface of `voipnumber`, and prints what comes of it as JSON.
//
//   node voipnumber.js MODULE BASE_URL ACCOUNT_ID API_TOKEN FROM TO TEXT
'use strict';

const [modulePath, baseUrl, accountId, apiToken, from, to, text] = process.argv.slice(2);
const voipnumber = require(modulePath)(accountId, apiToken, {baseUrl});

voipnumber.sms.send(from, to, text).then(
  (response) => console.log(JSON.stringify({resolved: response})),
  (error) => {
    const {status, result} = error;
    console.log(JSON.stringify({rejected: {status, result}, error: error instanceof Error}));
  },
);
