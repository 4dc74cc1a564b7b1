/** Numbers, times and groups as people say them. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @returns `1 record`, `12 records`; of thousands with a thin mark between them */
export function tellCount(count: number, one: string, many = `${one}s`): string {
  return `${tellNumber(count)} ${count === 1 ? one : many}`;
}

export function tellNumber(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** @param milliseconds @returns the two largest units: `1 m 40 s`, `3 d 4 h` */
export function tellDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '–';
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`;
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ];
  const first = units.findIndex(([unit]) => milliseconds >= unit);
  let rest = milliseconds;
  return units
    .slice(first, first + 2)
    .flatMap(([unit, name]) => {
      const amount = Math.floor(rest / unit);
      rest -= amount * unit;
      return amount ? [`${amount} ${name}`] : [];
    })
    .join(' ');
}

/** @returns `2026-11-24 06:04:20`, in UTC; `–` where there is none */
export function tellTime(time: number): string {
  return Number.isFinite(time) && Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().slice(0, 19).replace('T', ' ') : '–';
}

/** @returns `2026-11-24 06:04:20 to 06:05:59`: the second date only where it is another day */
export function tellSpan(from: number, to: number): string {
  const [first, last] = [tellTime(from), tellTime(to)];
  if (first === last) return first;
  return `${first} to ${first.slice(0, 10) === last.slice(0, 10) ? last.slice(11) : last}`;
}

const NAMES: Record<string, string> = {
  peer_ip: 'peer',
  user_identity: 'identity',
  peer_id: 'identity',
  host: 'gateway',
  sa_id: 'SA',
  cert_subject: 'certificate',
};

/** @returns whom a finding is about: `peer 198.51.100.66` */
export function tellGroup(group: Record<string, string>): string {
  const parts = Object.entries(group).map(([field, value]) => `${NAMES[field] ?? field.replaceAll('_', ' ')} ${value}`);
  return parts.join(', ') || 'the whole log';
}
