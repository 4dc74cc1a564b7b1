/** Painless: what a record becomes, as `engine/render.ts` writes it without stitching. */
export const WRITE_EVENT = String.raw`
void merge(Map into, Map from) {
  for (Map.Entry entry : from.entrySet()) {
    def value = entry.getValue();
    if (value instanceof Map) merge(child(into, (String) entry.getKey()), (Map) value);
    else into.put(entry.getKey(), value instanceof List ? new ArrayList((List) value) : value);
  }
}

/* Holes in their order, except those of an envelope, of the two ends, and fields that the line tells itself. */
void writeFound(Map doc, Map tables, List found, List without) {
  for (int i = found.size() - 2; i >= 0; i -= 2) {
    List way = (List) found.get(i);
    if (without != null && without.contains(way.get(0))) continue;
    writeValue(doc, tables, way, (String) found.get(i + 1));
  }
}

/* The peer is the source, except where the gateway is the initiator. */
void writeEnds(Map doc, Map tables, List found, List without, boolean initiator) {
  Map ends = (Map) tables.get('ends');
  for (int i = 0; i < found.size(); i += 2) {
    def field = ((List) found.get(i)).get(0);
    List roles = without != null && without.contains(field) ? null : (List) ends.get(field);
    if (roles != null) writePlain(doc, (Map) tables.get('fields'), (String) roles.get(initiator ? 1 : 0), (String) found.get(i + 1));
  }
}

void writeEvent(Map doc, Map tables, Map line, Map form, def tree, Map taken, List header, List found, long repeat) {
  Map fields = (Map) tables.get('fields');
  List own = (List) line.get('own');
  writeHeader(doc, tables, form, tree, own);
  writeFound(doc, tables, header, own);
  merge(doc, (Map) ((Map) tables.get('events')).get(line.get('event')));
  if (repeat > 1) write(doc, fields, 'repeat', repeat);
  if (taken != null) writeTaken(doc, tables, taken, own);
  writeFound(doc, tables, found, null);
  // what an entry sets has the last word over what is derived
  if (line.get('set') != null) merge(doc, (Map) line.get('set'));
  boolean initiator = line.get('initiator') != null || taken != null && line.get('role') == null && taken.get('role') == 'initiator';
  writeEnds(doc, tables, header, own, initiator);
  writeEnds(doc, tables, found, null, initiator);
  if (taken != null) writeTakenEnds(doc, tables, taken, initiator, own);
  if (line.get('user') != null) {
    String user = textOf(found, (String) line.get('user'));
    if (user != '') writePlain(doc, fields, 'user_identity', user);
  }
}

void writeNoEvent(Map doc, Map tables, String action) {
  merge(doc, (Map) tables.get('no_event'));
  write(doc, (Map) tables.get('fields'), 'msg_type', action);
}
`;
