import { shareNode } from '../toolchain/share-node.mjs';

export default shareNode('elasticsearch-7.10.2');
