/**
 * Painless: the matcher. It walks a tree of `pack-tree.ts` exactly as `engine/match.ts` runs its table program: at each node the literals first, then
 * the captures in their order, then the end of the text. No node is entered twice for a line, because a capture's end depends on nothing but its start.
 */
export const FOLLOW_TREE = String.raw`
List edgeOf(List edges, int character) {
  String firsts = (String) edges.get(0);
  int low = 0;
  int high = firsts.length() - 1;
  while (low <= high) {
    int middle = (low + high) / 2;
    int found = firsts.charAt(middle);
    if (found == character) return (List) edges.get(middle + 1);
    if (found < character) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

/* Returns the number of the line that s is from p on, or -1. Ways and their texts are added to found, the last one first. */
int follow(List node, String s, int p, List found, List classes) {
  List edge = (List) node.get(0);
  if (edge == null && p < s.length()) {
    List edges = (List) node.get(1);
    if (edges != null) edge = edgeOf(edges, s.charAt(p));
  }
  if (edge != null) {
    String text = (String) edge.get(0);
    if (s.startsWith(text, p)) {
      int line = follow((List) edge.get(1), s, p + text.length(), found, classes);
      if (line >= 0) return line;
    }
  }
  List holes = (List) node.get(2);
  int count = holes == null ? 0 : holes.size();
  for (int i = 0; i < count; i++) {
    List hole = (List) holes.get(i);
    int q = endOfHole(hole, s, p, classes);
    if (q < 0) continue;
    String stop = (String) hole.get(4);
    int line = followWays(hole, s, p, q, stop == null ? q : q + stop.length(), found, classes);
    if (line >= 0) return line;
  }
  return p == s.length() ? (int) node.get(3) : -1;
}

/* What a capture holds: without the brackets of an address, and without the protocol of a port. */
String textOfHole(List hole, String s, int p, int q) {
  int takes = (int) hole.get(0);
  if (takes < 10) return s.substring(p, q);
  if (takes == 10) return s.substring(startOfAddress(s, p), isAt(s, q - 1, ']') ? q - 1 : q);
  return s.substring(startOfService(s, p), q);
}

int followWays(List hole, String s, int p, int q, int next, List found, List classes) {
  List ways = (List) hole.get(5);
  int count = ways.size();
  for (int i = 0; i < count; i++) {
    List way = (List) ways.get(i);
    String text = (String) way.get(2);
    if (text != null && !s.startsWith(text, next)) continue;
    int line = follow((List) way.get(3), s, text == null ? next : next + text.length(), found, classes);
    if (line < 0) continue;
    if (q > p && way.get(0) != null) {
      found.add(way);
      found.add(textOfHole(hole, s, p, q));
    }
    return line;
  }
  return -1;
}
`;
