// node-smpp told what to do by lines of JSON on standard input; what it hears goes out the same way.
//
//   in:  {"do": "submit_sm", "with": {"destination_addr": "...", ...}}
//   out: {"heard": "submit_sm_resp", "pdu": {...}}
'use strict';

const readline = require('readline');
const smpp = require(process.argv[2]);

const session = new smpp.Session({host: process.argv[3], port: Number(process.argv[4])});

function shown(pdu) {
  const fields = {};
  for (const [name, value] of Object.entries(pdu)) {
    if (Buffer.isBuffer(value)) fields[name] = value.toString('latin1');
    else if (value && value.message !== undefined) {
      fields[name] = Buffer.isBuffer(value.message) ? value.message.toString('latin1') : value.message;
    } else fields[name] = value;
  }
  return fields;
}

session.on('pdu', (pdu) => {
  if (!pdu.isResponse() && pdu.command !== 'alert_notification') session.send(pdu.response());
  process.stdout.write(JSON.stringify({heard: pdu.command, pdu: shown(pdu)}) + '\n');
});
session.on('error', (error) => process.stdout.write(JSON.stringify({heard: 'error', pdu: String(error)}) + '\n'));
session.on('close', () => process.exit(0));

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const order = JSON.parse(line);
  session[order.do](order.with);
}).on('close', () => session.close());
