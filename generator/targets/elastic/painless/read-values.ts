/**
 * Painless: from a vendor's words to neutral values, as `readValue` in `engine/vocabulary.ts` does it. The tables of words come from
 * `word-tables.ts`, which asks that same vocabulary for every word it knows.
 */
export const READ_VALUES = String.raw`
Map child(Map parent, String key) {
  def found = parent.get(key);
  if (found instanceof Map) return (Map) found;
  Map made = new HashMap();
  parent.put(key, made);
  return made;
}

/* A field is a list: how it is held, and the names on the way to it. */
void put(Map doc, List to, def value) {
  int last = to.size() - 1;
  Map at = doc;
  for (int i = 1; i < last; i++) at = child(at, (String) to.get(i));
  at.put(to.get(last), value);
}

void write(Map doc, Map fields, String field, def value) {
  List known = (List) fields.get(field);
  if (known != null) put(doc, known, value);
}

/* A number of more digits than fit a long stays a text, so that it is not lost; what is no number gives null. */
def readNumber(String text) {
  int first = isAt(text, 0, '-') ? 1 : 0;
  int length = text.length();
  if (length == first || length - first > 19 || endOfDigits(text, first, 19) != length) return null;
  if (length - first == 19) { try { return Long.parseLong(text); } catch (NumberFormatException e) { return text; } }
  long value = 0;
  for (int i = first; i < length; i++) value = value * 10 + text.charAt(i) - 48;
  return first == 1 ? -value : value;
}

void writePlain(Map doc, Map fields, String field, String text) {
  List known = (List) fields.get(field);
  if (known == null) return;
  def value = text;
  String held = (String) known.get(0);
  if (held == 'list') value = new ArrayList([text]);
  else if (held == 'number') value = readNumber(text);
  if (value != null) put(doc, known, value);
}

List splitBlanks(String text) {
  List parts = new ArrayList();
  int from = 0;
  while (from < text.length()) {
    int blank = text.indexOf(' ', from);
    int to = blank < 0 ? text.length() : blank;
    if (to > from) parts.add(text.substring(from, to));
    from = to + 1;
  }
  return parts;
}

List splitCommas(String text) {
  List parts = new ArrayList();
  int from = 0;
  while (from < text.length()) {
    int comma = text.indexOf(',', from);
    int to = comma < 0 ? text.length() : comma;
    if (to > from) parts.add(text.substring(from, to));
    from = isAt(text, to + 1, ' ') ? to + 2 : to + 1;
  }
  return parts;
}

int nextParenthesis(String s, int p) {
  int i = p;
  while (i < s.length() && s.charAt(i) != (char) '(' && s.charAt(i) != (char) ')') i++;
  return i;
}

/* Where the parenthesis that opens at p is closed: it may hold others, which hold none. */
int endOfParenthesis(String s, int p) {
  int i = nextParenthesis(s, p + 1);
  while (isAt(s, i, '(')) {
    int close = nextParenthesis(s, i + 1);
    if (!isAt(s, close, ')')) return -1;
    i = nextParenthesis(s, close + 1);
  }
  return isAt(s, i, ')') ? i + 1 : -1;
}

/* Splits "SA KE No N(COOKIE) CPRQ(ADDR DNS)" at the blanks or commas outside of parentheses. */
List splitPayloads(String s) {
  List parts = new ArrayList();
  int open = s.indexOf('(');
  int comma = s.indexOf(',');
  int p = 0;
  while (p < s.length()) {
    if (open >= 0 && open < p) open = s.indexOf('(', p);
    if (comma >= 0 && comma < p) comma = s.indexOf(',', p);
    int q = s.indexOf(' ', p);
    if (q < 0) q = s.length();
    if (comma >= 0 && comma < q) q = comma;
    if (open >= 0 && open < q) q = open;
    int end = q > p && q == open ? endOfParenthesis(s, q) : q;
    if (end < 0) end = q;
    if (end > p) parts.add(s.substring(p, end));
    p = end > p ? end : p + 1;
  }
  return parts;
}

String notifyName(String word, Map names) {
  def name = names.get(word);
  if (name != null) return (String) name;
  int from = word.startsWith('(') ? 1 : 0;
  int to = word.endsWith(')') ? word.length() - 1 : word.length();
  if (to <= from || to - from > 5 || endOfDigits(word, from, 5) != to) return word;
  name = names.get('' + number(word, from, to));
  return name == null ? word : (String) name;
}

void writeNotifies(Map doc, Map tables, List words) {
  Set found = new LinkedHashSet();
  def error = null;
  for (int i = 0; i < words.size(); i++) {
    String name = notifyName((String) words.get(i), (Map) tables.get('notifies'));
    found.add(name);
    if (error == null) error = ((Map) tables.get('errors')).get(name);
  }
  if (!found.isEmpty()) write(doc, (Map) tables.get('fields'), 'notify', new ArrayList(found));
  if (error != null) write(doc, (Map) tables.get('fields'), 'error_code', error);
}

List notifyWords(List payloads) {
  List words = new ArrayList();
  for (int i = 0; i < payloads.size(); i++) {
    String payload = (String) payloads.get(i);
    if (payload.length() > 3 && payload.startsWith('N(') && payload.endsWith(')')) words.add(payload.substring(2, payload.length() - 1));
  }
  return words;
}

void writeAlgorithm(Map doc, Map tables, String word, Set seen) {
  List algorithm = (List) ((Map) tables.get('algorithms')).get(word.toUpperCase(Locale.ROOT));
  if (algorithm != null && seen.add(algorithm.get(0))) {
    write(doc, (Map) tables.get('fields'), (String) algorithm.get(0), algorithm.get(1));
  }
}

boolean endsWord(int c) {
  return c == 45 || c == 59 || c == 44 || c == 47 || c == 61 || c == 32;
}

/* "AES_CBC_256-HMAC_SHA2_256-MODP2048", "cipher=AES_CBC_256 integ=HMAC_SHA2_256_128" */
void writeSuite(Map doc, Map tables, String text) {
  if (text.length() > 100000) return;
  Set seen = new HashSet();
  int from = 0;
  for (int i = 0; i <= text.length(); i++) {
    if (i < text.length() && !endsWord(text.charAt(i))) continue;
    writeAlgorithm(doc, tables, text.substring(from, i), seen);
    from = i + 1;
  }
}

/* The size in bytes of "84B" or "12KB"; null where it is none. */
def readSize(String text) {
  int digits = endOfDigits(text, 0, 15);
  if (digits == 0) return null;
  long value = Long.parseLong(text.substring(0, digits));
  if (digits == text.length()) return value;
  if (!text.endsWith('B') || text.length() - digits > 2) return null;
  int power = text.length() - digits == 1 ? 0 : 'KMGTP'.indexOf(text.substring(digits, digits + 1)) + 1;
  if (power == 0 && text.length() - digits == 2) return null;
  for (int i = 0; i < power; i++) value *= 1024;
  return value;
}

/* "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048": the first algorithm of each type is the one that counts. */
void writeProposal(Map doc, Map tables, String text) {
  int from = 0;
  while (from < text.length() && text.charAt(from) >= (char) 'A' && text.charAt(from) <= (char) 'Z') from++;
  from = from > 0 && isAt(text, from, ':') ? from + 1 : 0;
  Set seen = new HashSet();
  while (from <= text.length()) {
    int slash = text.indexOf('/', from);
    int to = slash < 0 ? text.length() : slash;
    String word = text.substring(from, to);
    if (word.length() > 3 && word.startsWith('KE') && isDigit(word, 2) && isAt(word, 3, '_')) word = word.substring(4);
    writeAlgorithm(doc, tables, word, seen);
    from = to + 1;
  }
}

/* Writes what a captured text becomes: the field itself, and fields derived from it. */
void writeValue(Map doc, Map tables, List way, String text) {
  String field = (String) way.get(0);
  String kind = (String) way.get(1);
  Map fields = (Map) tables.get('fields');
  if (kind == null) writePlain(doc, fields, field, text);
  else if (kind == 'lower') writePlain(doc, fields, field, text.toLowerCase(Locale.ROOT));
  else if (kind == 'payloads') {
    List payloads = splitPayloads(text);
    write(doc, fields, field, payloads);
    writeNotifies(doc, tables, notifyWords(payloads));
  } else if (kind == 'notify') writeNotifies(doc, tables, [text]);
  else if (kind == 'proposal') {
    writePlain(doc, fields, field, text);
    writeProposal(doc, tables, text);
  } else if (kind == 'suite') {
    writePlain(doc, fields, field, text);
    writeSuite(doc, tables, text);
  } else if (kind == 'size') {
    def size = readSize(text);
    if (size != null) write(doc, fields, field, size);
  } else if (kind == 'exchange') {
    def name = ((Map) tables.get('exchanges')).get(text);
    write(doc, fields, field, name == null ? text : name);
  } else if (kind == 'list-blank') write(doc, fields, field, splitBlanks(text));
  else if (kind == 'list-comma') write(doc, fields, field, splitCommas(text));
  else if (kind == 'key-exchange') {
    List algorithm = (List) ((Map) tables.get('algorithms')).get(text.toUpperCase(Locale.ROOT));
    if (algorithm != null && algorithm.get(0) == 'dh_group') write(doc, fields, field, algorithm.get(1));
  } else if (kind == 'time') {
    long time = readTime(text, 0L, null);
    if (time != Long.MIN_VALUE) write(doc, fields, field, printTime(time));
  }
}
`;
