#!/bin/sh
# Makes the key stores in test/golden/keystores with the tools users have: keytool (Java 17) and
# openssl. The keys are throw-away, made for tests only, valid for a hundred years.
# Run by hand: scripts/golden/make-keystores.sh. Password of every store: changeit.
set -eu
cd "$(dirname "$0")/../../test/golden/keystores"
rm -f ./*.pem ./*.jks ./*.p12 ./*.jceks
DAYS=36500
PASS=changeit

# A certificate authority, and a server and a client certificate issued by it.
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days $DAYS -subj '/CN=Scamander Test CA' \
  -keyout ca-key.pem -out ca.pem 2>/dev/null
issue() { # name, extra extension
  openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1-key.pem" -out "$1.csr" 2>/dev/null
  printf 'subjectAltName=%s\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca-key.pem -CAcreateserial -sha256 \
    -days $DAYS -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
}
issue server 'DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:127.0.0.3'
issue client 'DNS:client'
rm -f ca.srl

# PEM: PKCS8 (client-key.pem), PKCS1, encrypted PKCS8, elliptic curve, key and chain in one file.
openssl rsa -in client-key.pem -traditional -out client-pkcs1-key.pem 2>/dev/null
openssl pkcs8 -topk8 -in client-key.pem -v2 aes-256-cbc -passout pass:$PASS -out client-encrypted-key.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days $DAYS \
  -subj '/CN=ec' -keyout ec-key.pem -out ec.pem 2>/dev/null
cat client-key.pem client.pem ca.pem >client-all.pem

# PKCS12 by openssl: current and old algorithms, elliptic curve, empty password.
openssl pkcs12 -export -inkey client-key.pem -in client.pem -certfile ca.pem -name client \
  -passout pass:$PASS -out client-openssl.p12
openssl pkcs12 -export -inkey client-key.pem -in client.pem -certfile ca.pem -name client \
  -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -passout pass:$PASS -out client-legacy.p12
openssl pkcs12 -export -inkey ec-key.pem -in ec.pem -name ec -passout pass:$PASS -out ec-openssl.p12
openssl pkcs12 -export -inkey client-key.pem -in client.pem -name client -passout pass: -out client-empty-password.p12

# keytool: PKCS12 with key, PKCS12 with trusted certificate only, JKS with each.
keytool -importkeystore -srckeystore client-openssl.p12 -srcstoretype PKCS12 -srcstorepass $PASS \
  -destkeystore client.p12 -deststoretype PKCS12 -deststorepass $PASS -noprompt 2>/dev/null
keytool -importcert -alias ca -file ca.pem -keystore trust.p12 -storetype PKCS12 -storepass $PASS -noprompt 2>/dev/null
keytool -importkeystore -srckeystore client-openssl.p12 -srcstoretype PKCS12 -srcstorepass $PASS \
  -destkeystore client.jks -deststoretype JKS -deststorepass $PASS -noprompt 2>/dev/null
keytool -importkeystore -srckeystore client-openssl.p12 -srcstoretype PKCS12 -srcstorepass $PASS -srcalias client \
  -destkeystore client-key-password.jks -deststoretype JKS -deststorepass $PASS -destkeypass other-secret \
  -noprompt 2>/dev/null
keytool -importcert -alias ca -file ca.pem -keystore trust.jks -storetype JKS -storepass $PASS -noprompt 2>/dev/null
keytool -importcert -alias ec -file ec.pem -keystore trust.jks -storetype JKS -storepass $PASS -noprompt 2>/dev/null
keytool -importcert -alias ca -file ca.pem -keystore trust.jceks -storetype JCEKS -storepass $PASS -noprompt 2>/dev/null

# For servers of the tests.
openssl pkcs12 -export -inkey server-key.pem -in server.pem -certfile ca.pem -name server \
  -passout pass:$PASS -out server.p12

# The key of encrypted commit logs. keytool keeps a secret key but makes one of its own; this one is
# known to the tests, which read the log without Java.
KEY=$(mktemp -d)
cat > "$KEY/Key.java" <<'JAVA'
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;

public class Key {
  public static void main(String[] args) throws Exception {
    char[] password = args[1].toCharArray();
    byte[] bytes = HexFormat.of().parseHex("66a8801a0efc9fe8c42c537378765d62");
    KeyStore store = KeyStore.getInstance("JCEKS");
    store.load(null, null);
    KeyStore.SecretKeyEntry entry = new KeyStore.SecretKeyEntry(new SecretKeySpec(bytes, "AES"));
    store.setEntry("k1", entry, new KeyStore.PasswordProtection(password));
    try (FileOutputStream out = new FileOutputStream(args[0])) {
      store.store(out, password);
    }
  }
}
JAVA
java "$KEY/Key.java" commit-log-key.jceks $PASS
rm -r "$KEY"
