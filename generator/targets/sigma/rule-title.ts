/** Words of event names that a title spells in another way than with one capital. */
const WORDS: Record<string, string> = {
  auth: 'Authentication',
  by: 'by',
  cert: 'Certificate',
  child: 'CHILD SA',
  config: 'Configuration',
  dos: 'DoS',
  dpd: 'DPD',
  eap: 'EAP',
  esp: 'ESP',
  id: 'ID',
  ike: 'IKE',
  ikev1: 'IKEv1',
  init: 'Initiation',
  ip: 'IP',
  ke: 'Key Exchange',
  mobike: 'MOBIKE',
  nat: 'NAT',
  ppk: 'PPK',
  radius: 'RADIUS',
  reauth: 'Reauthentication',
  rekey: 'Rekeying',
  sa: 'SA',
  ts: 'Traffic Selectors',
  xauth: 'XAuth',
};

/** @returns the event's name as a title, which says what it is about even in a list of a thousand rules: `auth_failed` → `IKE Authentication Failed` */
export function ruleTitle(eventName: string): string {
  const words = eventName.split('_').map((word) => WORDS[word] ?? word.charAt(0).toUpperCase() + word.slice(1));
  return words.some((word) => /^(IKE|ESP)/.test(word)) ? words.join(' ') : `IKE ${words.join(' ')}`;
}
