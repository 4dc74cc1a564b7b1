/**
 * Where things stand in the core's memory: for the core, which AssemblyScript compiles, and for engine/core.ts, which fills it. Addresses and distances in bytes.
 */

// what the core tells of a line, and is told: 32-bit numbers
export const LINE_START = 1024;
export const LINE_END = 1028;
/** first byte of the next line */
export const NEXT = 1032;
export const MESSAGE_START = 1036;
export const MESSAGE_END = 1040;
export const ENVELOPE = 1044;
export const PARSER = 1048;
export const PROCESS = 1052;
export const HEADER = 1056;
export const LEAF = 1060;
/** length of the text that `render` has made */
export const MADE = 1064;
/** 1 where what `render` has made may be kept */
export const KEEPS = 1068;
/** length of the day's text */
export const DAY_LENGTH = 1072;
/** lines and records that were passed because nobody asks for them */
export const LINES = 1076;
export const IGNORED_RECORDS = 1080;
export const OTHER_RECORDS = 1084;
/** 1 where ignored records are asked for, and those of other programs */
export const WANTS_IGNORED = 1088;
export const WANTS_OTHER = 1092;
/** how many texts tell runs of pairs or columns, and where they stand: an address and a length each */
export const RUN_COUNT = 1096;
/** the matcher of envelopes, what each of its leaves has, and the parsers */
export const ENVELOPES = 1100;
export const ENVELOPE_LEAVES = 1104;
export const PARSERS = 1108;
export const PROCESSES = 1112;
export const HEADERS = 1116;
/** caches: see cache.ts */
export const PROGRAM_CACHE = 1120;
export const PROCESS_CACHE = 1124;
export const HEADER_CACHE = 1128;
export const VALUE_CACHE = 1132;
/** slots of what envelopes capture */
export const TIMESTAMP_SLOT = 1136;
export const HOST_SLOT = 1140;
export const PROGRAM_SLOT = 1144;
export const MESSAGE_SLOT = 1148;
/** the format's `{"timestamp":"` */
export const TIME_KEY = 1152;
export const TIME_KEY_LENGTH = 1156;
export const STAMP_LENGTH = 1160;
export const RUN_TEXTS = 1164;
// 64-bit floating point numbers
export const TIME = 1168;
/** records that are later than this stay where they are */
export const UNTIL = 1176;
export const STAMP_TIME = 1184;
export const DAY = 1192;
/** the time stamp that was read last, and the text of the day that was written last */
export const STAMP = 1200;
export const MOST_STAMP = 64;
export const DAY_TEXT = 1264;

/** per slot: where its capture begins, and ends */
export const STARTS = 2048;
export const ENDS = 4096;
export const MOST_SLOTS = 512;
/** per byte: 1 where a line that begins with it is a matter of its own */
export const ODD = 6144;
/** per byte: 1 where a text begins with it that tells a run of pairs or columns */
export const RUNS = 6400;
/** per byte: 1 where JSON escapes it */
export const ESCAPES = 6656;
/** per byte: bits of the classes that it is in, 16 each */
export const CLASSES = 6912;
/** places that a match may go back to: an address and a position each */
export const STACK = 8192;
export const MOST_STACK = 8192;
/** all else is allocated from here on */
export const HEAP = 81920;

/** A text: address and length. */
export const TEXT_BYTES = 8;

/** A matcher: addresses of its program, switches and pool. */
export const MATCHER_BYTES = 12;
/** A leaf of the envelopes: bits for what it has; a number for who reads it. */
export const ENVELOPE_LEAF_BYTES = 8;
export const HAS_TIMESTAMP = 1;
export const HAS_HOST = 2;
export const HAS_PROGRAM = 4;
/** A parser: matchers of headers and lines, the kinds of its leaves (a byte each), bare headers (a byte each), bits. */
export const PARSER_BYTES = 36;
export const PARSER_LINES = 12;
export const PARSER_KINDS = 24;
export const PARSER_BARE = 28;
export const PARSER_BITS = 32;
export const READS_RUNS = 1;
export const INDENTED = 2;
/** A process: number of its parser or -1, address and length of what its records begin with. */
export const PROCESS_BYTES = 12;
/** A header: address and length of its text in the output. */
export const HEADER_BYTES = 8;
/** A leaf in the output: address and length of its constants, number of its captures, and those. */
export const LEAF_BYTES = 12;
/** slot, address and length of its key, how it is written, its number */
export const CAPTURE_BYTES = 20;
export const AS_NUMBER = 0;
export const AS_TEXT = 1;
export const AS_LOWER = 2;
export const AS_MADE = 3;

/** An SA in the output: address and length of what each of its records says, of its user, of its ancestor; number of learnt fields, and address and length of each. */
export const SA_USER = 8;
export const SA_ANCESTOR = 16;
export const SA_COUNT = 24;
export const SA_LEARNT = 28;
export const SA_LEARNT_BYTES = 8;

/** What a line is: the first four are those of a record. */
export const EVENT = 0;
export const IGNORED = 1;
/** no line of its parser, or no header, fits */
export const NO_LINE = 2;
export const OTHER = 3;
export const NO_HEADER = 4;
/** no envelope fits */
export const NO_ENVELOPE = 5;
/** the envelope names no program */
export const UNNAMED = 6;
/** its program's records may be structured */
export const STRUCTURED = 7;
/** its first byte makes it a matter of its own */
export const ODD_LINE = 8;
/** the record is later than UNTIL */
export const LATER = 9;
/** there are no more lines */
export const END = 10;

/** What a place of a cache takes: hash, length and value, and the key's bytes. */
export const PLACE_BYTES = 128;
export const MOST_KEY = 112;
export const PROGRAM_PLACES = 256;
export const PROCESS_PLACES = 1024;
export const HEADER_PLACES = 4096;
export const VALUE_PLACES = 8192;
/** bytes that may be written behind what was asked for */
export const SLACK = 64;
