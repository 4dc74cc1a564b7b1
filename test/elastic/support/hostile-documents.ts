/** Documents that must not break a bulk request: what hostile or careless shippers send. */
import type { Document, Json } from './node.js';

export const LINE =
  'Nov 24 06:00:00 gw charon[1]: 07[NET] received packet: from 198.51.100.11[500] to 203.0.113.10[500] (500 bytes)';

const nested = (depth: number): Json => (depth === 0 ? 'x' : { a: nested(depth - 1) });
/** What, the document, and the `event.kind` that it is stored with. */
export const HOSTILE: [what: string, document: Document, kind: string][] = [
  ['no message', {}, 'pipeline_error'],
  ['a message that is null', { message: null }, 'pipeline_error'],
  ['a message that is a number', { message: 5 }, 'pipeline_error'],
  ['a message that is an object', { message: { message: LINE } }, 'pipeline_error'],
  ['a message that is a list', { message: [LINE] }, 'pipeline_error'],
  ['an empty message', { message: '' }, 'event'],
  ['1 MB of one word', { message: `${LINE} ${'x'.repeat(1 << 20)}` }, 'event'],
  [
    '1 MB of an identity',
    {
      message: `Nov 24 06:00:00 gw charon[1]: 07[IKE] authentication of '${'x'.repeat(1 << 20)}' with pre-shared key successful`,
    },
    'event',
  ],
  [
    '1 MB of payloads',
    { message: `Nov 24 06:00:00 gw charon[1]: 07[ENC] parsed IKE_AUTH request 1 [ ${'N(A( '.repeat(1 << 17)} ]` },
    'event',
  ],
  ['1 MB of blanks', { message: ' '.repeat(1 << 20) }, 'event'],
  ['1 MB of brackets', { message: '{'.repeat(1 << 20) + '}' }, 'event'],
  [
    'texts where objects belong',
    { message: LINE, event: 'x', ikev2: 'x', source: 'x', process: 'x', error: [1], log: 5 },
    'event',
  ],
  ['values of a wrong type', { message: LINE, source: { ip: 'x', port: {} }, '@timestamp': { a: 1 } }, 'event'],
  ['deep objects', { message: LINE, labels: nested(15) }, 'event'],
  ['a zone that does not exist', { message: LINE, event: { timezone: 'Mars/Olympus' } }, 'event'],
  [
    'numbers that are too long',
    { message: 'Nov 24 06:00:00 gw charon[1]: 9999999999999999999[IKE] peer supports MOBIKE' },
    'event',
  ],
  ['addresses that are none', { message: LINE.replace('198.51.100.11', '999.999.999.999') }, 'event'],
  ['control bytes', { message: `${LINE}\u0000\u0001\u001b[31m\r\n` }, 'event'],
  ['several lines', { message: `${LINE}\n${LINE}` }, 'event'],
  ['half a surrogate', { message: `Nov 24 06:00:00 gw charon[1]: 07[IKE] received EAP identity '\ud83d'` }, 'event'],
];
