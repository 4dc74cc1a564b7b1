// The report as text.

/** @param {import('./summary.mjs').Row[]} rows @param {import('./summary.mjs').Goal[]} goals */
export function printReport(rows, goals) {
  const of = (/** @type {string} */ part) => rows.filter((row) => row.part === part);
  return [
    'The corpus',
    ...printTable(READING, of('corpus')),
    '',
    'The corpus with every message of charon damaged',
    ...printTable(READING, of('no match')),
    '',
    'Start',
    ...printTable(STARTING, of('start')),
    '',
    'What was read',
    ...rows.filter(({ part, note }) => part !== 'start' && note).map(({ title, note }) => `  ${title}: ${note}`),
    ...rows.filter(({ failed }) => failed).map(({ title, failed }) => `  ${title} failed, ${failed}`),
    '',
    'Goals',
    ...goals.map(({ goal, met, measured }) => `  ${met === undefined ? '?  ' : met ? 'yes' : 'no '}  ${goal}: ${measured}`),
  ].join('\n');
}

/** @typedef {[heading: string, cell: (row: import('./summary.mjs').Row) => string]} Column */

/** @type {Column[]} */
const COSTS = [
  ['', ({ title, failed }) => (failed ? `${title} (failed)` : title)],
  ['CPU s, median [min–max]', ({ cpu }) => spread(cpu)],
  ['wall s', ({ wall }) => spread(wall)],
];
/** @type {Column} */
const MEMORY = ['peak MB', ({ memory }) => memory.toFixed(0)];

/** @type {Column[]} */
const READING = [
  ...COSTS,
  ['k lines/s', ({ linesPerSecond }) => number((linesPerSecond ?? Number.NaN) / 1000)],
  ['MB/s', ({ megabytesPerSecond }) => number(megabytesPerSecond)],
  MEMORY,
  ['speed / liblognorm', ({ timesPeer }) => times(timesPeer)],
  ['CPU / cat', ({ timesCat }) => times(timesCat)],
];
/** @type {Column[]} */
const STARTING = [...COSTS, MEMORY];

/** @param {Column[]} columns @param {import('./summary.mjs').Row[]} rows */
function printTable(columns, rows) {
  const cells = [columns.map(([heading]) => heading), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  return cells.map(
    (row) => `  ${row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ')}`,
  );
}

/** @param {import('./summary.mjs').Spread} values */
function spread({ median, min, max }) {
  return `${median.toFixed(2)} [${min.toFixed(2)}–${max.toFixed(2)}]`;
}

/** @param {number | undefined} value */
function number(value) {
  return value === undefined || Number.isNaN(value) ? '' : Math.round(value).toLocaleString('en');
}

/** @param {number | undefined} value */
function times(value) {
  return value === undefined || Number.isNaN(value) ? '' : `${value < 10 ? value.toFixed(2) : Math.round(value)}×`;
}
