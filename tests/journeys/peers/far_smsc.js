// node-smpp as an SMSC that a link of ours calls. What it hears goes out as lines of JSON on standard
// output; lines on standard input tell it what to send.
//
//   node far_smsc.js MODULE SYSTEM_ID PASSWORD [KEY CERTIFICATE]
//
//   out: {"heard": "listening", "pdu": {"port": 12345}}, {"heard": "submit_sm", "pdu": {...}},
//        {"heard": "taken", "pdu": {"id": 2749, ...}}
//   in:  {"do": "deliver_sm", "with": {...}},
//        {"do": "destroy"} to cut the connection off,
//        {"do": "answer", "with": {"command_status": 88}} to refuse submits from now on, or 0 to take them,
//        {"do": "keep_receipts"} to send none of itself from now on,
//        {"do": "receipt", "with": what it said was taken} to send one
//
// As some SMSCs do, it answers a submit_sm with an id in hexadecimal digits, and has it in decimal
// ones in the receipt that follows.
'use strict';

const fs = require('fs');
const readline = require('readline');
const [modulePath, systemId, password, key, cert] = process.argv.slice(2);
const smpp = require(modulePath);

let current = null;
let lastId = 0xABC;
let status = smpp.ESME_ROK;
let receipts = true;

function say(heard, pdu) {
  process.stdout.write(JSON.stringify({heard, pdu}) + '\n');
}

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

function bound(session, pdu) {
  const known = pdu.system_id === systemId && pdu.password === password;
  session.send(pdu.response({command_status: known ? smpp.ESME_ROK : smpp.ESME_RINVPASWD, system_id: 'far'}));
  if (known) current = session;
}

function submitted(session, pdu) {
  if (status) return session.send(pdu.response({command_status: status}));
  const taken = {id: ++lastId, from: pdu.destination_addr, to: pdu.source_addr};
  session.send(pdu.response({message_id: taken.id.toString(16).toUpperCase().padStart(8, '0')}));
  say('taken', taken);
  if (receipts && pdu.registered_delivery & 1) receipt(session, taken);
}

function receipt(session, taken) {
  session.deliver_sm({
    esm_class: 4,
    source_addr: taken.from,
    destination_addr: taken.to,
    short_message: `id:${String(taken.id).padStart(10, '0')} sub:001 dlvrd:001 ` +
      'submit date:2311142213 done date:2311142213 stat:DELIVRD err:000 text:',
  });
}

const options = key ? {key: fs.readFileSync(key), cert: fs.readFileSync(cert)} : {};
const server = smpp.createServer(options, (session) => {
  session.on('pdu', (pdu) => {
    say(pdu.command, shown(pdu));
    if (pdu.command === 'bind_transceiver') bound(session, pdu);
    else if (pdu.command === 'submit_sm') submitted(session, pdu);
    else if (!pdu.isResponse()) session.send(pdu.response());
    if (pdu.command === 'unbind') session.close();
  });
  session.on('error', (error) => say('error', {reason: String(error)}));
  session.on('close', () => say('close', {}));
});
server.on('error', (error) => say('error', {reason: String(error)}));
server.listen(0, '127.0.0.1', () => say('listening', {port: server.address().port}));

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const order = JSON.parse(line);
  if (order.do === 'destroy') current.destroy();
  else if (order.do === 'answer') status = order.with.command_status;
  else if (order.do === 'keep_receipts') receipts = false;
  else if (order.do === 'receipt') receipt(current, order.with);
  else current[order.do](order.with);
}).on('close', () => process.exit(0));
