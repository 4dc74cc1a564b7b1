// A flood: as many addresses as are asked for, each of which sends one IKE_SA_INIT and is never seen again.
// `node test/bench/flood.mjs ADDRESSES` writes charon's log of it to standard output; composed, and the same bytes every time.

import { writeSync } from 'node:fs';

const GATEWAY = '203.0.113.10';
const FIRST = Date.UTC(2026, 0, 5) / 1000;
/** New addresses a second. */
const PACE = 2000;
const PIECE = 1 << 20;

/** @param {number} index @returns {string} an address that is nobody's: of 240.0.0.0/4, which is reserved */
function address(index) {
  return `${240 + ((index >>> 24) & 15)}.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;
}

const addresses = Number(process.argv[2]);
let text = '';
for (let index = 0; index < addresses; index++) {
  const time = new Date((FIRST + Math.floor(index / PACE)) * 1000).toISOString().slice(0, 19);
  const head = `${time}Z vpn-gw1 charon[810]: ${String(1 + (index % 16)).padStart(2, '0')}`;
  const peer = address(index);
  text +=
    `${head}[NET] received packet: from ${peer}[500] to ${GATEWAY}[500] (336 bytes)\n` +
    `${head}[IKE] ${peer} is initiating an IKE_SA\n`;
  if (text.length < PIECE && index < addresses - 1) continue;
  for (let bytes = Buffer.from(text, 'latin1'); bytes.length > 0;) bytes = bytes.subarray(write(bytes));
  text = '';
}

/** @param {Buffer} bytes @returns {number} how many were written */
function write(bytes) {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
    return 0;
  }
}
