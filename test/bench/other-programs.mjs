// Lines of programs that run beside charon on a gateway, composed: a parser of VPN logs must pass them by, and quickly.

/** @typedef {(from: number, to: number) => number} Pick a whole number, both ends included */

const PEERS = ['198.51.100', '192.0.2', '203.0.113'];
const USERS = ['root', 'admin', 'backup', 'alice', 'bob', 'git', 'deploy', 'oracle'];
const UNITS = ['logrotate', 'apt-daily', 'fstrim', 'man-db', 'systemd-tmpfiles-clean', 'dpkg-db-backup'];
const NAMES = ['www.example.com', 'ntp.example.net', 'mail.example.org', 'repo.example.com', 'time.example.org'];
const PATHS = ['/', '/status', '/metrics', '/login', '/api/v1/peers?limit=50', '/favicon.ico', '/static/app.css'];

/** Weighted by being written more than once. @type {((pick: Pick) => string)[]} */
const LINES = [
  (pick) => `sshd[${pid(pick)}]: Failed password for invalid user ${user(pick)} from ${peer(pick)} port ${port(pick)} ssh2`,
  (pick) => `sshd[${pid(pick)}]: Failed password for ${user(pick)} from ${peer(pick)} port ${port(pick)} ssh2`,
  (pick) =>
    `sshd[${pid(pick)}]: Accepted publickey for ${user(pick)} from ${inside(pick)} port ${port(pick)} ssh2: ED25519 SHA256:${hex(pick, 43)}`,
  (pick) =>
    `sshd[${pid(pick)}]: Connection closed by authenticating user ${user(pick)} ${peer(pick)} port ${port(pick)} [preauth]`,
  (pick) =>
    `sshd[${pid(pick)}]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=${peer(pick)}  user=${user(pick)}`,
  (pick) => `systemd[1]: Starting ${of(pick, UNITS)}.service - housekeeping of the system...`,
  (pick) => `systemd[1]: ${of(pick, UNITS)}.service: Deactivated successfully.`,
  (pick) => `systemd[1]: Finished ${of(pick, UNITS)}.service - housekeeping of the system.`,
  (pick) => `systemd-logind[${pid(pick)}]: New session ${pick(1, 9999)} of user ${user(pick)}.`,
  firewall,
  firewall,
  firewall,
  (pick) => `kernel: [${uptime(pick)}] device eth${pick(0, 3)} entered promiscuous mode`,
  (pick) =>
    `kernel: [${uptime(pick)}] TCP: request_sock_TCP: Possible SYN flooding on port ${port(pick)}. Sending cookies.  Check SNMP counters.`,
  (pick) => `CRON[${pid(pick)}]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)`,
  (pick) => `CRON[${pid(pick)}]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)`,
  web,
  web,
  (pick) =>
    `nginx: ${pid(pick)}#${pid(pick)}: *${pick(1, 99999)} upstream timed out (110: Connection timed out) while connecting to upstream, client: ${peer(pick)}, server: gw.example.com, request: "GET ${of(pick, PATHS)} HTTP/1.1"`,
  (pick) => `dnsmasq[${pid(pick)}]: query[A] ${of(pick, NAMES)} from ${inside(pick)}`,
  (pick) => `dnsmasq[${pid(pick)}]: forwarded ${of(pick, NAMES)} to 192.0.2.53`,
  (pick) => `dnsmasq[${pid(pick)}]: reply ${of(pick, NAMES)} is ${peer(pick)}`,
  (pick) =>
    `dnsmasq-dhcp[${pid(pick)}]: DHCPACK(eth1) ${inside(pick)} 02:00:5e:10:${hex(pick, 2)}:${hex(pick, 2)} client${pick(1, 250)}`,
  (pick) => `postfix/smtpd[${pid(pick)}]: connect from unknown[${peer(pick)}]`,
  (pick) => `sudo:    ${user(pick)} : TTY=pts/${pick(0, 9)} ; PWD=/home/admin ; USER=root ; COMMAND=/usr/sbin/swanctl --list-sas`,
  (pick) => `chronyd[${pid(pick)}]: Selected source ${peer(pick)} (${of(pick, NAMES)})`,
];

/** @param {Pick} pick @returns {string} from the program's name on, behind time and host */
export function otherLine(pick) {
  return of(pick, LINES)(pick);
}

/** @param {Pick} pick */
function firewall(pick) {
  return (
    `kernel: [${uptime(pick)}] [UFW BLOCK] IN=eth0 OUT= MAC=02:00:5e:10:00:01:02:00:5e:10:00:02:08:00 SRC=${peer(pick)} DST=203.0.113.10 LEN=${pick(40, 60)} ` +
    `TOS=0x00 PREC=0x00 TTL=${pick(40, 250)} ID=${pick(0, 65535)} PROTO=TCP SPT=${port(pick)} DPT=${pick(1, 1023)} WINDOW=1024 RES=0x00 SYN URGP=0`
  );
}

/** @param {Pick} pick */
function web(pick) {
  return `nginx: ${peer(pick)} - - "GET ${of(pick, PATHS)} HTTP/1.1" ${of(pick, [200, 200, 304, 403, 404])} ${pick(0, 9999)} "-" "curl/7.88.1"`;
}

/** @template T @param {Pick} pick @param {T[]} list @returns {T} */
function of(pick, list) {
  return list[pick(0, list.length - 1)];
}

/** @param {Pick} pick */
const peer = (pick) => `${of(pick, PEERS)}.${pick(1, 254)}`;
/** @param {Pick} pick */
const inside = (pick) => `10.10.${pick(0, 3)}.${pick(2, 254)}`;
/** @param {Pick} pick */
const port = (pick) => pick(1024, 65535);
/** @param {Pick} pick */
const pid = (pick) => pick(300, 32767);
/** @param {Pick} pick */
const user = (pick) => of(pick, USERS);
/** @param {Pick} pick */
const uptime = (pick) => `${String(pick(1, 999999)).padStart(6)}.${String(pick(0, 999999)).padStart(6, '0')}`;
/** @param {Pick} pick @param {number} digits */
const hex = (pick, digits) => Array.from({ length: digits }, () => pick(0, 15).toString(16)).join('');
