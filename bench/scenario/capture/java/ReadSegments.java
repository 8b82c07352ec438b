/*
 * Reads commit-log segments with Cassandra's own reader, one thread, as often as told, and prints one
 * JSON line: mutations and cells per round, the nanoseconds of each round, CPU and peak memory.
 * Compiled and run by decode.ts against the jars of the sandbox's release.
 * Arguments: the CREATE TABLE statement with its keyspace, the table's id, rounds, the segment files.
 */
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.cassandra.config.DataStorageSpec;
import org.apache.cassandra.config.DatabaseDescriptor;
import org.apache.cassandra.cql3.statements.schema.CreateTableStatement;
import org.apache.cassandra.db.Mutation;
import org.apache.cassandra.db.commitlog.CommitLogDescriptor;
import org.apache.cassandra.db.commitlog.CommitLogReadHandler;
import org.apache.cassandra.db.commitlog.CommitLogReader;
import org.apache.cassandra.db.partitions.PartitionUpdate;
import org.apache.cassandra.db.rows.Row;
import org.apache.cassandra.dht.Murmur3Partitioner;
import org.apache.cassandra.io.util.File;
import org.apache.cassandra.schema.KeyspaceMetadata;
import org.apache.cassandra.schema.KeyspaceParams;
import org.apache.cassandra.schema.Schema;
import org.apache.cassandra.schema.TableId;
import org.apache.cassandra.schema.TableMetadata;
import org.apache.cassandra.schema.Tables;

public final class ReadSegments {
    private static long mutations;
    private static long cells;

    public static void main(String[] args) throws Exception {
        DatabaseDescriptor.clientInitialization();
        // A client has neither; the reader asks for both.
        DatabaseDescriptor.getRawConfig().max_mutation_size =
            new DataStorageSpec.IntKibibytesBound("16MiB");
        DatabaseDescriptor.setPartitionerUnsafe(Murmur3Partitioner.instance);
        TableMetadata table =
            CreateTableStatement.parse(args[0], "demo_ks").id(TableId.fromString(args[1])).build();
        KeyspaceMetadata keyspace =
            KeyspaceMetadata.create("demo_ks", KeyspaceParams.simple(1), Tables.of(table));
        Schema.instance.transform(schema -> schema.withAddedOrUpdated(keyspace));
        int rounds = Integer.parseInt(args[2]);
        StringBuilder times = new StringBuilder();
        long cpu = 0;
        for (int round = 0; round < rounds; round++) {
            mutations = 0;
            cells = 0;
            long cpuBefore = cpuNanos();
            long start = System.nanoTime();
            for (int i = 3; i < args.length; i++) {
                new CommitLogReader().readCommitLogSegment(new Counter(), new File(args[i]), false);
            }
            times.append(round == 0 ? "" : ",").append(System.nanoTime() - start);
            cpu = cpuNanos() - cpuBefore;
        }
        System.out.printf(
            "{\"mutations\":%d,\"cells\":%d,\"nanos\":[%s],\"cpuNanos\":%d,\"peakKb\":%d}%n",
            mutations, cells, times, cpu, peakKb());
        System.exit(0);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static long peakKb() throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", ""));
        }
        return 0;
    }

    private static final class Counter implements CommitLogReadHandler {
        @Override
        public boolean shouldSkipSegmentOnError(CommitLogReadException error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void handleUnrecoverableError(CommitLogReadException error) {
            throw new IllegalStateException(error);
        }

        @Override
        public void handleMutation(Mutation mutation, int size, int at, CommitLogDescriptor segment) {
            mutations++;
            for (PartitionUpdate update : mutation.getPartitionUpdates()) {
                for (Row row : update) cells += row.columnCount();
            }
        }
    }
}
