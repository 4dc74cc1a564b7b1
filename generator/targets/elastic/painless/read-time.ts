/**
 * Painless: times of log lines, read as `engine/time.ts` reads them: a time without a zone in a given one, a time without a year in the latest year in
 * which it is not after now + 1 day. Written out in numbers because java.time refuses what JavaScript's Date carries over, such as 30 February.
 */
export const READ_TIME = String.raw`
/* Digits that are known to be there. */
int number(String s, int from, int to) {
  int value = 0;
  for (int i = from; i < to; i++) value = value * 10 + s.charAt(i) - 48;
  return value;
}

long floor(long a, long b) {
  long q = a / b;
  return a % b < 0 ? q - 1 : q;
}

/* Milliseconds of a date and time in UTC; days, hours and so on may be too large. Months count from 0. */
long utc(int year, int month, int day, int hour, int minute, int second) {
  int m = (month + 10) % 12;
  long y = (year < 100 ? year + 1900 : year) + (month + 12) / 12 - 1 - (m >= 10 ? 1 : 0);
  long era = floor(y, 400L);
  long yearOfEra = y - era * 400L;
  long days = era * 146097L + yearOfEra * 365L + yearOfEra / 4 - yearOfEra / 100 + (153 * m + 2) / 5 + day - 1 - 719468L;
  return (days * 86400L + hour * 3600L + minute * 60L + second) * 1000L;
}

/* The zone's offset, looked up by the hour. */
long offset(ZoneId zone, long moment) {
  return 1000L * zone.getRules().getOffset(Instant.ofEpochMilli(floor(moment, 3600000L) * 3600000L)).getTotalSeconds();
}

long local(long asUtc, ZoneId zone) {
  return zone == null ? asUtc : asUtc - offset(zone, asUtc - offset(zone, asUtc));
}

int milliseconds(String s, int p, int end) {
  if (end - p < 2) return 0;
  if (end - p > 3) return number(s, p + 1, p + 4);
  return number(s, p + 1, end) * (end - p == 2 ? 100 : 10);
}

long readIso(String s, ZoneId zone) {
  int second = endOfClock(s, 11);
  int fraction = endOfFraction(s, second);
  long time = utc(number(s, 0, 4), number(s, 5, 7) - 1, number(s, 8, 10), number(s, 11, 13), number(s, 14, 16), number(s, 17, 19));
  if (fraction == s.length()) return local(time, zone) + milliseconds(s, second, fraction);
  if (isAt(s, fraction, 'Z')) return time + milliseconds(s, second, fraction);
  int minutes = isAt(s, fraction + 3, ':') ? fraction + 4 : fraction + 3;
  long away = number(s, fraction + 1, fraction + 3) * 3600000L + number(s, minutes, minutes + 2) * 60000L;
  int behind = minutes + 2;
  return time - (isAt(s, fraction, '-') ? -away : away)
    + (fraction > second ? milliseconds(s, second, fraction) : milliseconds(s, behind, s.length()));
}

long readMonth(String text, long now, ZoneId given) {
  String s = isAt(text, 0, '*') || isAt(text, 0, '.') ? text.substring(1) : text;
  int first = isAt(s, 4, ' ') ? 5 : 4;
  int blank = endOfDigits(s, first, 2);
  int month = monthAt(s, 0);
  int day = number(s, first, blank);
  int clock = blank + 1;
  boolean dated = areDigits(s, clock, 4) && isAt(s, clock + 4, ' ');
  int told = dated ? number(s, clock, clock + 4) : -1;
  if (dated) clock += 5;
  int hour = number(s, clock, clock + 2);
  int minute = number(s, clock + 3, clock + 5);
  int second = number(s, clock + 6, clock + 8);
  int end = clock + 8;
  int behind = endOfFraction(s, end);
  int length = s.length();
  int name = isAt(s, behind, ' ') ? behind + 1 : behind;
  ZoneId zone = isAt(s, name, 'UTC') || isAt(s, name, 'GMT') ? null : given;
  if (!dated && length > behind && isDigit(s, length - 1)) told = number(s, length - 4, length);
  if (told >= 0) return local(utc(told, month, day, hour, minute, second), zone) + milliseconds(s, end, behind);
  long last = now + 86400000L;
  int latest = LocalDate.ofEpochDay(floor(last, 86400000L)).getYear() + 1;
  for (int year = latest; year > latest - 10; year--) {
    if (month == 1 && day == 29 && !(year % 4 == 0 && year % 100 != 0 || year % 400 == 0)) continue;
    long time = local(utc(year, month, day, hour, minute, second), zone) + milliseconds(s, end, behind);
    if (time <= last) return time;
  }
  return Long.MIN_VALUE;
}

/* The same of a text that a timestamp or time hole took. */
long readStamp(String s, long now, ZoneId zone) {
  if (isAt(s, 2, ':')) {
    int name = s.indexOf(' ', 9);
    int month = endOfDay(s, name + 1) >= 0 ? name + 1 : name + 5;
    return readMonth(s.substring(month) + ' ' + s.substring(0, 8) + s.substring(8, name), now, zone);
  }
  return isDigit(s, 0) ? readIso(s, zone) : readMonth(s, now, zone);
}

/* Returns milliseconds since 1970, or Long.MIN_VALUE where the text is no time. A zone of null is UTC. */
long readTime(String s, long now, ZoneId zone) {
  if (endOfTimestamp(s, 0) != s.length() && endOfTime(s, 0) != s.length()) return Long.MIN_VALUE;
  return readStamp(s, now, zone);
}

/* A number below 100 with two digits. */
String two(long n) {
  int at = (int) n * 2;
  return '00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899'.substring(at, at + 2);
}

/* As LocalDate prints it, which costs three times as much. */
String printDay(long days) {
  if (days < -354285L || days > 2932896L) return LocalDate.ofEpochDay(days).toString();
  long sinceMarch = days + 719468L;
  long era = sinceMarch / 146097L;
  long day = sinceMarch - era * 146097L;
  long yearOfEra = (day - day / 1460L + day / 36524L - day / 146096L) / 365L;
  long dayOfYear = day - (365L * yearOfEra + yearOfEra / 4L - yearOfEra / 100L);
  long month = (5L * dayOfYear + 2L) / 153L;
  long year = yearOfEra + era * 400L + (month > 9L ? 1L : 0L);
  return two(year / 100L) + two(year % 100L) + '-' + two(month > 9L ? month - 9L : month + 3L) + '-' + two(dayOfYear - (153L * month + 2L) / 5L + 1L);
}

String printTime(long time) {
  long days = floor(time, 86400000L);
  long rest = time - days * 86400000L;
  long milliseconds = rest % 1000L;
  return printDay(days) + 'T' + two(rest / 3600000L) + ':' + two(rest / 60000L % 60L) + ':' + two(rest / 1000L % 60L) + '.'
    + (milliseconds == 0L ? '000' : two(milliseconds / 10L) + milliseconds % 10L) + 'Z';
}
`;
