// The oldest ingest node that our pipelines must load on. Its modules are the ones that CodeLibs publishes.

/** @type {import('../../lay-out-engine.mjs').Layout} */
export const layout = {
  product: 'elasticsearch',
  version: '7.10.2',
  java: '1.8',
  settings: {
    'cluster.name': 'ikeaudit-test',
    'node.name': 'node',
    'network.host': '127.0.0.1',
    'discovery.type': 'single-node',
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
  },
  modules: [
    {
      name: 'lang-painless',
      plugin: 'org.elasticsearch.painless.PainlessPlugin',
      jars: [
        'lang-painless',
        'scripting-painless-spi',
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
      plugin: 'org.elasticsearch.ingest.common.IngestCommonPlugin',
      extends: 'lang-painless',
      jars: ['ingest-common', 'grok', 'dissect', 'joni', 'jcodings'],
    },
    {
      name: 'analysis-common',
      plugin: 'org.elasticsearch.analysis.common.CommonAnalysisPlugin',
      extends: 'lang-painless',
      jars: ['analysis-common'],
    },
    { name: 'lang-mustache', plugin: 'org.elasticsearch.script.mustache.MustachePlugin', jars: ['lang-mustache', 'compiler'] },
    { name: 'mapper-extras', plugin: 'org.elasticsearch.index.mapper.MapperExtrasPlugin', jars: ['mapper-extras'] },
    { name: 'parent-join', plugin: 'org.elasticsearch.join.ParentJoinPlugin', jars: ['parent-join'] },
    { name: 'percolator', plugin: 'org.elasticsearch.percolator.PercolatorPlugin', jars: ['percolator'] },
    {
      name: 'reindex',
      plugin: 'org.elasticsearch.index.reindex.ReindexPlugin',
      jars: ['reindex', 'elasticsearch-rest-client', 'ssl-config', 'http*', 'commons-codec', 'commons-logging'],
    },
    { name: 'transport-netty4', plugin: 'org.elasticsearch.transport.Netty4Plugin', jars: ['transport-netty4', 'netty-*'] },
  ],
};
