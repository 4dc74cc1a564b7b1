import { shareNode } from '../toolchain/share-node.mjs';

export default shareNode('elasticsearch-8.19.21');
