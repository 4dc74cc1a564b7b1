/** The part of Splunk's eval language that the add-on uses. null() is undefined. */

export type Value = string | string[] | undefined;
type Fields = Record<string, Value>;

const TOKEN = /\s*(?:"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w.]*)|(==|[(),]))/y;

export function evaluate(expression: string, fields: Fields): Value {
  const tokens = tokenize(expression);
  let position = 0;
  const next = () => tokens[position++]!;
  const isNext = (symbol: string) => tokens[position]?.symbol === symbol;

  const primary = (): Value => {
    const token = next();
    if (token.text !== undefined) return token.text;
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
  const comparison = (): Value => {
    const left = primary();
    if (!isNext('==')) return left;
    next();
    const right = primary();
    // a comparison with null is null, which is no condition
    return left !== undefined && left === right ? 'true' : undefined;
  };
  const value = comparison();
  if (position !== tokens.length) throw new Error(`unread: ${expression}`);
  return value;
}

function tokenize(expression: string): { text?: string; name?: string; symbol?: string }[] {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.length) {
    const found = TOKEN.exec(expression);
    if (!found) throw new Error(`not understood: ${expression}`);
    tokens.push({ text: found[1], name: found[2], symbol: found[3] });
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
