/** Splunk's eval language as a tree. */

export type Expression =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'field'; name: string }
  | { kind: 'call'; name: string; of: Expression[] }
  | { kind: 'binary'; op: string; left: Expression; right: Expression }
  | { kind: 'not'; of: Expression }
  | { kind: 'minus'; of: Expression };

interface Token {
  kind: 'text' | 'number' | 'name' | 'field' | 'symbol';
  value: string;
}

const TOKEN =
  /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<field>'[^']+')|(?<number>\d+(?:\.\d+)?)|(?<name>[A-Za-z_][\w]*(?:\{\})?)|(?<symbol>==|!=|<=|>=|[-+*/%.<>=(),]))/suy;

/** From the loosest to the tightest. Search Manual: "NOT, AND, XOR, OR" follow comparisons; "." concatenates. */
const BINARY: string[][] = [['or'], ['and'], ['=', '==', '!=', '<', '>', '<=', '>='], ['.'], ['+', '-'], ['*', '/', '%']];
const COMPARISONS = 2;

/** @throws where the text is no expression, saying where */
export function parseEval(text: string): Expression {
  const reader = new Reader(tokenize(text), text);
  const found = reader.expression();
  reader.end();
  return found;
}

/** Reads assignments `a=…, b=…`. */
export function parseAssignments(text: string): { field: string; value: Expression }[] {
  const reader = new Reader(tokenize(text), text);
  const found: { field: string; value: Expression }[] = [];
  do {
    const field = reader.fieldName();
    reader.expect('=');
    found.push({ field, value: reader.expression() });
  } while (reader.take(','));
  reader.end();
  return found;
}

/** @returns the names of all fields that an expression reads */
export function fieldsOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'field':
      return [expression.name];
    case 'call':
      return expression.of.flatMap(fieldsOf);
    case 'binary':
      return [...fieldsOf(expression.left), ...fieldsOf(expression.right)];
    case 'not':
    case 'minus':
      return fieldsOf(expression.of);
    default:
      return [];
  }
}

/** Backslashes: `\"` is a quote and `\\` a backslash; any other stays, as regexes need it. */
export function readText(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw new Error(`not understood at "${text.slice(at, at + 40)}" in: ${text}`);
    const [kind, value] = Object.entries(groups).find(([, found]) => found !== undefined) as [Token['kind'], string];
    tokens.push({ kind, value });
  }
  return tokens;
}

class Reader {
  private at = 0;
  constructor(
    private readonly tokens: Token[],
    private readonly text: string,
  ) {}

  expression(level = 0): Expression {
    if (level === BINARY.length) return this.primary();
    if (level === COMPARISONS && this.takeWord('not')) return { kind: 'not', of: this.expression(level) };
    let left = this.expression(level + 1);
    for (;;) {
      const op = this.operator(BINARY[level]!);
      if (op !== undefined) left = { kind: 'binary', op: op === '=' ? '==' : op, left, right: this.expression(level + 1) };
      else if (level === COMPARISONS && this.takeWord('in')) left = { kind: 'call', name: 'in', of: [left, ...this.list()] };
      else return left;
    }
  }

  fieldName(): string {
    const token = this.tokens[this.at++];
    if (token?.kind === 'name') return token.value;
    if (token?.kind === 'field') return token.value.slice(1, -1);
    throw this.fault('a field');
  }

  take(symbol: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'symbol' || token.value !== symbol) return false;
    this.at++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.take(symbol)) throw this.fault(`"${symbol}"`);
  }

  end(): void {
    if (this.at < this.tokens.length) throw this.fault('the end');
  }

  private primary(): Expression {
    if (this.take('-')) return { kind: 'minus', of: this.primary() };
    if (this.take('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    const token = this.tokens[this.at++];
    switch (token?.kind) {
      case 'text':
        return { kind: 'text', value: readText(token.value) };
      case 'number':
        return { kind: 'number', value: Number(token.value) };
      case 'field':
        return { kind: 'field', name: token.value.slice(1, -1) };
      case 'name': {
        const next = this.tokens[this.at];
        if (next?.kind === 'symbol' && next.value === '(') return { kind: 'call', name: token.value, of: this.list() };
        return { kind: 'field', name: token.value };
      }
      default:
        throw this.fault('a value');
    }
  }

  private list(): Expression[] {
    this.expect('(');
    const found: Expression[] = [];
    if (this.take(')')) return found;
    do found.push(this.expression());
    while (this.take(','));
    this.expect(')');
    return found;
  }

  private operator(symbols: string[]): string | undefined {
    const token = this.tokens[this.at];
    const value = token?.kind === 'name' ? token.value.toLowerCase() : token?.kind === 'symbol' ? token.value : undefined;
    if (value === undefined || !symbols.includes(value)) return undefined;
    this.at++;
    return value;
  }

  private takeWord(word: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'name' || token.value.toLowerCase() !== word) return false;
    this.at++;
    return true;
  }

  private fault(wanted: string): Error {
    const near = this.tokens.slice(Math.max(0, this.at - 3), this.at + 2).map(({ value }) => value);
    return new Error(`expected ${wanted} near "${near.join(' ')}" in: ${this.text}`);
  }
}
