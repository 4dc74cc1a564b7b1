/** What a search with aggregations answers, as findings. */
import type { Detection } from '../../../generator/model/detection.js';
import { findingKey } from '../../support/detection-logs.js';
import type { Json } from './node.js';
import { pack } from './rule-runs.js';

/** @param aggregations the answer to the search's own, by their names */
export function foundBySearch(detection: Detection, aggregations: Json): string[] {
  const neutral = new Map([...pack.fields.values()].map((field) => [field.ecs, field.name]));
  return Object.values(aggregations).flatMap((answer) =>
    groupsOf(answer).flatMap(([name, opened]) => {
      const group = Object.fromEntries(
        name.split('\n').map((line) => {
          const at = line.indexOf('=');
          return [neutral.get(line.slice(0, at)), line.slice(at + 1)];
        }),
      );
      return opened.map((time) => findingKey({ detection: detection.name, group, opened: time }));
    }),
  );
}

/** A bucket for each group; where records conclude what counts, the metric holds them all. */
function groupsOf({ buckets, value }: Json): [name: string, opened: number[]][] {
  return buckets ? buckets.map(({ key, opened }: Json) => [key, opened.value]) : Object.entries(value);
}
