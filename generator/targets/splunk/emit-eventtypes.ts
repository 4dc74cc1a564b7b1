/** eventtypes.conf and tags.conf: which events belong to which data set of the Common Information Model. */
import type { Pack } from '../../model/pack.js';
import type { Stanza } from './conf-file.js';
import { allSourcetypes } from './shipped-records.js';

interface TagSet {
  eventtype: string;
  tags: string[];
  events: string[];
}

/** Events with the same tags; an event has the tags of one data set only, because `action` means another thing in each. */
function tagSets(pack: Pack): TagSet[] {
  const sets = new Map<string, TagSet>();
  for (const { name, cim } of pack.events.values()) {
    if (!cim) continue;
    const eventtype = `ikeaudit_${cim.tags.join('_')}`;
    const set = sets.get(eventtype) ?? { eventtype, tags: cim.tags, events: [] };
    set.events.push(name);
    sets.set(eventtype, set);
  }
  return [...sets.values()];
}

export function emitEventtypes(pack: Pack): Stanza[] {
  const sourcetypes = allSourcetypes(pack)
    .map((sourcetype) => `"${sourcetype}"`)
    .join(', ');
  return tagSets(pack).map(({ eventtype, events }) => ({
    name: eventtype,
    settings: [['search', `sourcetype IN (${sourcetypes}) msg_type IN (${events.join(', ')})`]],
  }));
}

export function emitTags(pack: Pack): Stanza[] {
  return tagSets(pack).map(({ eventtype, tags }) => ({
    name: `eventtype=${eventtype}`,
    settings: tags.map((tag) => [tag, 'enabled']),
  }));
}
