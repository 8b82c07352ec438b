import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TimestampProto;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Writes values with Avro's and Protobuf's Java libraries and prints schema, value and bytes as JSON.
 * Started by capture-schema-bytes.sh; the result is test/golden/schema-bytes.json.
 */
public class CaptureSchemaBytes {
  static final String USER =
      "{\"type\":\"record\",\"name\":\"User\",\"namespace\":\"shop\",\"fields\":["
          + "{\"name\":\"id\",\"type\":\"long\"},"
          + "{\"name\":\"name\",\"type\":[\"null\",\"string\"],\"default\":null},"
          + "{\"name\":\"small\",\"type\":{\"type\":\"int\",\"connect.type\":\"int8\"}},"
          + "{\"name\":\"balance\",\"type\":{\"type\":\"bytes\",\"scale\":2,\"precision\":64,\"connect.version\":1,"
          + "\"connect.parameters\":{\"scale\":\"2\"},\"connect.name\":\"org.apache.kafka.connect.data.Decimal\",\"logicalType\":\"decimal\"}},"
          + "{\"name\":\"born\",\"type\":{\"type\":\"int\",\"connect.version\":1,\"connect.name\":\"org.apache.kafka.connect.data.Date\",\"logicalType\":\"date\"}},"
          + "{\"name\":\"at\",\"type\":{\"type\":\"int\",\"connect.version\":1,\"connect.name\":\"org.apache.kafka.connect.data.Time\",\"logicalType\":\"time-millis\"}},"
          + "{\"name\":\"seen\",\"type\":{\"type\":\"long\",\"connect.version\":1,\"connect.name\":\"org.apache.kafka.connect.data.Timestamp\",\"logicalType\":\"timestamp-millis\"}},"
          + "{\"name\":\"tags\",\"type\":{\"type\":\"array\",\"items\":\"string\"}},"
          + "{\"name\":\"counts\",\"type\":{\"type\":\"map\",\"values\":\"int\"}},"
          + "{\"name\":\"pairs\",\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"MapEntry\",\"namespace\":\"io.confluent.connect.avro\","
          + "\"fields\":[{\"name\":\"key\",\"type\":\"int\"},{\"name\":\"value\",\"type\":\"string\"}]}}},"
          + "{\"name\":\"home\",\"type\":{\"type\":\"record\",\"name\":\"Address\",\"fields\":[{\"name\":\"city\",\"type\":\"string\"}],\"connect.name\":\"shop.Address\"}},"
          + "{\"name\":\"work\",\"type\":[\"null\",\"Address\"],\"default\":null},"
          + "{\"name\":\"city\",\"type\":[{\"type\":\"string\",\"connect.default\":\"Troy\"},\"null\"],\"default\":\"Troy\"},"
          + "{\"name\":\"ratio\",\"type\":{\"type\":\"double\",\"connect.default\":0.5},\"default\":0.5}"
          + "],\"connect.version\":3,\"connect.name\":\"shop.User\"}";
  static final String ANN =
      "{\"id\":-5,\"name\":{\"string\":\"Ann gr\u00fc\u00dft\"},\"small\":-3,\"balance\":\"\\u00309\",\"born\":19000,\"at\":1,\"seen\":1700000000123,"
          + "\"tags\":[\"a\",\"b\"],\"counts\":{\"x\":7},\"pairs\":[{\"key\":1,\"value\":\"one\"}],\"home\":{\"city\":\"Troy\"},"
          + "\"work\":{\"shop.Address\":{\"city\":\"Sparta\"}},\"city\":{\"string\":\"Ithaca\"},\"ratio\":-0.25}";
  static final String[][] AVRO = {
    {"\"int\"", "2147483647"}, {"\"int\"", "-2147483648"}, {"\"long\"", "9223372036854775807"},
    {"\"long\"", "-9223372036854775808"}, {"\"long\"", "9007199254740993"}, {"\"long\"", "-64"},
    {"\"float\"", "0.1"}, {"\"double\"", "0.1"}, {"\"boolean\"", "true"}, {"\"string\"", "\"\""},
    {"\"string\"", "\"\u03a3 skamandros, a text of more than sixty-three bytes, so that its length takes two\""},
    {"{\"type\":\"array\",\"items\":\"long\"}", "[1,-1,300]"}, {"{\"type\":\"array\",\"items\":\"long\"}", "[]"},
    {"{\"type\":\"map\",\"values\":\"boolean\"}", "{\"k\":true}"}, {"[\"null\",\"string\"]", "{\"string\":\"x\"}"},
    {"{\"type\":\"enum\",\"name\":\"Color\",\"namespace\":\"a\",\"symbols\":[\"RED\",\"BLUE\"]}", "\"BLUE\""},
    {"{\"type\":\"fixed\",\"name\":\"F\",\"namespace\":\"a\",\"size\":3}", "\"abc\""},
    {"{\"type\":\"fixed\",\"name\":\"D\",\"namespace\":\"a\",\"size\":4,\"logicalType\":\"decimal\",\"precision\":8,\"scale\":2}", "\"\\u00ff\\u00ff\\u00cf\\u00c7\""},
    {"[\"null\",\"int\",\"string\",{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}]", "{\"R\":{\"a\":5}}"},
    {USER, ANN},
  };

  static final String PROTO =
      "name: 'all.proto' package: 'n.s' syntax: 'proto3' dependency: 'google/protobuf/timestamp.proto'"
          + " message_type { name: 'All'"
          + field("a", 1, "DOUBLE") + field("b", 2, "FLOAT") + field("c", 3, "INT32") + field("d", 4, "UINT32")
          + field("e", 5, "SINT32") + field("f", 6, "FIXED32") + field("g", 7, "SFIXED32") + field("h", 8, "INT64")
          + field("i", 9, "UINT64") + field("j", 10, "SINT64") + field("k", 11, "FIXED64") + field("l", 12, "SFIXED64")
          + field("m", 13, "BOOL") + field("n", 14, "STRING") + field("o", 15, "BYTES")
          + " field { name: 'p' number: 16 type: TYPE_INT32 label: LABEL_REPEATED }"
          + " field { name: 'q' number: 17 type: TYPE_STRING label: LABEL_REPEATED }"
          + " field { name: 'r' number: 18 type: TYPE_MESSAGE type_name: '.n.s.All.REntry' label: LABEL_REPEATED }"
          + " field { name: 's' number: 19 type: TYPE_MESSAGE type_name: '.n.s.Inner' label: LABEL_OPTIONAL }"
          + " field { name: 't' number: 20 type: TYPE_ENUM type_name: '.n.s.Color' label: LABEL_OPTIONAL }"
          + " field { name: 'u' number: 21 type: TYPE_STRING label: LABEL_OPTIONAL oneof_index: 0 }"
          + " field { name: 'v' number: 2000 type: TYPE_INT64 label: LABEL_OPTIONAL oneof_index: 0 }"
          + " field { name: 'w' number: 22 type: TYPE_MESSAGE type_name: '.google.protobuf.Timestamp' label: LABEL_OPTIONAL }"
          + " oneof_decl { name: 'pick' }"
          + " nested_type { name: 'REntry' options { map_entry: true }" + field("key", 1, "STRING") + field("value", 2, "SINT64") + " } }"
          + " message_type { name: 'Inner'" + field("x", 1, "INT32") + " }"
          + " enum_type { name: 'Color' value { name: 'RED' number: 0 } value { name: 'BLUE' number: 5 } }";
  static final String[] MESSAGES = {
    "",
    "a: 0.1 b: 1.5 c: -5 d: 4000000000 e: -6 f: 4000000001 g: -7 h: -9223372036854775808 i: 5 j: -9 k: 11 l: -12 m: true n: 'gr\u00fc\u00dft' o: '\\001\\377'",
    "c: 1 p: [1, -1, 300] q: ['x', ''] r { key: 'k' value: -1 } s { x: 5 } s { } t: BLUE v: 0 w { seconds: 1700000000 nanos: 123000000 }",
    "u: '' w { seconds: -1 nanos: 5000000 }",
  };

  public static void main(String[] args) throws Exception {
    List<String> avro = new ArrayList<>();
    for (String[] one : AVRO) avro.add(avroCase(one[0], one[1]));
    FileDescriptorProto.Builder file = FileDescriptorProto.newBuilder();
    TextFormat.merge(PROTO, file);
    FileDescriptor[] imports = {TimestampProto.getDescriptor()};
    Descriptor all = FileDescriptor.buildFrom(file.build(), imports).findMessageTypeByName("All");
    List<String> protobuf = new ArrayList<>();
    for (String text : MESSAGES) {
      DynamicMessage.Builder message = DynamicMessage.newBuilder(all);
      TextFormat.merge(text.replace("s { } ", ""), message);
      protobuf.add("{\"value\":" + quoted(text) + ",\"hex\":\"" + hex(message.build().toByteArray()) + "\"}");
    }
    System.out.println("{\"origin\":\"Avro 1.12.0 and protobuf-java 4.29.3, by scripts/golden/capture-schema-bytes.sh\",");
    System.out.println("\"avro\":[\n" + String.join(",\n", avro) + "],");
    System.out.println("\"protobuf\":[\n" + String.join(",\n", protobuf) + "]}");
  }

  static String avroCase(String text, String value) throws Exception {
    Schema schema = new Schema.Parser().parse(text);
    Object datum = new GenericDatumReader<>(schema).read(null, DecoderFactory.get().jsonDecoder(schema, value));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<>(schema).write(datum, encoder);
    encoder.flush();
    return "{\"schema\":" + quoted(schema.toString()) + ",\"value\":" + quoted(value) + ",\"hex\":\"" + hex(out.toByteArray()) + "\"}";
  }

  static String field(String name, int number, String type) {
    return " field { name: '" + name + "' number: " + number + " type: TYPE_" + type + " label: LABEL_OPTIONAL }";
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 0x20 || c > 0x7e) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"').toString();
  }
}
