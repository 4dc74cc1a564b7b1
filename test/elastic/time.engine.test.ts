/** Times become what the engine makes of them: zones, years, and dates that do not exist. */
import { beforeAll, describe, expect, it } from 'vitest';
import { engineEvents } from './support/compare.js';
import { install, Node } from './support/node.js';

const TIMES = [
  'Nov 24 06:00:00',
  'Dec 31 23:59:59',
  'Jan  1 00:00:00',
  'Jan 1 12:00:00.25',
  'Feb 29 12:00:00',
  'Feb 30 12:00:00',
  'Mar 28 02:30:00',
  'Oct 25 02:30:00,999',
  'Nov 45 25:61:61',
  'Mar 13 2025 09:37:52',
  'Jan  6 2022 20:52:12.861',
  '2026-11-24 06:00:00',
  '2026-11-24T06:00:00.1',
  '2026-03-29T02:30:00',
  '2026-11-24T06:00:00,123456789Z',
  '2026-11-24T06:00:00+0530',
  '2026-11-24T06:00:00.5-09:30',
  '2026-11-24T06:24:30+0000.160449',
  '2026-13-00T00:00:00Z',
];

const NOWS = [
  '2026-12-01T00:00:00.000Z',
  '2027-01-01T00:00:01.000Z',
  '2026-12-31T12:00:00.000Z',
  '2024-03-01T00:00:00.000Z',
  '2028-02-28T12:00:00.000Z',
];

let node: Node;
beforeAll(async () => {
  node = new Node();
  await install(node);
});

describe.each(['UTC', 'Europe/Zurich', 'America/New_York', 'Asia/Kolkata', 'Pacific/Kiritimati'])('clocks in %s', (zone) => {
  it.each(NOWS)('read at %s', async (now) => {
    const lines = TIMES.map((time) => `${time} gw charon[1]: 07[IKE] peer supports MOBIKE`);
    const events = await engineEvents(lines, { zone, now });
    const documents = await node.simulate(
      'ikeaudit-charon',
      lines.map((message) => ({ message, '@timestamp': now, event: { timezone: zone } })),
    );
    expect(documents.map((document) => document?.['@timestamp'])).toEqual(events.map((event) => event['@timestamp']));
  });
});
