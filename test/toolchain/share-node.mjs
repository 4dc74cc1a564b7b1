// One node for a whole vitest run. A `globalSetup` file is one line, and a test asks for the url with `inject(NAME)`:
//
//   export default shareNode('opensearch-2.19.6');

import { startNode } from './node.mjs';

/** @param {string} name of the part, and the key under which its url is provided */
export function shareNode(name) {
  return async (project) => {
    const node = await startNode(name);
    project.provide(name, node.url);
    return node.stop;
  };
}
