/** What the engine calls. */
export { match } from './match';
export { readEnvelope, readLine, readMessage, scan } from './read';
export { copy, writeCaptures, writeHead, writeHeader, writeJoined, writeSa, writeText } from './write';
