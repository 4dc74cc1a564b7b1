import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Starts a node: HOME SETTING=VALUE… It lives as long as its standard input is open, so it cannot outlive who started it. */
public class Main {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Map<String, String> settings = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    LogConfigurator.registerErrorListener();
    Settings base = Settings.builder().put("path.home", home.toString()).build();
    Environment environment = InternalSettingsPreparer.prepareEnvironment(base, settings, home.resolve("config"), () -> "node");
    LogConfigurator.configure(environment, true);
    PluginsLoader plugins =
        PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
            Map.of(),
            false);
    new Node(environment, plugins).start();
    while (System.in.read() != -1) {}
    // What the node wrote is thrown away with it: no need to close it.
    Runtime.getRuntime().halt(0);
  }
}
