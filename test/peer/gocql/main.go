// Writes through a proxy with gocql: prepared statements from many goroutines, and batches.
// Arguments: port, protocol version, keyspace, number of inserts. Prints the number of rows read back.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

func main() {
	port, _ := strconv.Atoi(os.Args[1])
	version, _ := strconv.Atoi(os.Args[2])
	count, _ := strconv.Atoi(os.Args[4])
	cluster := gocql.NewCluster("127.0.0.1")
	cluster.Port = port
	cluster.ProtoVersion = version
	cluster.Keyspace = os.Args[3]
	cluster.Consistency = gocql.One
	session, err := cluster.CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	table := fmt.Sprintf("go_%d", version)
	insert := "INSERT INTO " + table + " (p, c, v, t) VALUES (?, ?, ?, now())"
	var group sync.WaitGroup
	for lane := 0; lane < 32; lane++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := lane; i < count; i += 32 {
				if err := session.Query(insert, i%50, i, fmt.Sprint("v", i)).Exec(); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	group.Wait()
	batch := session.Batch(gocql.LoggedBatch)
	for i := 0; i < 20; i++ {
		batch.Query("DELETE FROM "+table+" WHERE p = ? AND c = ?", i%50, i)
	}
	if err := batch.Exec(); err != nil {
		log.Fatal(err)
	}
	rows := session.Query("SELECT p FROM " + table).PageSize(1000).Iter()
	read, p := 0, 0
	for rows.Scan(&p) {
		read++
	}
	if err := rows.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Println(read)
}
