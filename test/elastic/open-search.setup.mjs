import { shareNode } from '../toolchain/share-node.mjs';

export default shareNode('opensearch-2.19.6');
