// A drop-in for the module `voipnumber` that sends over an SMSC of your own. It needs Node.js alone.
//
//   const voipnumber = require('./voipnumber')('demo', 'demo', {baseUrl: 'http://127.0.0.1:8080'});
//
//   voipnumber.sms.send('1234', '+491700000001', 'Thank you')
//     .then((response) => console.log(response.result.result.id))
//     .catch((error) => console.error(error.result.error_code, error.result.error));
//
// The accountId is the system_id of an account, the apiToken its API token. The promise is rejected
// with an Error that has the members of the documented error object, `status` and `result`; where
// the SMSC can't be reached or doesn't answer, its error_code is UNAVAILABLE.
'use strict';

const http = require('http');
const https = require('https');

const BASE_URL = 'http://127.0.0.1:8080';
const MILLISECONDS_TO_WAIT = 30000;

class VoipNumberError extends Error {
  constructor(status, result) {
    super(`${result.error_code}: ${result.error}`);
    this.name = 'VoipNumberError';
    this.status = status;
    this.result = result;
  }
}

function unavailable(why) {
  return new VoipNumberError('Error', {error_code: 'UNAVAILABLE', error: why});
}

// Reads what the SMSC has answered: resolves with it, or throws the error it tells of.
function read(text) {
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw unavailable('the answer is no JSON; look at baseUrl');
  }
  if (answer && answer.status === 'OK') return answer;
  if (answer && answer.result && answer.result.error_code) {
    throw new VoipNumberError(answer.status, answer.result);
  }
  throw unavailable('the answer is none of VoIP Number; look at baseUrl');
}

function post(url, headers, members) {
  const body = JSON.stringify(members);
  const client = url.protocol === 'https:' ? https : http;
  const options = {
    method: 'POST',
    headers: {...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)},
  };
  return new Promise((resolve, reject) => {
    const request = client.request(url, options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', (error) => reject(unavailable(error.message)));
      response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    });
    request.setTimeout(MILLISECONDS_TO_WAIT, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => reject(unavailable(error.message)));
    request.end(body);
  });
}

module.exports = function voipnumber(accountId, apiToken, {baseUrl = BASE_URL} = {}) {
  const url = new URL('sms/send', baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  const credentials = Buffer.from(`${accountId ?? ''}:${apiToken ?? ''}`).toString('base64');
  const headers = {Authorization: `Basic ${credentials}`};
  return {
    sms: {
      send: (from, to, text) => post(url, headers, {from, to, body: text}).then(read),
    },
  };
};
