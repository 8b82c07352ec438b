"""Writes through a proxy with the Python driver: prepared, simple and batched statements.

Arguments: port, protocol version, compression (none or lz4), keyspace, number of prepared inserts.
The table is created by the caller; the last line printed is the number of rows that were read back.
"""
import sys

from cassandra.cluster import Cluster
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import BatchStatement

port, version, compression, keyspace, count = sys.argv[1:6]
cluster = Cluster(
    ["127.0.0.1"],
    port=int(port),
    protocol_version=int(version),
    compression=compression if compression != "none" else False,
)
session = cluster.connect(keyspace)
table = "python_%s_%s" % (version, compression)
insert = session.prepare("INSERT INTO %s (p, c, v, t) VALUES (?, ?, ?, now())" % table)
rows = [(i % 50, i, "v%d" % i) for i in range(int(count))]
execute_concurrent_with_args(session, insert, rows, concurrency=64, raise_on_first_error=True)
for i in range(100):
    session.execute("UPDATE %s SET v = 'u%d' WHERE p = %d AND c = %d" % (table, i, i % 50, i))
delete = session.prepare("DELETE FROM %s WHERE p = ? AND c = ?" % table)
batch = BatchStatement()
for i in range(20):
    batch.add(delete, (i % 50, i))
batch.add("INSERT INTO %s (p, c, v, t) VALUES (1, -1, 'b', now())" % table)
session.execute(batch)
hosts = [(host.address, host.endpoint.port) for host in cluster.metadata.all_hosts()]
if hosts != [("127.0.0.1", int(port))]:
    sys.exit("the driver left the proxy: %s" % hosts)
print(sum(1 for _ in session.execute("SELECT p FROM %s" % table)))
cluster.shutdown()
