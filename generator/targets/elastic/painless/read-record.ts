/** Painless: one document, as `engine/record.ts` reads one record: envelope, program, header, line. */
export const READ_RECORD = String.raw`
int skipBlanks(String s, int p) {
  int pause = s.length() - p > 500000 ? p + 500000 : s.length();
  int q = p;
  while (q < pause && s.charAt(q) == (char) ' ') q++;
  return q == pause && q < s.length() ? skipBlanks(s, q) : q;
}

/* Whether the message begins as the parser says that its messages do. */
boolean concerns(List begins, String text, int at) {
  if (begins.size() == 0) return true;
  for (def beginning : begins) { if (text.startsWith((String) beginning, at)) return true; }
  return false;
}

/* Header, then line; a line that wraps another one is opened once. */
void readMessage(Map doc, Map tables, String given, int start, Map form, def tree, Map taken) {
  List classes = (List) tables.get('classes');
  String text = given;
  int at = start;
  long repeat = 1;
  List header = null;
  List found = null;
  int number = -1;
  boolean other = false;
  while (true) {
    at = skipBlanks(text, at);
    header = new ArrayList();
    if (follow((List) tables.get('headers'), text, at, header, classes) < 0) {
      other = ((List) tables.get('begins')).size() > 0;
      break;
    }
    at = skipBlanks(text, text.length() - textOf(header, 'message').length());
    found = new ArrayList();
    number = follow((List) tables.get('lines'), text, at, found, classes);
    if (number >= 0 || repeat > 1) break;
    other = !concerns((List) tables.get('begins'), text, at);
    if (other) break;
    List wrapped = new ArrayList();
    if (follow((List) tables.get('wrappers'), text, at, wrapped, classes) < 0) break;
    def times = readNumber(textOf(wrapped, 'repeat'));
    repeat = times instanceof Long && (long) times > 2 ? (long) times : 2L;
    text = textOf(wrapped, 'message');
    at = 0;
  }
  if (other) {
    writeNoEvent(doc, tables, 'other');
    return;
  }
  doc.put('message', text.substring(at));
  Map meaning = number < 0 ? null : (Map) ((List) tables.get('meanings')).get(number);
  if (meaning == null) writeNoEvent(doc, tables, 'unparsed');
  else if (meaning.get('event') == null) writeNoEvent(doc, tables, 'ignored');
  else writeEvent(doc, tables, meaning, form, tree, taken, header, found, repeat);
}

/* The raw line: the message, or what an earlier run has kept of it. Null where there is none, or nothing is left to read. */
String lineOf(Map doc, Map event) {
  def original = event.get('original');
  def given = original != null && event.get('module') == 'ikev2' ? original : doc.get('message');
  if (given == null) given = original;
  // events of the engine arrive as they should be
  if (original == null && (event.get('action') != null || doc.get('event.action') != null)) return null;
  if (!(original instanceof String) && given != null) event.put('original', given.toString());
  if (given != null && !(doc.get('message') instanceof String)) doc.put('message', given.toString());
  if (given instanceof String) return (String) given;
  event.put('kind', 'pipeline_error');
  child(doc, 'error').put('message', given == null ? 'The document has no message.' : 'The message is no text.');
  return null;
}

/* What stands where the index has an object would cost the document; older shippers write "host" as a text. */
void clearObjects(Map doc, Map names) {
  List wrong = null;
  for (Map.Entry entry : doc.entrySet()) {
    def found = entry.getValue();
    if (found == null || found instanceof Map || !names.containsKey(entry.getKey())) continue;
    if (wrong == null) wrong = new ArrayList();
    wrong.add(entry.getKey());
  }
  if (wrong == null) return;
  for (String name : wrong) {
    def found = doc.remove(name);
    if (found instanceof String) child(doc, 'labels').put(name, found);
  }
}

boolean hasOneOf(Map doc, List names) {
  for (def name : names) { if (doc.containsKey(name)) return true; }
  return false;
}

/* What a shipper has unpacked, in the members of the document itself. */
boolean readUnpacked(Map doc, Map tables) {
  List names = (List) tables.get('unpacked_at');
  if (names != null && !hasOneOf(doc, names)) return false;
  Map found = findForm(tables, 'json', doc);
  if (found == null || ((Map) found.get('form')).get('own') == null || found.get('other') != null) return false;
  readStructured(doc, tables, found, '');
  return true;
}

void readDocument(Map doc, Map tables) {
  clearObjects(doc, (Map) tables.get('objects'));
  if (readUnpacked(doc, tables)) return;
  Map event = child(doc, 'event');
  String line = lineOf(doc, event);
  if (line == null) return;
  if (tables.get('indented') != null) line = joinIndented(line);
  String whole = isBlankAt(line, 0) || isBlankAt(line, line.length() - 1) ? stripped(line) : line;
  line = oneLine(withoutEnd(withoutEnd(line, 10), 13));
  Map record = findRecord(tables, whole);
  if (record != null) { readStructured(doc, tables, record, line); return; }

  Map programs = (Map) tables.get('programs');
  String shipped = shipped(doc, (List) tables.get('program_at'));
  String program = '';
  int at = 0;
  boolean ours = true;
  List captured = new ArrayList();
  int form = follow((List) tables.get('envelopes'), line, 0, captured, (List) tables.get('classes'));
  program = textOf(captured, 'program');
  ours = form != 0;
  // what a shipper has unpacked has no header; it could look like one
  if (shipped == null || ours && programs.containsKey(program)) {
    writeCaptured(doc, tables, captured);
    at = line.length() - textOf(captured, 'message').length();
  } else {
    program = shipped;
    ours = true;
  }
  if (program == '' && ours) program = shipped != null ? shipped : tables.get('program') == null ? '' : (String) tables.get('program');
  if (program != '') writePlain(doc, (Map) tables.get('fields'), 'program', program);
  boolean known = ours && programs.containsKey(program);
  Map inside = at > 0 && !known && (isAt(line, at, '{') || isAt(line, at, '<')) ? findRecord(tables, line.substring(at)) : null;
  if (inside != null) readStructured(doc, tables, inside, line);
  else if (known) readMessage(doc, tables, line, at, null, null, null);
  else writeNoEvent(doc, tables, 'other');
}
`;
