/** The part of Splunk's eval language that the add-on uses. null() is undefined. */

export type Value = string | string[] | undefined;
type Fields = Record<string, Value>;

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w.]*)|(\d+)|(==|[(),*]))/y;

export function evaluate(expression: string, fields: Fields): Value {
  const tokens = tokenize(expression);
  let position = 0;
  const next = () => tokens[position++]!;
  const isNext = (symbol: string) => tokens[position]?.symbol === symbol;

  const primary = (): Value => {
    const token = next();
    if (token.text !== undefined) return token.text;
    if (token.number !== undefined) return token.number;
    if (!isNext('(')) return fields[token.name!];
    next();
    const values: Value[] = [];
    while (!isNext(')')) {
      values.push(comparison());
      if (isNext(',')) next();
    }
    next();
    return call(token.name!, values);
  };
  const product = (): Value => {
    let left = primary();
    while (isNext('*')) {
      next();
      const right = primary();
      left = left === undefined || right === undefined ? undefined : String(Number(left) * Number(right));
    }
    return left;
  };
  const comparison = (): Value => {
    const left = product();
    if (!isNext('==')) return left;
    next();
    const right = product();
    // a comparison with null is null, which is no condition
    return left !== undefined && left === right ? 'true' : undefined;
  };
  const value = comparison();
  if (position !== tokens.length) throw new Error(`unread: ${expression}`);
  return value;
}

function tokenize(expression: string): { text?: string; name?: string; number?: string; symbol?: string }[] {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const found = TOKEN.exec(expression);
    if (!found) throw new Error(`not understood: ${expression}`);
    tokens.push({ text: found[1], name: found[2], number: found[3], symbol: found[4] });
  }
  return tokens;
}

function call(name: string, values: Value[]): Value {
  const [first, second, third] = values as [Value, string, string];
  switch (name) {
    case 'null':
      return undefined;
    case 'isnull':
      return first === undefined ? 'true' : undefined;
    case 'coalesce':
      return values.find((value) => value !== undefined);
    case 'if':
      return first === undefined ? values[2] : second;
    case 'true':
      return 'true';
    case 'case': {
      // "the first condition that evaluates to TRUE"
      const found = values.findIndex((condition, place) => place % 2 === 0 && condition !== undefined);
      return found < 0 ? undefined : values[found + 1];
    }
    case 'match':
      return first !== undefined && new RegExp(second).test(first as string) ? 'true' : undefined;
    case 'tonumber': // "if … cannot parse the argument … returns NULL"
      return first !== undefined && /^\d+$/.test(first as string) ? String(Number(first)) : undefined;
    case 'lower':
      return (first as string | undefined)?.toLowerCase();
    case 'replace':
      return (first as string | undefined)?.replace(new RegExp(second, 'g'), third);
    case 'trim': // "If <trim_chars> is not specified, spaces and tabs are removed"
      return (first as string | undefined)?.replace(new RegExp(`^[${second ?? ' \\t'}]+|[${second ?? ' \\t'}]+$`, 'g'), '');
    case 'split':
      return (first as string | undefined)?.split(second);
    default:
      throw new Error(`unknown function ${name}`);
  }
}
