#!/bin/sh
# Captures test/golden/schema-bytes.json: values written by Avro's and Protobuf's Java libraries.
# Needs mvn and Java 17 or newer. Run from anywhere: sh scripts/golden/capture-schema-bytes.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>golden</groupId><artifactId>golden</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>1.12.0</version></dependency>
    <dependency><groupId>com.google.protobuf</groupId><artifactId>protobuf-java</artifactId><version>4.29.3</version></dependency>
  </dependencies>
</project>
POM
mvn -q -B -f "$work/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath \
  -Dmdep.outputFile="$work/classpath"
java -Dfile.encoding=UTF-8 -cp "$(cat "$work/classpath")" "$here/CaptureSchemaBytes.java" \
  > "$work/schema-bytes.json" 2> "$work/errors" || { cat "$work/errors" >&2; exit 1; }
mv "$work/schema-bytes.json" "$here/../../test/golden/schema-bytes.json"
