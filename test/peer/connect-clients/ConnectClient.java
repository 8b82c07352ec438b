// A connector's life through org.sourcelab:kafka-connect-client, which is not changed in any way.
// Arguments: URL, user, password, name of the connector, and its settings as key=value.
// Prints one line per step; ends with an exception when an answer is not what the client expects.
import java.util.LinkedHashMap;
import java.util.Map;
import org.sourcelab.kafka.connect.apiclient.Configuration;
import org.sourcelab.kafka.connect.apiclient.KafkaConnectClient;
import org.sourcelab.kafka.connect.apiclient.request.dto.ConnectorPluginConfigDefinition;
import org.sourcelab.kafka.connect.apiclient.request.dto.NewConnectorDefinition;
import org.sourcelab.kafka.connect.apiclient.request.post.PostConnectorRestart;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.ConcurrentConfigModificationException;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.InvalidRequestException;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.ResourceNotFoundException;
import org.sourcelab.kafka.connect.apiclient.rest.exceptions.UnauthorizedRequestException;

public final class ConnectClient {
  public static void main(String[] args) throws Exception {
    String url = args[0];
    String name = args[3];
    Map<String, String> config = new LinkedHashMap<>();
    for (int i = 4; i < args.length; i++) {
      int at = args[i].indexOf('=');
      config.put(args[i].substring(0, at), args[i].substring(at + 1));
    }
    KafkaConnectClient client =
        new KafkaConnectClient(new Configuration(url).useBasicAuth(args[1], args[2]));
    tell("version", client.getConnectServerVersion().getVersion());
    tell("plugin", client.getConnectorPlugins().stream()
        .anyMatch(one -> one.getClassName().equals(config.get("connector.class"))));
    tell("errors", client.validateConnectorPluginConfig(
        new ConnectorPluginConfigDefinition("CassandraSinkConnector", config)).getErrorCount());
    var created = client.addConnector(new NewConnectorDefinition(name, config));
    tell("created", created.getName() + " " + created.getType());
    tell("taken", refused(ConcurrentConfigModificationException.class,
        () -> client.addConnector(new NewConnectorDefinition(name, config))));
    tell("listed", client.getConnectors().contains(name));
    untilState(client, name, "RUNNING");
    tell("same settings", client.getConnectorConfig(name).entrySet().containsAll(config.entrySet()));
    var all = client.getConnectorsWithAllExpandedMetadata();
    tell("expanded", all.getStatusForConnector(name).getConnector().get("state")
        + " " + all.getDefinitionForConnector(name).getConfig().get("topics").isEmpty());
    tell("expanded status", client.getConnectorsWithExpandedStatus().getConnectorNames().contains(name));
    tell("expanded info", client.getConnectorsWithExpandedInfo().getConnectorNames().contains(name));
    tell("topics", client.getConnectorTopics(name).getName() + " " + client.resetConnectorTopics(name));
    tell("tasks", client.getConnectorTasks(name).size());
    tell("task", client.getConnectorTaskStatus(name, 0).getState());
    tell("paused", client.pauseConnector(name));
    untilState(client, name, "PAUSED");
    tell("resumed", client.resumeConnector(name));
    untilState(client, name, "RUNNING");
    tell("restarted", client.restartConnector(name));
    tell("restarted with tasks", client.restartConnector(
        new PostConnectorRestart(name).withIncludeTasks(true).withOnlyFailed(false)));
    untilState(client, name, "RUNNING");
    tell("restarted task", client.restartConnectorTask(name, 0));
    config.put("tasks.max", "2");
    tell("changed", client.updateConnectorConfig(name, config).getConfig().get("tasks.max"));
    config.put("tasks.max", "many");
    tell("invalid", refused(InvalidRequestException.class,
        () -> client.updateConnectorConfig(name, config)));
    tell("unknown", refused(ResourceNotFoundException.class, () -> client.getConnector("none")));
    tell("deleted", client.deleteConnector(name));
    KafkaConnectClient stranger =
        new KafkaConnectClient(new Configuration(url).useBasicAuth(args[1], "wrong"));
    tell("wrong password", refused(UnauthorizedRequestException.class, stranger::getConnectors));
  }

  private static void tell(String what, Object value) {
    System.out.println(what + ": " + value);
  }

  private static boolean refused(Class<? extends Exception> with, Runnable call) {
    try {
      call.run();
      return false;
    } catch (RuntimeException error) {
      if (with.isInstance(error)) return true;
      throw error;
    }
  }

  private static void untilState(KafkaConnectClient client, String name, String state)
      throws InterruptedException {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (System.nanoTime() < deadline) {
      var status = client.getConnectorStatus(name);
      if (state.equals(status.getConnector().get("state")) && !status.getTasks().isEmpty()
          && status.getTasks().stream().allMatch(task -> state.equals(task.getState()))) return;
      Thread.sleep(50);
    }
    throw new IllegalStateException("waited in vain for " + state + ": " + client.getConnectorStatus(name));
  }
}
