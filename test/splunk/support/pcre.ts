/** PCRE2 as the compiler's own checks use it, and what Splunk's searches do with it. */
import { Pcre as Checked } from '../../../generator/targets/splunk/pcre.js';

export type { Match } from '../../../generator/targets/splunk/pcre.js';

export class Pcre extends Checked {
  /** Replaces every match; `\\1` in the replacement is the first group, as in Splunk's replace() and sed mode. */
  replace(regex: string, subject: string, replacement: string): string {
    return this.substitute(regex, subject, replacement, true);
  }

  replaceFirst(regex: string, subject: string, replacement: string): string {
    return this.substitute(regex, subject, replacement, false);
  }

  private substitute(regex: string, subject: string, replacement: string, every: boolean): string {
    const pattern = this.compile(regex);
    let done = '';
    let rest = subject;
    for (;;) {
      const found = pattern.match(rest);
      const whole = found?.['0'];
      if (!found || typeof whole !== 'object') return done + rest;
      const text = replacement.replace(/\\(\d)/g, (_, number: string) => {
        const group = found[number];
        return typeof group === 'object' && group.start >= 0 && group.end <= rest.length ? group.match : '';
      });
      done += rest.slice(0, whole.start) + text;
      // an empty match goes on behind the next character
      const next = whole.end > whole.start ? whole.end : whole.end + 1;
      done += rest.slice(whole.end, next);
      rest = rest.slice(next);
      if (rest === '' || !every) return done + rest;
    }
  }
}
