/** The add-on as it is built from the built-in content, and what it was built from. */
import { loadPack } from '../../../generator/compile.js';
import { emitSplunk } from '../../../generator/targets/splunk/emit.js';
import { readConf } from './read-conf.js';

export const pack = loadPack();
export const files = emitSplunk(pack);
export const charon = pack.parsers.find(({ name }) => name === 'strongswan.charon')!;
export const pluto = pack.parsers.find(({ name }) => name === 'libreswan.pluto')!;
export const props = readConf(files.get('TA-ikeaudit/default/props.conf')!);
export const transforms = readConf(files.get('TA-ikeaudit/default/transforms.conf')!);

/** @returns every regex, with the setting that holds it */
export function everyRegex(): { where: string; regex: string }[] {
  const extracts = [...props].flatMap(([stanza, settings]) =>
    [...settings]
      .filter(([key]) => key.startsWith('EXTRACT-'))
      .map(([key, value]) => ({ where: `[${stanza}] ${key}`, regex: value.replace(/ in \w+$/, '') })),
  );
  const others = [...transforms].flatMap(([name, settings]) =>
    settings.has('REGEX') ? [{ where: `[${name}]`, regex: settings.get('REGEX')! }] : [],
  );
  return [...extracts, ...others];
}
