/** Groups, keys and measures as expressions of eval. */
import { strengthOf } from '../../model/algorithm-levels.js';
import { type Key, type Measure, readKey } from '../../model/detection.js';
import type { Pack } from '../../model/pack.js';
import type { Lookup } from './lookup-tables.js';
import { splField } from './spl-selection.js';

export const WHOLE_LOG = 'the whole log';

/** @returns the fields that a key looks for, in their order */
export function keyFields(key: Key): string[] {
  return readKey(key).fields;
}

/**
 * @returns an expression for the group of a record, such as `host=gw1, peer_ip=192.0.2.1`; null where the record lacks a key that it must have. What "."
 * makes of null is no part of its documentation, so that nothing here concatenates one.
 */
export function emitGroup(pack: Pack, keys: Key[]): string {
  const needed = keys.filter((key) => !readKey(key).optional);
  const [single] = keys;
  if (keys.length === 0) return `"${WHOLE_LOG}"`;
  if (keys.length === 1 && needed.length === 1) return `case(${armsOf(pack, single!, '')})`;
  const parts = keys.map((key) => `case(${armsOf(pack, key, ', ')}, true(), "")`);
  const joined = `substr(${parts.join('.')}, 3)`;
  const whole = needed.length ? joined : `if(${anyOf(keys.flatMap(keyFields))}, ${joined}, "${WHOLE_LOG}")`;
  return needed.length ? `if(${needed.map((key) => anyOf(keyFields(key))).join(' AND ')}, ${whole}, null())` : whole;
}

/** @returns an expression for the value of a key, whichever of its fields gives it */
export function emitValue(pack: Pack, key: Key): string {
  const fields = keyFields(key).map((field) => firstValue(pack, field));
  return fields.length === 1 ? fields[0]! : `coalesce(${fields.join(', ')})`;
}

/** A label for each field that can give the key, the first that is there. */
function armsOf(pack: Pack, key: Key, before: string): string {
  return keyFields(key)
    .map((field) => `isnotnull(${splField(field)}), "${before}${field}=".${firstValue(pack, field)}`)
    .join(', ');
}

function anyOf(fields: string[]): string {
  const tests = fields.map((field) => `isnotnull(${splField(field)})`);
  return tests.length === 1 ? tests[0]! : `(${tests.join(' OR ')})`;
}

/** Of a list the first value is the key. */
function firstValue(pack: Pack, field: string): string {
  return pack.fields.get(field)?.list ? `mvindex(${splField(field)}, 0)` : splField(field);
}

/** The address's /24, or /48 of IPv6: zeros that begin a group are not written, and a shortened address is filled up. */
const NETWORK = [
  'case(',
  'match(peer_ip, "^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$"), replace(peer_ip, "[.][0-9]+$", ".0/24"), ',
  'match(peer_ip, ":"), replace(replace(replace(lower(peer_ip), "::.*$", ":0:0:0"), "(^|:)0+([0-9a-f])", "\\1\\2"), ',
  '"^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+).*$", "\\1:\\2:\\3::/48")',
  ')',
].join('');

/** @returns commands that set `ikeaudit_value` to a measure of each record, or to null where its fields do not give one */
export function emitMeasure(measure: Measure): string[] {
  switch (measure) {
    case 'network':
      return [`eval ikeaudit_value=${NETWORK}`];
    case 'suite': {
      const known = SUITE.map((field) => `isnotnull(${field})`).join(' OR ');
      return [`eval ikeaudit_value=if(${known}, ${SUITE.map((field) => `coalesce(${field}, "-")`).join('."/".')}, null())`];
    }
    case 'lifetime':
      return ['eval ikeaudit_value=tonumber(lifetime)'];
    case 'rekey_interval':
      return ['eval ikeaudit_value=tonumber(rekey_in)'];
    case 'hour':
      return ['eval ikeaudit_value=floor((_time%86400)/3600)'];
    case 'strength':
      return emitStrength();
  }
}

const SUITE = ['encryption', 'integrity', 'prf', 'dh_group'];
const STRENGTHS = 'ikeaudit_strengths';
/** Above every strength in bits. */
const ENDLESS = 100_000;

/** A suite is as strong as its weakest part; nobody knows where the strength of one part is not known. */
function emitStrength(): string[] {
  const kinds = SUITE.map((field) => `ikeaudit_kind_${field}="${field}"`).join(', ');
  const known = SUITE.map((field) => `(isnull(${field}) OR isnotnull(ikeaudit_bits_${field}))`).join(' AND ');
  const least = `min(${SUITE.map((field) => `coalesce(tonumber(ikeaudit_bits_${field}), ${ENDLESS})`).join(', ')})`;
  return [
    `eval ${kinds}`,
    ...SUITE.map(
      (field) => `lookup ${STRENGTHS} field AS ikeaudit_kind_${field} value AS ${field} OUTPUT bits AS ikeaudit_bits_${field}`,
    ),
    `eval ikeaudit_value=if(${known}, ${least}, null()), ikeaudit_value=if(ikeaudit_value<${ENDLESS}, ikeaudit_value, null())`,
  ];
}

/** @returns how strong each algorithm is, in bits */
export function strengthLookup(pack: Pack): Lookup {
  const rows = SUITE.flatMap((field) => {
    const values =
      field === 'dh_group'
        ? pack.transforms.filter(({ type }) => type === 'key_exchange').map(({ number }) => number)
        : pack.transforms
            .filter(({ type }) => type === field)
            .flatMap(({ name, keys }) => [name, ...keys.map((key) => `${name}_${key}`)]);
    return values.flatMap((value) => {
      const bits = strengthOf(pack.transforms, field, value);
      return bits === undefined ? [] : [[field, value, bits]];
    });
  });
  return { name: STRENGTHS, columns: ['field', 'value', 'bits'], rows };
}

/** @returns the fields that a measure is made from */
export function measuredFields(measure: Measure): string[] {
  const fields: Record<Measure, string[]> = {
    network: ['peer_ip'],
    suite: ['encryption', 'integrity', 'prf', 'dh_group'],
    strength: ['encryption', 'integrity', 'prf', 'dh_group'],
    lifetime: ['lifetime'],
    rekey_interval: ['rekey_in'],
    hour: [],
  };
  return fields[measure];
}
