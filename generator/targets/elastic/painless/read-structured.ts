/** Painless: structured records, as `engine/find-record.ts` and `engine/take-values.ts` read them. What each path means stands in `params.records`. */
export const READ_STRUCTURED = String.raw`
/* Members by name, also by a name with dots; places in lists; "*" is any member. */
def followSteps(def at, List steps, int from) {
  if (from == steps.size()) return at;
  String key = (String) steps.get(from);
  if (at instanceof List) {
    List list = (List) at;
    int place = endOfDigits(key, 0, 6) == key.length() && key != '' ? number(key, 0, key.length()) : list.size();
    return place < list.size() ? followSteps(list.get(place), steps, from + 1) : null;
  }
  if (!(at instanceof Map)) return null;
  Map map = (Map) at;
  if (key == '*') {
    for (def member : map.values()) {
      def found = followSteps(member, steps, from + 1);
      if (found != null) return found;
    }
    return null;
  }
  for (int next = from + 1; next <= steps.size(); next++) {
    def member = map.get(key);
    if (member != null) {
      def found = followSteps(member, steps, next);
      if (found != null) return found;
    }
    if (next < steps.size()) key += '.' + steps.get(next);
  }
  return null;
}

String memberText(def value) {
  if (!(value instanceof Map)) return jsonText(value);
  def text = ((Map) value).get('#text');
  return text instanceof String ? (String) text : '';
}

/* The first text that one of the path's ways leads to. */
String textAtPath(Map form, def tree, String path) {
  for (List steps : (List) ((Map) form.get('ways')).get(path)) {
    String text = memberText(followSteps(tree, steps, 0));
    if (text != '') return text;
  }
  return '';
}

boolean isMatch(String text, String value) {
  if (value == '*') return true;
  if (value.endsWith('*')) return text.startsWith(value.substring(0, value.length() - 1));
  if (value.startsWith('*')) return text.endsWith(value.substring(1));
  return text.equals(value);
}

boolean holds(Map form, def tree, List conditions) {
  for (List condition : conditions) {
    String text = textAtPath(form, tree, (String) condition.get(0));
    boolean one = false;
    for (String value : (List) condition.get(1)) one = one || isMatch(text, value);
    if (text == '' || !one) return false;
  }
  return true;
}

boolean hasMembers(Map form, def tree) {
  for (String path : (List) form.get('has')) {
    boolean one = false;
    for (List steps : (List) ((Map) form.get('ways')).get(path)) one = one || followSteps(tree, steps, 0) != null;
    if (!one) return false;
  }
  return holds(form, tree, (List) form.get('where'));
}

/* The record of a form, or null: { form, tree }. */
Map asForm(Map form, Map given, Map tables) {
  Map tree = given;
  String inside = (String) form.get('inside');
  if (tree != null && inside != null) {
    def text = tree.get(inside);
    Map inner = text instanceof Map ? (Map) text : text instanceof String ? readJson((String) text) : null;
    if (inner != null) { tree = new HashMap(given); tree.put(inside, inner); } else tree = null;
  }
  if (tree == null || !hasMembers(form, tree)) return null;
  Map found = new HashMap();
  found.put('form', form);
  found.put('tree', tree);
  return found;
}

List formsOf(Map tables, String format) {
  return (List) ((Map) tables.get('forms')).get(format);
}

Map findForm(Map tables, String format, def tree) {
  if (!(tree instanceof Map)) return null;
  Map other = null;
  for (Map form : formsOf(tables, format)) {
    Map found = asForm(form, (Map) tree, tables);
    if (found == null) continue;
    if (form.get('own') == null || holds(form, found.get('tree'), (List) ((Map) tables.get('records')).get('where'))) return found;
    if (other == null) { other = found; other.put('other', true); }
  }
  return other;
}

/* What a text is: a whole record of some form, or null. */
Map findRecord(Map tables, String text) {
  if (text.startsWith('{')) return findForm(tables, 'json', readJson(text));
  if (text.startsWith('<') && text.length() > 1 && Character.isLetter(text.charAt(1))) {
    Map other = null;
    for (Map form : formsOf(tables, 'xml')) {
      Map found = findForm(tables, 'xml', decodeXml(text, (Map) form.get('members')));
      if (found != null && found.get('other') == null) return found;
      if (other == null) other = found;
    }
    return other;
  }
  if (text.startsWith('<')) {
    Map found = findForm(tables, 'rfc5424', decodeSyslog(text));
    if (found != null) return found;
  }
  return findRun(tables, text);
}

/* Pairs and columns. */
Map findRun(Map tables, String text) {
  for (Map form : formsOf(tables, 'run')) {
    int at = text.indexOf((String) form.get('begins'));
    if (at < 0 || at > 256) continue;
    String run = text.substring(at);
    Map tree = form.get('format') == 'kv' ? decodePairs(run, (String) form.get('assign'), (String) form.get('between')) : decodeColumns(run, (String) form.get('separator'), (List) form.get('columns'));
    Map found = tree == null ? null : asForm(form, tree, tables);
    if (found != null && holds(form, tree, (List) ((Map) tables.get('records')).get('where'))) return found;
  }
  return null;
}

/* The first alternative with a text; an alternative of several paths is joined by blanks. */
String textOfField(Map form, def tree, String field) {
  for (List paths : (List) ((Map) form.get('fields')).get(field)) {
    String text = '';
    for (String path : paths) {
      String part = textAtPath(form, tree, path);
      if (part != '') text = text == '' ? part : text + ' ' + part;
    }
    if (text != '') return text;
  }
  return '';
}

/* As engine/time.ts reads a record's time. */
long readRecordTime(String s, long now, ZoneId zone) {
  int whole = endOfDigits(s, 0, 19);
  if (whole > 0 && (whole == s.length() || isAt(s, whole, '.') && endOfDigits(s, whole + 1, 9) == s.length())) {
    long moment = 0;
    try { moment = Long.parseLong(s.substring(0, whole)); } catch (NumberFormatException e) { return Long.MIN_VALUE; }
    if (whole <= 11) return moment * 1000 + (whole == s.length() ? 0 : milliseconds(s, whole, s.length()));
    return moment / (whole <= 14 ? 1L : whole <= 17 ? 1000L : 1000000L);
  }
  int slash = endOfDigits(s, 0, 2);
  if (slash > 0 && isAt(s, slash, '/')) {
    int day = endOfDigits(s, slash + 1, 2);
    int year = day + 5;
    if (day == slash + 1 || !isAt(s, day, '/') || !areDigits(s, day + 1, 4)) return Long.MIN_VALUE;
    int hour = year;
    while (isAt(s, hour, ' ') || isAt(s, hour, ',') || isAt(s, hour, 'T')) hour++;
    int colon = endOfDigits(s, hour, 2);
    if (hour == year || colon == hour || !isAt(s, colon, ':') || !areDigits(s, colon + 1, 2) || !isAt(s, colon + 3, ':') || !areDigits(s, colon + 4, 2)) return Long.MIN_VALUE;
    int end = colon + 6;
    int fraction = endOfFraction(s, end);
    boolean pm = s.substring(fraction) == ' PM';
    if (fraction < s.length() && !pm && s.substring(fraction) != ' AM') return Long.MIN_VALUE;
    int hours = number(s, hour, colon);
    if (fraction < s.length()) hours = hours % 12 + (pm ? 12 : 0);
    return local(utc(number(s, day + 1, year), number(s, 0, slash) - 1, number(s, slash + 1, day), hours, number(s, colon + 1, colon + 3), number(s, colon + 4, end)), zone) + milliseconds(s, end, fraction);
  }
  if (areDigits(s, 0, 4) && isAt(s, 4, '/') && isAt(s, 7, '/')) s = s.substring(0, 4) + '-' + s.substring(5, 7) + '-' + s.substring(8);
  int blank = s.lastIndexOf(' ');
  boolean zoned = blank > 11 && (isAt(s, blank + 1, '+') || isAt(s, blank + 1, '-'));
  return readTime(zoned ? s.substring(0, blank) + s.substring(blank + 1) : s, now, zone);
}

boolean isAddress(String s) {
  if (endOfIp(s, 0) != s.length()) return false;
  if (!s.contains(':')) {
    for (String part : s.splitOnToken('.')) { if (part.length() > 1 && part.startsWith('0') || number(part, 0, part.length()) > 255) return false; }
    return true;
  }
  int doubled = s.indexOf('::');
  if (doubled >= 0 && s.indexOf('::', doubled + 1) >= 0) return false;
  if (s.startsWith(':') && !s.startsWith('::') || s.endsWith(':') && !s.endsWith('::')) return false;
  int groups = 0;
  for (String part : s.splitOnToken(':')) {
    if (part.length() > 4 && !part.contains('.')) return false;
    if (part.contains('.')) { if (!isAddress(part)) return false; groups++; }
    if (part != '') groups++;
  }
  return doubled < 0 ? groups == 8 : groups < 8;
}

/* A text as its field holds it; null where it cannot. */
def typedValue(Map take, String text, long now, ZoneId zone) {
  String type = (String) take.get('type');
  if (type == 'ip') return isAddress(text) ? text : null;
  if (type == 'port') return text.length() <= 5 && endOfDigits(text, 0, 5) == text.length() ? (def) (long) number(text, 0, text.length()) : null;
  if (type == 'number') {
    int first = isAt(text, 0, '-') ? 1 : 0;
    int end = endOfDigits(text, first, 15);
    if (end == first) return null;
    if (end < text.length() && (!isAt(text, end, '.') || end + 1 == text.length() || endOfDigits(text, end + 1, 9) != text.length())) return null;
    return Math.round(Double.parseDouble(text) * ((Number) take.get('times')).doubleValue());
  }
  if (type == 'bool') {
    String word = text.toLowerCase(Locale.ROOT);
    return word == 'true' || word == '1' || word == 'yes' ? (def) true : word == 'false' || word == '0' || word == 'no' ? (def) false : null;
  }
  if (type == 'date') {
    long time = readRecordTime(text, now, zone);
    return time == Long.MIN_VALUE ? null : printTime(time);
  }
  List allowed = (List) take.get('values');
  return allowed != null && !allowed.contains(text) ? null : text;
}

void addValue(Map values, Map tables, String field, def value) {
  if (value == null || values.containsKey(field)) return;
  List known = (List) ((Map) tables.get('fields')).get(field);
  if (known != null) values.put(field, known.get(0) == 'list' && !(value instanceof List) ? new ArrayList([value]) : value);
}

/* What a captured text becomes, as writeValue does it. */
void addKind(Map values, Map tables, String field, String kind, String text) {
  if (kind == 'lower') addValue(values, tables, field, text.toLowerCase(Locale.ROOT));
  else if (kind == 'list-blank') addValue(values, tables, field, splitBlanks(text));
  else if (kind == 'list-comma') addValue(values, tables, field, splitCommas(text));
  else if (kind == 'notify') {
    String name = notifyName(text, (Map) tables.get('notifies'));
    addValue(values, tables, 'notify', new ArrayList([name]));
    addValue(values, tables, 'error_code', ((Map) tables.get('errors')).get(name));
  } else if (kind == 'key-exchange') {
    List algorithm = (List) ((Map) tables.get('algorithms')).get(text.toUpperCase(Locale.ROOT));
    if (algorithm != null && algorithm.get(0) == 'dh_group') addValue(values, tables, field, algorithm.get(1));
  } else {
    List known = (List) ((Map) tables.get('fields')).get(field);
    if (known != null) addValue(values, tables, field, known.get(0) == 'number' ? readNumber(text) : text);
  }
}

/* Fills values by what the takes say; what is filled stays. */
void takeValues(Map values, Map tables, Map form, def tree, Map doc, List takes, long now, ZoneId zone) {
  Map records = (Map) tables.get('records');
  for (Map take : takes) {
    String path = (String) take.get('path');
    String text = stripped(textAtPath(form, tree, path));
    if (text == '') text = stripped(textAtPath(form, doc, path));
    if (text == '' || ((List) records.get('empty')).contains(text)) continue;
    if (take.get('line') != null) {
      List found = new ArrayList();
      int variant = follow((List) take.get('line'), text, 0, found, (List) tables.get('classes'));
      if (variant < 0) continue;
      if (take.get('choices') != null) for (Map.Entry choice : ((Map) ((List) take.get('choices')).get(variant)).entrySet()) addValue(values, tables, (String) choice.getKey(), choice.getValue());
      for (int i = found.size() - 2; i >= 0; i -= 2) {
        List way = (List) found.get(i);
        List known = (List) ((Map) tables.get('fields')).get(way.get(0));
        String part = (String) found.get(i + 1);
        if (known == null || known.get(0) == 'ip' && !isAddress(part)) continue;
        addKind(values, tables, (String) way.get(0), (String) way.get(1), part);
      }
      continue;
    }
    String field = (String) take.get('field');
    if (take.get('table') != null) {
      def row = ((Map) ((Map) records.get('tables')).get(take.get('table'))).get(text);
      if (row instanceof Map) {
        for (Map.Entry member : ((Map) row).entrySet()) addValue(values, tables, (String) member.getKey(), member.getValue());
        continue;
      }
      if (row == null && field == null) continue;
      if (row != null) text = (String) row;
    }
    if (field == null) continue;
    String kind = (String) take.get('kind');
    if (kind == null) addValue(values, tables, field, typedValue(take, text, now, zone));
    else if (kind == 'lower') addValue(values, tables, field, (text.toLowerCase(Locale.ROOT).startsWith('0x') ? text.substring(2) : text).toLowerCase(Locale.ROOT));
    else if (kind == 'decimal') {
      if (text.length() <= 19 && endOfDigits(text, 0, 19) == text.length()) { try { addValue(values, tables, field, Long.toHexString(Long.parseLong(text))); } catch (NumberFormatException e) { /* too large */ } }
    } else if (kind == 'algorithm') {
      List algorithm = (List) ((Map) tables.get('algorithms')).get(text.toUpperCase(Locale.ROOT));
      if (algorithm != null) addValue(values, tables, field, algorithm.get(1));
      else addKind(values, tables, field, '', text);
    } else addKind(values, tables, field, kind, text);
  }
}

void writeTaken(Map doc, Map tables, Map values, List without) {
  for (Map.Entry member : values.entrySet()) {
    if (without == null || !without.contains(member.getKey())) write(doc, (Map) tables.get('fields'), (String) member.getKey(), member.getValue());
  }
}

/* The two ends of what paths have told. */
void writeTakenEnds(Map doc, Map tables, Map values, boolean initiator, List without) {
  Map ends = (Map) tables.get('ends');
  for (Map.Entry member : values.entrySet()) {
    List roles = (List) ends.get(member.getKey());
    if (roles != null && (without == null || !without.contains(member.getKey()))) write(doc, (Map) tables.get('fields'), (String) roles.get(initiator ? 1 : 0), member.getValue());
  }
}

void writeCode(Map doc, Map tables, Map code, Map values) {
  merge(doc, (Map) ((Map) tables.get('events')).get(code.get('event')));
  List own = (List) code.get('own');
  if (values.get('user_identity') == null && values.get('peer_id') != null) values.put('user_identity', values.get('peer_id'));
  writeTaken(doc, tables, values, own);
  if (code.get('set') != null) merge(doc, (Map) code.get('set'));
  boolean initiator = code.get('initiator') != null || code.get('role') == null && values.get('role') == 'initiator';
  writeTakenEnds(doc, tables, values, initiator, own);
}

/* A found record: an entry that its codes choose, or a line in its message. */
void readStructured(Map doc, Map tables, Map found, String line) {
  Map form = (Map) found.get('form');
  def tree = found.get('tree');
  Map records = (Map) tables.get('records');
  long now = nowOf(doc);
  ZoneId zone = zoneOf(doc, tables);
  writeStamp(doc, tables, readRecordTime(textOfField(form, tree, 'timestamp'), now, zone));
  String host = textOfField(form, tree, 'host');
  if (host != '') writePlain(doc, (Map) tables.get('fields'), 'host', host);
  String pid = textOfField(form, tree, 'pid');
  if (pid != '') writePid(doc, tables, pid);
  String program = textOfField(form, tree, 'program');
  Map programs = (Map) tables.get('programs');
  if (program == '' && tables.get('program') != null) program = (String) tables.get('program');
  if (program != '') writePlain(doc, (Map) tables.get('fields'), 'program', program);
  if (found.get('other') != null || program != '' && !programs.isEmpty() && !programs.containsKey(program)) {
    writeNoEvent(doc, tables, 'other');
    return;
  }
  Map code = null;
  if (form.get('own') != null) {
    for (Map each : (List) records.get('codes')) {
      if (code == null && holds(form, tree, (List) each.get('when'))) code = each;
    }
  }
  Map values = new LinkedHashMap();
  if (code != null && code.get('event') == null) { doc.put('message', line); writeNoEvent(doc, tables, 'ignored'); return; }
  if (code != null) takeValues(values, tables, form, tree, doc, (List) code.get('take'), now, zone);
  if (form.get('own') != null) takeValues(values, tables, form, tree, doc, (List) records.get('take'), now, zone);
  if (code != null) {
    writeHeader(doc, tables, form, tree, null);
    writeCode(doc, tables, code, values);
    return;
  }
  String text = oneLine(textOfField(form, tree, 'message'));
  if (text == '') { doc.put('message', line); writeNoEvent(doc, tables, 'unparsed'); return; }
  readMessage(doc, tables, text, 0, form, tree, values);
}

/* Fields of the header that the record tells. */
void writeHeader(Map doc, Map tables, Map form, def tree, List own) {
  if (form == null) return;
  for (List member : (List) form.get('header')) {
    String text = textAtPath(form, tree, (String) member.get(0));
    if (text != '' && (own == null || !own.contains(member.get(1)))) writePlain(doc, (Map) tables.get('fields'), (String) member.get(1), text);
  }
}
`;
