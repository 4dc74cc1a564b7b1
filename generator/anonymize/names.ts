/** Pseudonyms of names: consistent within a log, of the same kind, and of domains that belong to nobody (RFC 2606). */

/** Values of a distinguished name's attributes that name somebody, and what stands for them. */
const ATTRIBUTES: Record<string, string> = {
  CN: 'name',
  O: 'Example Org',
  OU: 'Example Unit',
  L: 'Example Town',
  ST: 'Example State',
  E: 'mail',
  EMAILADDRESS: 'mail',
  UID: 'uid',
  SN: 'surname',
  GN: 'given',
  SERIALNUMBER: 'serial',
  DC: 'example',
  STREET: 'Example Street',
  PC: 'code',
};

const NOBODY = /(?:^|\.)example\.(?:com|net|org)$|(?:^|\.)(?:example|test|invalid|localhost)$/i;

export class Names {
  private readonly known = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** @returns a pseudonym for a name of unknown kind: an address of mail, a domain name, a distinguished name, or a word */
  name(text: string, kind = 'name'): string {
    if (text === '' || text === '%any' || /^\W*$/.test(text)) return text;
    if (/(?:^|[,/]\s*)[A-Za-z]{1,12}=/.test(text)) return this.distinguishedName(text);
    if (/^[^@\s]+@[^@\s]+$/.test(text)) return this.mail(text);
    if (isDomain(text)) return this.domain(text);
    return this.numbered(kind, text);
  }

  /** `C=US, O=Acme, CN=bob`: the attributes stay, and the country. */
  distinguishedName(text: string): string {
    return text.replace(
      /(^|[,/+]\s*)([A-Za-z]{1,20})=("[^"]*"|(?:\\.|[^,/+"\\])*)/g,
      (whole, lead: string, attribute: string, value: string) => {
        const kind = ATTRIBUTES[attribute.toUpperCase()];
        if (kind === undefined || value.trim() === '') return whole;
        const bare = value.replace(/^"|"$/g, '').trim();
        const mapped = isDomain(bare) ? this.domain(bare) : bare.includes('@') ? this.mail(bare) : this.numbered(kind, bare);
        return `${lead}${attribute}=${value.startsWith('"') ? `"${mapped}"` : mapped}`;
      },
    );
  }

  mail(text: string): string {
    const [user = '', host = ''] = text.split('@') as [string, string];
    if (NOBODY.test(host) || !host.includes('.'))
      return NOBODY.test(host) ? text : `${this.numbered('user', user)}@${this.numbered('host', host)}`;
    return `${this.numbered('user', user)}@${this.domain(host)}`;
  }

  /** The last two labels become one of the example domains, the others names of hosts. */
  domain(text: string): string {
    if (NOBODY.test(text)) return text;
    const labels = text.toLowerCase().split('.');
    const zone = this.numbered('zone', labels.slice(-2).join('.'));
    const number = Number(zone.replace('zone', ''));
    const mapped = ['example.com', 'example.net', 'example.org'][(number - 1) % 3]!;
    const under = number > 3 ? [`d${number}`] : [];
    return [...labels.slice(0, -2).map((label) => (label === '*' ? label : this.numbered('host', label))), ...under, mapped].join(
      '.',
    );
  }

  host(text: string): string {
    return isDomain(text) ? this.domain(text) : this.numbered('gw', text);
  }

  private numbered(kind: string, text: string): string {
    const key = `${kind}\0${text.toLowerCase()}`;
    let mapped = this.known.get(key);
    if (mapped === undefined) {
      const number = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, number);
      mapped = kind.includes(' ') ? `${kind} ${number}` : `${kind}${number}`;
      this.known.set(key, mapped);
    }
    return mapped;
  }
}

/** @returns whether the name is reserved for examples and tests (RFC 2606, RFC 6761) */
export function isNobodys(name: string): boolean {
  return NOBODY.test(name);
}

/** @returns whether the text has the form of a domain name, and is no version or file */
export function isDomain(text: string): boolean {
  return (
    /^(?:[A-Za-z0-9_*](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,18}$/.test(text) &&
    !/\.(?:conf|secrets|log|pem|der|crt|cer|crl|key|so|c|h|db|d|yml|xml|json|txt|sock|pid|service)$/i.test(text)
  );
}
