/** Painless: what stands around a program's message: a syslog header, a JSON object, or what a shipper has made of them. */
export const READ_ENVELOPE = String.raw`
String withoutEnd(String s, int character) {
  int last = s.length() - 1;
  return last >= 0 && s.charAt(last) == character ? s.substring(0, last) : s;
}

/* A line has no newline; where a JSON text has one, it is written as \n. */
String oneLine(String s) {
  return s.replace(Character.toString((char) 10), '\\n');
}

/* A shipper that keeps the indented lines of a record with it has them behind breaks: a break and its blanks are one space. */
String joinIndented(String s) {
  String end = Character.toString((char) 10);
  if (s.indexOf(end) < 0) return s;
  String tab = Character.toString((char) 9);
  String[] lines = s.replace(Character.toString((char) 13) + end, end).replace(end + tab, end + ' ').splitOnToken(end + ' ');
  StringBuilder joined = new StringBuilder(lines[0]);
  for (int i = 1; i < lines.length; i++) {
    int at = skipBlanks(lines[i], 0);
    while (isAt(lines[i], at, tab)) at = skipBlanks(lines[i], at + 1);
    joined.append(' ').append(lines[i].substring(at));
  }
  return joined.toString();
}

String textOf(List found, String field) {
  for (int i = 0; i < found.size(); i += 2) {
    if (field.equals(((List) found.get(i)).get(0))) return (String) found.get(i + 1);
  }
  return '';
}

/* Text of a JSON member. A journal field that is not valid UTF-8 is exported as a list of bytes. */
String jsonText(def value) {
  if (value instanceof String) return (String) value;
  if (value instanceof Number || value instanceof Boolean) return value.toString();
  if (!(value instanceof List)) return '';
  StringBuilder encoded = new StringBuilder();
  for (def item : (List) value) {
    if (!(item instanceof Number)) return '';
    int octet = ((Number) item).intValue() & 255;
    encoded.append('%').append(Integer.toHexString(octet / 16)).append(Integer.toHexString(octet % 16));
  }
  return Processors.urlDecode(encoded.toString());
}

Map readJson(String line) {
  if (!line.startsWith('{') || !line.endsWith('}')) return null;
  try {
    def object = Processors.json(line);
    return object instanceof Map ? (Map) object : null;
  } catch (Exception e) {
    return null;
  }
}

/* The first text that a shipper has put at one of the paths. */
String shipped(Map doc, List paths) {
  for (List path : paths) {
    def at = doc;
    for (def key : path) at = at instanceof Map ? ((Map) at).get(key) : null;
    if (at instanceof String) return (String) at;
  }
  return null;
}

/* The reference for years: when a shipper read the line, else this moment. */
long nowOf(Map doc) {
  def given = doc.get('@timestamp');
  long time = given instanceof String ? readTime((String) given, 0L, null) : Long.MIN_VALUE;
  return time == Long.MIN_VALUE ? System.currentTimeMillis() : time;
}

/* The zone that the shipper tells, if it can be known; null is UTC. */
ZoneId zoneOf(Map doc, Map tables) {
  String zone = (String) tables.get('zone');
  String told = shipped(doc, (List) tables.get('zone_at'));
  if (told != null) { try { return ZoneId.of(told); } catch (DateTimeException e) { /* EST and its like are nowhere in particular */ } }
  return zone == 'UTC' ? null : ZoneId.of(zone);
}

void writeStamp(Map doc, Map tables, long time) {
  if (time != Long.MIN_VALUE) write(doc, (Map) tables.get('fields'), 'timestamp', printTime(time));
}

void writePid(Map doc, Map tables, String pid) {
  write(doc, (Map) tables.get('fields'), 'pid', endOfDigits(pid, 0, 18) == pid.length() ? Long.parseLong(pid) : pid);
}

/* Writes what a text envelope holds, except its program and message. */
void writeCaptured(Map doc, Map tables, List found) {
  for (int i = 0; i < found.size(); i += 2) {
    String field = (String) ((List) found.get(i)).get(0);
    String text = (String) found.get(i + 1);
    if (field == 'timestamp') writeStamp(doc, tables, readStamp(text, nowOf(doc), zoneOf(doc, tables)));
    else if (field == 'pid') writePid(doc, tables, text);
    else if (field == 'host') writePlain(doc, (Map) tables.get('fields'), field, text);
  }
}
`;
