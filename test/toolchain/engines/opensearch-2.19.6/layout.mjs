/** @type {import('../../lay-out-engine.mjs').Layout} */
export const layout = {
  product: 'opensearch',
  version: '2.19.6',
  java: '11',
  settings: {
    'cluster.name': 'ikeaudit-test',
    'node.name': 'node',
    'network.host': '127.0.0.1',
    'discovery.type': 'single-node',
    // The disk of a test machine may well be nearly full.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
  },
  modules: [
    {
      name: 'lang-painless',
      plugin: 'org.opensearch.painless.PainlessPlugin',
      jars: [
        'lang-painless',
        'opensearch-scripting-painless-spi',
        'antlr4-runtime',
        'asm',
        'asm-analysis',
        'asm-commons',
        'asm-tree',
        'asm-util',
      ],
    },
    {
      name: 'ingest-common',
      plugin: 'org.opensearch.ingest.common.IngestCommonPlugin',
      extends: 'lang-painless',
      jars: ['ingest-common', 'opensearch-grok', 'opensearch-dissect', 'joni', 'jcodings'],
    },
    {
      name: 'analysis-common',
      plugin: 'org.opensearch.analysis.common.CommonAnalysisPlugin',
      extends: 'lang-painless',
      jars: ['analysis-common'],
    },
    {
      name: 'lang-mustache',
      plugin: 'org.opensearch.script.mustache.MustachePlugin',
      jars: ['lang-mustache-client', 'compiler'],
    },
    { name: 'mapper-extras', plugin: 'org.opensearch.index.mapper.MapperExtrasPlugin', jars: ['mapper-extras-client'] },
    { name: 'parent-join', plugin: 'org.opensearch.join.ParentJoinPlugin', jars: ['parent-join-client'] },
    { name: 'percolator', plugin: 'org.opensearch.percolator.PercolatorPlugin', jars: ['percolator-client'] },
    {
      name: 'reindex',
      plugin: 'org.opensearch.index.reindex.ReindexPlugin',
      jars: ['reindex-client', 'opensearch-rest-client', 'opensearch-ssl-config', 'http*', 'commons-codec', 'commons-logging'],
    },
    { name: 'transport-netty4', plugin: 'org.opensearch.transport.Netty4Plugin', jars: ['transport-netty4-client', 'netty-*'] },
  ],
};
