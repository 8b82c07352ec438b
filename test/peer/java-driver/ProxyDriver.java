// Writes through a proxy with the Java driver: prepared, simple and batched statements.
// Arguments: port, protocol version, compression (none or lz4), keyspace, table, prepared inserts.
// The table is created by the caller; the last line printed is the number of rows that were read back.

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.Node;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

public class ProxyDriver {
  private static final int IN_FLIGHT = 64;

  public static void main(String[] args) throws Exception {
    int port = Integer.parseInt(args[0]);
    String table = args[4];
    int count = Integer.parseInt(args[5]);
    DriverConfigLoader config =
        DriverConfigLoader.programmaticBuilder()
            .withString(DefaultDriverOption.PROTOCOL_VERSION, "V" + args[1])
            .withString(DefaultDriverOption.PROTOCOL_COMPRESSION, args[2])
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, Duration.ofSeconds(60))
            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(60))
            .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(60))
            .withDuration(DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, Duration.ofSeconds(60))
            .build();
    try (CqlSession session =
        CqlSession.builder()
            .addContactPoint(new InetSocketAddress("127.0.0.1", port))
            .withLocalDatacenter("datacenter1")
            .withKeyspace(args[3])
            .withConfigLoader(config)
            .build()) {
      run(session, table, count);
      for (Node node : session.getMetadata().getNodes().values()) {
        InetSocketAddress address = (InetSocketAddress) node.getEndPoint().resolve();
        if (address.getPort() != port) throw new IllegalStateException("left the proxy: " + node);
      }
      long rows = 0;
      SimpleStatement read = SimpleStatement.newInstance("SELECT p FROM " + table);
      for (Object ignored : session.execute(read.setPageSize(1000))) rows++;
      System.out.println(rows);
    }
  }

  private static void run(CqlSession session, String table, int count) throws Exception {
    PreparedStatement insert =
        session.prepare("INSERT INTO " + table + " (p, c, v, t) VALUES (?, ?, ?, now())");
    Semaphore room = new Semaphore(IN_FLIGHT);
    AtomicReference<Throwable> failure = new AtomicReference<>();
    for (int i = 0; i < count; i++) {
      room.acquire();
      session
          .executeAsync(insert.bind(i % 50, i, "v" + i))
          .whenComplete(
              (result, error) -> {
                if (error != null) failure.set(error);
                room.release();
              });
    }
    room.acquire(IN_FLIGHT);
    if (failure.get() != null) throw new IllegalStateException(failure.get());
    for (int i = 0; i < 100; i++) {
      String set = "UPDATE " + table + " SET v = 'u" + i + "'";
      session.execute(set + " WHERE p = " + (i % 50) + " AND c = " + i);
    }
    PreparedStatement delete = session.prepare("DELETE FROM " + table + " WHERE p = ? AND c = ?");
    BatchStatementBuilder batch = BatchStatement.builder(DefaultBatchType.LOGGED);
    for (int i = 0; i < 20; i++) batch.addStatement(delete.bind(i % 50, i));
    batch.addStatement(
        SimpleStatement.newInstance(
            "INSERT INTO " + table + " (p, c, v, t) VALUES (1, -1, 'b', now())"));
    session.execute(batch.build());
  }
}
