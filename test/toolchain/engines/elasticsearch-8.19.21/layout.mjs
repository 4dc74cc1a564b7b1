// The node that ES|QL, KQL and mappings are checked on. It has no ingest processors: those jars are not published.

/** @type {import('../../lay-out-engine.mjs').Layout} */
export const layout = {
  product: 'elasticsearch',
  version: '8.19.21',
  java: '17',
  settings: {
    'cluster.name': 'ikeaudit-test',
    'node.name': 'node',
    'network.host': '127.0.0.1',
    'discovery.type': 'single-node',
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    'xpack.security.enabled': 'false',
  },
  // Two bindings of slf4j are one too many.
  without: ['log4j-slf4j2-impl'],
  modules: [
    {
      name: 'transport-netty4',
      plugin: 'org.elasticsearch.transport.netty4.Netty4Plugin',
      jars: ['transport-netty4', 'netty-*'],
      ...free(),
    },
    {
      name: 'x-pack-core',
      plugin: 'org.elasticsearch.xpack.core.XPackPlugin',
      jars: ['x-pack-core', 'x-pack-template-resources', 'http*', 'commons-*', 'log4j-1.2-api*', 'unboundid*'],
      ...free(),
    },
    {
      name: 'x-pack-esql-core',
      plugin: 'org.elasticsearch.xpack.esql.core.plugin.EsqlCorePlugin',
      extends: 'x-pack-core',
      // it compares values of its type `version` with the others, in every `IN` that is evaluated
      jars: ['x-pack-esql-core', 'x-pack-mapper-version', 'antlr4*'],
      ...free(),
    },
    {
      name: 'x-pack-kql',
      plugin: 'org.elasticsearch.xpack.kql.KqlPlugin',
      extends: 'x-pack-core',
      jars: ['x-pack-kql', 'antlr4*'],
      ...free(),
    },
    {
      name: 'x-pack-esql',
      plugin: 'org.elasticsearch.xpack.esql.plugin.EsqlPlugin',
      extends: 'x-pack-esql-core',
      jars: [
        'x-pack-esql',
        'x-pack-esql-compute',
        'x-pack-esql-compute-ann',
        'x-pack-kql',
        'elasticsearch-dissect',
        'elasticsearch-h3',
        'arrow*',
        'checker-qual',
        'flatbuffers*',
        'jackson-annotations',
        'jackson-core',
        'jackson-databind',
        'jackson-datatype*',
        'lucene-spatial3d',
        'slf4j-api',
        'slf4j-nop',
      ],
      ...free(),
    },
  ],
};

/** Since 8.0 a descriptor says whether the module needs a licence. */
function free() {
  return { descriptor: { licensed: 'false' } };
}
