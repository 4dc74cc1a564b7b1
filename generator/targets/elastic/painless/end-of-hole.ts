/**
 * Painless: where what a capture takes ends, as `core/match.ts` finds it. Each function `endOf…` returns the place behind what begins at `p`, or -1.
 */
export const END_OF_HOLE = String.raw`
boolean isDigit(String s, int p) {
  return p < s.length() && s.charAt(p) >= (char) '0' && s.charAt(p) <= (char) '9';
}

boolean areDigits(String s, int p, int count) {
  for (int i = 0; i < count; i++) { if (!isDigit(s, p + i)) return false; }
  return true;
}

boolean isAt(String s, int p, String character) {
  return s.startsWith(character, p);
}

int endOfDigits(String s, int p, int most) {
  int q = p;
  while (q - p < most && isDigit(s, q)) q++;
  return q;
}

int endOfInt(String s, int p, int most) {
  int digits = isAt(s, p, '-') ? p + 1 : p;
  int q = endOfDigits(s, digits, most);
  return q > digits ? q : -1;
}

/* The class is a text of 129 flags: one for each ASCII character, and one for all others. A loop ends after a million turns, a call does not. */
int endOfClass(String s, int p, String flags, int most, int stop) {
  int limit = most < s.length() - p ? p + most : s.length();
  int pause = limit - p > 500000 ? p + 500000 : limit;
  int q = p;
  while (q < pause) {
    int c = s.charAt(q);
    if (c == stop || flags.charAt(c < 128 ? c : 128) == (char) '0') return q;
    q++;
  }
  return q < limit ? endOfClass(s, q, flags, most == 2147483647 ? most : limit - q, stop) : q;
}

/* Seven groups of one to four characters, a colon behind each. */
boolean hasEightGroups(String s, int p) {
  int q = p;
  for (int group = 0; group < 7; group++) {
    int start = q;
    while (q < s.length() && q - start < 4 && s.charAt(q) != (char) 58) q++;
    if (q == start || !isAt(s, q, ':')) return false;
    q++;
  }
  return true;
}

int endOfIp(String s, int p) {
  boolean version6 = false;
  int limit = p + 45 < s.length() ? p + 45 : s.length();
  int q = p;
  while (q < limit) {
    int c = s.charAt(q);
    if (c == 58) {
      if (q > p && s.charAt(q - 1) == 58) version6 = true;
    } else if (!(c >= 48 && c <= 57 || c >= 97 && c <= 102 || c >= 65 && c <= 70)) break;
    q++;
  }
  if (q == p) return -1;
  int r = q;
  for (int group = 0; group < 3; group++) {
    if (!isAt(s, r, '.') || !isDigit(s, r + 1)) return version6 || hasEightGroups(s, p) ? q : -1;
    r = endOfDigits(s, r + 1, 3);
  }
  return r;
}

boolean isHex(int c) {
  return c >= 48 && c <= 57 || c >= 97 && c <= 102 || c >= 65 && c <= 70;
}

/* Behind the bracket of "[2001:db8::1]", else p. */
int startOfAddress(String s, int p) {
  if (!isAt(s, p, '[')) return p;
  int q = endOfIp(s, p + 1);
  return q > 0 && isAt(s, q, ']') ? p + 1 : p;
}

/* Before the colon or bracket that follows an address; IPv6 without brackets goes up to the last colon. Or -1. */
int endOfAddress(String s, int p) {
  int q = endOfIp(s, p);
  if (q > 0 && (isAt(s, q, ']') || isAt(s, q, ':'))) return q;
  int group = p;
  while (group < s.length() && group < p + 4 && isHex(s.charAt(group))) group++;
  if (!isAt(s, group, ':')) return -1;
  int r = group + 1;
  while (r < s.length() && r < group + 41 && (isHex(s.charAt(r)) || isAt(s, r, ':'))) r++;
  while (r > group && !isAt(s, r, ':')) r--;
  return r > group ? r : -1;
}

int startOfService(String s, int p) {
  return isAt(s, p, 'UDP/') || isAt(s, p, 'TCP/') ? p + 4 : p;
}

int endOfClock(String s, int p) {
  return areDigits(s, p, 2) && isAt(s, p + 2, ':') && areDigits(s, p + 3, 2) && isAt(s, p + 5, ':') && areDigits(s, p + 6, 2) ? p + 8 : -1;
}

int endOfFraction(String s, int p) {
  return (isAt(s, p, '.') || isAt(s, p, ',')) && isDigit(s, p + 1) ? endOfDigits(s, p + 1, 9) : p;
}

int monthAt(String s, int p) {
  if (p + 3 > s.length()) return -1;
  int at = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.indexOf(s.substring(p, p + 3));
  return at >= 0 && at % 4 == 0 ? at / 4 : -1;
}

int endOfDay(String s, int p) {
  if (monthAt(s, p) < 0 || !isAt(s, p + 3, ' ')) return -1;
  int day = isAt(s, p + 4, ' ') ? p + 5 : p + 4;
  int q = endOfDigits(s, day, 2);
  return q == day || !isAt(s, q, ' ') ? -1 : q;
}

int endOfMonthClock(String s, int p, boolean dated) {
  int q = endOfDay(s, p);
  if (q < 0) return -1;
  return endOfClock(s, dated && areDigits(s, q + 1, 4) && isAt(s, q + 5, ' ') ? q + 6 : q + 1);
}

int endOfIso(String s, int p) {
  if (!areDigits(s, p, 4) || !isAt(s, p + 4, '-') || !areDigits(s, p + 5, 2) || !isAt(s, p + 7, '-')) return -1;
  if (!areDigits(s, p + 8, 2) || !isAt(s, p + 10, 'T') && !isAt(s, p + 10, ' ')) return -1;
  int clock = endOfClock(s, p + 11);
  if (clock < 0) return -1;
  int q = endOfFraction(s, clock);
  if (isAt(s, q, 'Z')) return q + 1;
  if ((isAt(s, q, '+') || isAt(s, q, '-')) && areDigits(s, q + 1, 2)) {
    int minutes = isAt(s, q + 3, ':') ? q + 4 : q + 3;
    if (areDigits(s, minutes, 2)) return endOfFraction(s, minutes + 2);
  }
  return q;
}

/* Behind the name of a zone that a colon follows, such as UTC, CEST or mdt; else p. */
int endOfZoneName(String s, int p) {
  int from = isAt(s, p, ' ') ? p + 1 : p;
  if (from >= s.length()) return p;
  boolean small = s.charAt(from) >= (char) 'a';
  int most = small ? 3 : 5;
  int q = from;
  while (q < s.length() && q - from <= most) {
    int c = s.charAt(q);
    if (small ? c < 97 || c > 122 : c < 65 || c > 90) break;
    q++;
  }
  int length = q - from;
  if (length < 3 || length > most || !isAt(s, q, ':')) return p;
  return isAt(s, from, 'UTC:') || isAt(s, q - 1, small ? 't' : 'T') ? q : p;
}

int endOfTimestamp(String s, int p) {
  if (isDigit(s, p)) return endOfIso(s, p);
  int clock = endOfMonthClock(s, isAt(s, p, '*') || isAt(s, p, '.') ? p + 1 : p, true);
  if (clock < 0) return -1;
  return endOfZoneName(s, endOfFraction(s, clock));
}

int endOfLetters(String s, int p, int most) {
  int q = p;
  while (q < s.length() && q - p < most) {
    int c = s.charAt(q);
    if (!(c >= 65 && c <= 90 || c >= 97 && c <= 122)) break;
    q++;
  }
  return q;
}

/* 07:00:00 UTC Fri Nov 20 2026 */
int endOfClockFirst(String s, int p) {
  int clock = endOfClock(s, p);
  if (clock < 0 || !isAt(s, clock, ' ')) return -1;
  int q = endOfLetters(s, clock + 1, 5);
  if (q == clock + 1 || !isAt(s, q, ' ')) return -1;
  int day = endOfDay(s, q + 1);
  if (day < 0 && endOfLetters(s, q + 1, 3) == q + 4 && isAt(s, q + 4, ' ')) day = endOfDay(s, q + 5);
  return day >= 0 && areDigits(s, day + 1, 4) ? day + 5 : -1;
}

int endOfTime(String s, int p) {
  if (isAt(s, p + 2, ':')) return endOfClockFirst(s, p);
  if (isDigit(s, p)) return endOfIso(s, p);
  int q = endOfMonthClock(s, p, false);
  if (q < 0 || !isAt(s, q, ' ')) return -1;
  if (isAt(s, q, ' UTC ')) q += 4;
  return areDigits(s, q + 1, 4) ? q + 5 : -1;
}

/* By the places of what holes take in pack-tree.ts, the most usual first. */
int endOfHole(List hole, String s, int p, List classes) {
  int takes = (int) hole.get(0);
  if (takes == 0) {
    int q = endOfClass(s, p, (String) classes.get((int) hole.get(1)), (int) hole.get(2), (int) hole.get(3));
    return q > p ? q : -1;
  }
  if (takes == 1) return endOfInt(s, p, (int) hole.get(2));
  if (takes == 2) return endOfIp(s, p);
  if (takes <= 6) {
    String stop = (String) hole.get(4);
    if (takes == 3) return s.length() - stop.length() >= p && s.endsWith(stop) ? s.length() - stop.length() : -1;
    int q = takes == 5 ? s.lastIndexOf(stop) : s.indexOf(stop, p);
    if (q < p) return -1;
    return takes == 6 && s.indexOf(stop, q + stop.length()) >= 0 ? -1 : q;
  }
  if (takes == 7) return p < s.length() ? s.length() : -1;
  if (takes == 8) return endOfTimestamp(s, p);
  if (takes == 9) return endOfTime(s, p);
  if (takes == 10) {
    int q = endOfAddress(s, startOfAddress(s, p));
    return q > 0 && isAt(s, q, ']') ? q + 1 : q;
  }
  int digits = startOfService(s, p);
  int q = endOfDigits(s, digits, (int) hole.get(2));
  return q > digits ? q : -1;
}
`;
