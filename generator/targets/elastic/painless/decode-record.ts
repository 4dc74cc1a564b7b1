/**
 * Painless: takes a structured record apart, as `engine/decode-xml.ts` and `engine/decode-text.ts` do. A tree is a Map of texts, Maps and Lists. A loop may
 * turn a million times, and no record has as many elements, pairs or columns: what has, is left as it is.
 */
export const DECODE_RECORD = String.raw`
String codeText(int code) {
  if (code < 65536) return Character.toString((char) code);
  return Character.toString((char) (55296 + (code - 65536) / 1024)) + Character.toString((char) (56320 + (code - 65536) % 1024));
}

String decodeEntities(String s) {
  int and = s.indexOf('&');
  if (and < 0) return s;
  StringBuilder out = new StringBuilder();
  int from = 0;
  while (and >= 0) {
    int end = s.indexOf(';', and);
    if (end < 0) break;
    String name = end - and > 9 ? '' : s.substring(and + 1, end);
    String text = name == 'amp' ? '&' : name == 'lt' ? '<' : name == 'gt' ? '>' : name == 'quot' ? '"' : name == 'apos' ? Character.toString((char) 39) : null;
    if (text == null && name.startsWith('#')) {
      long code = 0;
      boolean hex = isAt(name, 1, 'x');
      for (int i = hex ? 2 : 1; i < name.length() && code >= 0; i++) {
        int digit = Character.digit(name.charAt(i), hex ? 16 : 10);
        code = digit < 0 ? -1 : code * (hex ? 16 : 10) + digit;
      }
      if (code > 0 && code <= 1114111 && name.length() > (hex ? 2 : 1)) text = codeText((int) code);
    }
    out.append(s.substring(from, text == null ? and + 1 : and));
    if (text != null) out.append(text);
    from = text == null ? and + 1 : end + 1;
    and = s.indexOf('&', from);
  }
  return out.append(s.substring(from)).toString();
}

boolean isSpace(int c) {
  return c == 32 || c >= 9 && c <= 13;
}

boolean isBlankAt(String s, int p) {
  return p >= 0 && p < s.length() && isSpace(s.charAt(p));
}

int endOfSpace(String s, int p) {
  int q = p;
  while (q < s.length() && isSpace(s.charAt(q))) q++;
  return q;
}

/* A name ends at a blank, = / > < ! or a quote. */
int endOfName(String s, int p) {
  int q = p;
  while (q < s.length()) {
    int c = s.charAt(q);
    if (isSpace(c) || c == 61 || c == 47 || c == 62 || c == 60 || c == 33 || c == 34 || c == 39) break;
    q++;
  }
  return q;
}

String stripped(String s) {
  /* a loop over a megabyte of blanks would be stopped */
  if (s.trim().length() == 0) return '';
  int from = endOfSpace(s, 0);
  int end = s.length();
  while (end > from && isSpace(s.charAt(end - 1))) end--;
  return s.substring(from, end);
}

String localName(String name) {
  return name.substring(name.indexOf(':') + 1);
}

Map openElement(String name) {
  Map element = new HashMap();
  element.put('name', name);
  element.put('tree', new HashMap());
  element.put('text', '');
  return element;
}

void addMember(Map tree, String name, def value) {
  def found = tree.get(name);
  if (found == null) tree.put(name, value);
  else if (found instanceof List) ((List) found).add(value);
  else { List list = new ArrayList(); list.add(found); list.add(value); tree.put(name, list); }
}

void closeElement(Map parent, Map element, Map members) {
  Map tree = (Map) element.get('tree');
  String text = (String) element.get('text');
  String name = (String) element.get('name');
  def value = text;
  if (element.get('compound') != null) {
    if (endOfSpace(text, 0) < text.length()) tree.put('#text', text);
    value = tree;
  }
  parent.put('compound', true);
  Map above = (Map) parent.get('tree');
  if (!members.containsKey(name)) { addMember(above, name, value); return; }
  if (above.get(name) == null) above.put(name, new HashMap());
  def group = above.get(name);
  if (!(group instanceof Map)) return;
  int named = parent.get('named') == null ? 1 : (int) parent.get('named') + 1;
  parent.put('named', named);
  String known = element.get('known') == null ? 'param' + named : (String) element.get('known');
  ((Map) group).putIfAbsent(known, value);
}

/* Reads a start tag from behind its <. Returns where the text goes on, or 0. */
int readTag(String s, int from, List open, Map members) {
  int at = endOfName(s, from);
  if (at == from) return 0;
  String name = localName(s.substring(from, at));
  Map element = openElement(name);
  while (true) {
    at = endOfSpace(s, at);
    if (isAt(s, at, '>')) { open.add(element); return at + 1; }
    if (isAt(s, at, '/>')) { closeElement((Map) open.get(open.size() - 1), element, members); return at + 2; }
    int end = endOfName(s, at);
    if (end == at || !isAt(s, end, '=') || end + 1 >= s.length()) return 0;
    int quote = s.charAt(end + 1);
    if (quote != 34 && quote != 39) return 0;
    int last = s.indexOf(Character.toString((char) quote), end + 2);
    if (last < 0) return 0;
    String attribute = s.substring(at, end);
    String value = decodeEntities(s.substring(end + 2, last));
    if (attribute.equals(members.get(name))) element.put('known', value);
    else if (!attribute.startsWith('xmlns')) {
      ((Map) element.get('tree')).putIfAbsent(attribute, value);
      element.put('compound', true);
    }
    at = last + 1;
  }
}

void addText(Map element, String text) {
  element.put('text', (String) element.get('text') + text);
}

/* Returns null where the text is no well-formed element. */
Map decodeXml(String s, Map members) {
  List open = new ArrayList();
  open.add(openElement(''));
  int at = 0;
  int turns = 0;
  while (at < s.length() && turns < 100000) {
    turns++;
    Map top = (Map) open.get(open.size() - 1);
    int less = s.indexOf('<', at);
    if (less < 0) break;
    if (less > at) addText(top, decodeEntities(s.substring(at, less)));
    int next = 0;
    if (s.startsWith('<!--', less)) next = s.indexOf('-->', less + 4) + 3;
    else if (s.startsWith('<![CDATA[', less)) {
      int end = s.indexOf(']]>', less + 9);
      if (end < 0) return null;
      addText(top, s.substring(less + 9, end));
      next = end + 3;
    } else if (isAt(s, less + 1, '?')) next = s.indexOf('?>', less + 2) + 2;
    else if (isAt(s, less + 1, '/')) {
      int end = s.indexOf('>', less);
      if (end < 0 || open.size() == 1 || !localName(stripped(s.substring(less + 2, end))).equals(top.get('name'))) return null;
      open.remove(open.size() - 1);
      closeElement((Map) open.get(open.size() - 1), top, members);
      next = end + 1;
    } else next = open.size() > 32 ? 0 : readTag(s, less + 1, open, members);
    if (next <= less) return null;
    at = next;
  }
  Map root = (Map) open.get(0);
  return open.size() == 1 && stripped(s.substring(at)) == '' && stripped((String) root.get('text')) == '' ? (Map) root.get('tree') : null;
}

/* A text in double quotes in which \ escapes: [text, end], or null where it does not end. */
List readQuoted(String s, int from) {
  StringBuilder out = new StringBuilder();
  int at = from + 1;
  int quote = s.indexOf('"', at);
  int escape = s.indexOf('\\', at);
  while (quote >= 0) {
    if (escape < 0 || escape > quote) return [out.append(s.substring(at, quote)).toString(), quote + 1];
    if (escape + 1 >= s.length()) return null;
    int next = s.charAt(escape + 1);
    out.append(s.substring(at, next == 34 || next == 92 || next == 93 ? escape : escape + 1));
    out.append(s.substring(escape + 1, escape + 2));
    at = escape + 2;
    if (quote < at) quote = s.indexOf('"', at);
    escape = s.indexOf('\\', at);
  }
  return null;
}

Map decodePairs(String s, String assign, String between) {
  Map tree = new HashMap();
  int at = 0;
  int equal = -1;
  int next = -1;
  while (at < s.length()) {
    if (s.startsWith(between, at)) { at += between.length(); continue; }
    if (equal < at) equal = s.indexOf(assign, at);
    if (equal < 0) break;
    if (next < at) { next = s.indexOf(between, at); if (next < 0) next = s.length() + 1; }
    if (next < equal) { at = next; continue; }
    String key = stripped(s.substring(at, equal));
    int from = equal + assign.length();
    List quoted = isAt(s, from, '"') ? readQuoted(s, from) : null;
    int end = quoted == null ? s.indexOf(between, from) : (int) quoted.get(1);
    if (end < 0) end = s.length();
    if (key != '') tree.putIfAbsent(key, quoted == null ? s.substring(from, end) : quoted.get(0));
    at = end;
  }
  return tree.isEmpty() ? null : tree;
}

List splitColumns(String s, String separator) {
  List values = new ArrayList();
  int at = 0;
  while (true) {
    if (isAt(s, at, '"')) {
      int quote = s.indexOf('"', at + 1);
      while (quote >= 0 && isAt(s, quote + 1, '"')) quote = s.indexOf('"', quote + 2);
      if (quote >= 0 && (quote + 1 == s.length() || s.startsWith(separator, quote + 1))) {
        values.add(s.substring(at + 1, quote).replace('""', '"'));
        if (quote + 1 == s.length()) return values;
        at = quote + 1 + separator.length();
        continue;
      }
    }
    int end = s.indexOf(separator, at);
    values.add(end < 0 ? s.substring(at) : s.substring(at, end));
    if (end < 0) return values;
    at = end + separator.length();
  }
}

Map decodeColumns(String s, String separator, List columns) {
  List values = splitColumns(s, separator);
  if (values.size() < 2) return null;
  Map tree = new HashMap();
  for (int i = 0; i < values.size(); i++) {
    tree.put('' + (i + 1), values.get(i));
    if (i < columns.size() && columns.get(i) != '') tree.put(columns.get(i), values.get(i));
  }
  return tree;
}

Map decodeSyslog(String s) {
  int close = s.indexOf('>');
  if (close < 2 || close > 4 || endOfDigits(s, 1, 3) != close || !s.startsWith('1 ', close + 1)) return null;
  Map tree = new HashMap();
  tree.put('pri', s.substring(1, close));
  int at = close + 3;
  for (String name : ['timestamp', 'host', 'program', 'pid', 'msgid']) {
    int blank = s.indexOf(' ', at);
    if (blank <= at) return null;
    String text = s.substring(at, blank);
    if (text != '-') tree.put(name, text);
    at = blank + 1;
  }
  if (!isAt(s, at, '[')) return null;
  Map data = child(tree, 'data');
  Map ids = child(tree, 'ids');
  while (isAt(s, at, '[')) {
    int end = at + 1;
    while (end < s.length() && s.charAt(end) != (char) ' ' && s.charAt(end) != (char) ']') end++;
    Map own = new HashMap();
    ids.put(s.substring(at + 1, end), own);
    at = end;
    while (true) {
      while (isAt(s, at, ' ')) at++;
      if (isAt(s, at, ']')) break;
      int equal = s.indexOf('="', at);
      if (equal < 0) return null;
      String name = s.substring(at, equal);
      List quoted = name.contains(' ') ? null : readQuoted(s, equal + 1);
      if (quoted == null) return null;
      own.putIfAbsent(name, quoted.get(0));
      data.putIfAbsent(name, quoted.get(0));
      at = (int) quoted.get(1);
    }
    at++;
  }
  if (at < s.length() && !isAt(s, at, ' ')) return null;
  String message = at < s.length() ? s.substring(at + 1) : '';
  tree.put('message', message.startsWith(Character.toString((char) 65279)) ? message.substring(1) : message);
  return tree;
}
`;
