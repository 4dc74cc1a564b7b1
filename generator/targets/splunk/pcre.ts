/** PCRE2 with Splunk's limits. The package is PCRE2 10.34 in WebAssembly; its loader takes a global `fetch` for a browser's. */
import { setFlagsFromString } from 'node:v8';

export interface Match {
  /** by number and by name; undefined where the group took no part */
  [group: string]: string | undefined;
}

export interface Pattern {
  match(subject: string): Record<string, { match: string; start: number; end: number } | number> | null;
  destroy(): void;
}

export interface Module {
  new (pattern: string): Pattern;
  init(): Promise<void>;
}

let loaded: Promise<Module> | undefined;

async function load(): Promise<Module> {
  // the optimising compiler would work on 0.4 MB of WebAssembly for two seconds
  setFlagsFromString('--liftoff-only');
  const { fetch } = globalThis;
  Object.assign(globalThis, { fetch: undefined });
  try {
    // plain ESM finds the class one `default` deeper than bundlers do
    const { default: found } = (await import('@stephen-riley/pcre2-wasm')) as { default: Module & { default?: Module } };
    const module = found.default ?? found;
    await module.init();
    return module;
  } finally {
    Object.assign(globalThis, { fetch });
  }
}

/** props.conf.spec and transforms.conf.spec: MATCH_LIMIT, unless a stanza says otherwise; DEPTH_LIMIT = 1000. */
const MATCH_LIMIT = 100_000;

/** Compiles patterns and keeps them until `destroy`. */
export class Pcre {
  private readonly patterns = new Map<string, Pattern>();
  /** limits that were hit, as the engine names them; Splunk takes such a regex as one that does not match */
  readonly errors: string[] = [];

  static async create<T extends typeof Pcre>(this: T): Promise<InstanceType<T>> {
    loaded ??= load();
    return new this(await loaded) as InstanceType<T>;
  }

  constructor(private readonly module: Module) {}

  /** @param limit of steps: the MATCH_LIMIT of the regex's stanza */
  compile(regex: string, limit = MATCH_LIMIT): Pattern {
    const limited = `(*LIMIT_MATCH=${limit})(*LIMIT_DEPTH=1000)${regex}`;
    let pattern = this.patterns.get(limited);
    if (!pattern) {
      pattern = new this.module(limited);
      this.patterns.set(limited, pattern);
    }
    return pattern;
  }

  match(regex: string, subject: string, limit = MATCH_LIMIT): Match | undefined {
    let found: ReturnType<Pattern['match']>;
    try {
      found = this.compile(regex, limit).match(subject);
    } catch (error) {
      this.errors.push(`${(error as Error).message}: ${regex.slice(0, 80)}`);
      return undefined;
    }
    if (!found) return undefined;
    return Object.fromEntries(
      Object.entries(found).map(([name, group]) => [
        name,
        typeof group === 'object' && group.start >= 0 && group.end <= subject.length ? group.match : undefined,
      ]),
    );
  }

  destroy(): void {
    for (const pattern of this.patterns.values()) pattern.destroy();
    this.patterns.clear();
  }
}
