import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.*;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * Writes golden vectors: random messages of every API, version and direction, as values and as Kafka's own bytes.
 *
 * The messages are made from the message JSON inside kafka-clients, not from our schemas, so the two can disagree. The
 * same arguments give the same vectors, byte for byte.
 *
 * Usage: GoldenMessages FOLDER Produce:3-13 Fetch:4-18 ...
 */
public class GoldenMessages {
    static final int RANDOM_MESSAGES = 4;
    static final ObjectMapper JSON = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        StringBuilder headers = new StringBuilder();
        for (String arg : Arrays.copyOfRange(args, 1, args.length)) {
            String name = arg.substring(0, arg.indexOf(':'));
            String[] range = arg.substring(arg.indexOf(':') + 1).split("-");
            short min = Short.parseShort(range[0]), max = Short.parseShort(range[1]);
            StringBuilder lines = new StringBuilder();
            for (String direction : new String[] {"Request", "Response"}) {
                JsonNode spec = spec(name + direction);
                for (short version = min; version <= max; version++) {
                    for (int kind = 0; kind < 2 + RANDOM_MESSAGES; kind++) {
                        lines.append(vector(name, direction, spec, version, max, min, kind)).append('\n');
                    }
                }
            }
            for (short version = min; version <= max; version++) headers.append(header(name, version)).append('\n');
            Files.writeString(folder.resolve(name + ".jsonl"), lines);
        }
        Files.writeString(folder.resolve("headers.jsonl"), headers);
    }

    static JsonNode spec(String message) throws Exception {
        try (InputStream in = GoldenMessages.class.getResourceAsStream("/common/message/" + message + ".json")) {
            return JSON.readTree(in);
        }
    }

    static String vector(String name, String direction, JsonNode spec, short version, short max, short min, int kind)
            throws Exception {
        long seed = Objects.hash(name, direction, (int) version, kind);
        Generator generator = new Generator(spec, version, min, max, kind, new Random(seed));
        Pair message = generator.struct(spec.get("fields"), true);

        Class<?> converter = Class.forName("org.apache.kafka.common.message." + name + direction + "DataJsonConverter");
        Message data = (Message) converter.getMethod("read", JsonNode.class, short.class)
            .invoke(null, message.input, version);
        ObjectNode line = JSON.createObjectNode();
        line.put("direction", direction.toLowerCase());
        line.put("version", version);
        line.set("value", message.expected);
        line.put("bytes", bytes(data, version));
        return JSON.writeValueAsString(line);
    }

    static String header(String name, short version) throws Exception {
        ApiMessageType type = ApiMessageType.fromApiKey((short) spec(name + "Request").get("apiKey").asInt());
        RequestHeaderData request = new RequestHeaderData()
            .setRequestApiKey(type.apiKey())
            .setRequestApiVersion(version)
            .setCorrelationId(0x01020304)
            .setClientId("bücher");
        ResponseHeaderData response = new ResponseHeaderData().setCorrelationId(0x01020304);
        ObjectNode line = JSON.createObjectNode();
        line.put("api", name);
        line.put("version", version);
        line.put("request", bytes(request, type.requestHeaderVersion(version)));
        line.put("anonymousRequest", bytes(request.setClientId(null), type.requestHeaderVersion(version)));
        line.put("response", bytes(response, type.responseHeaderVersion(version)));
        return JSON.writeValueAsString(line);
    }

    static String bytes(Message data, short version) {
        ByteBuffer buffer = MessageUtil.toByteBufferAccessor(data, version).buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * A value twice: as Kafka's JsonConverter takes it, and as a test compares it. The second has every field, those
     * that the version lacks at their default, an int64 as {"$int64": "1"} and bytes as {"$bytes": "base64"}.
     */
    record Pair(JsonNode input, JsonNode expected) {}

    static class Generator {
        static final int EMPTY = 0, FULL = 1;
        final Map<String, JsonNode> structs = new HashMap<>();
        final short version;
        final int min;
        final int max;
        final int kind;
        final Random random;

        Generator(JsonNode spec, short version, short min, short max, int kind, Random random) {
            this.version = version;
            this.min = min;
            this.max = max;
            this.kind = kind;
            this.random = random;
            for (JsonNode struct : spec.path("commonStructs")) {
                structs.put(struct.get("name").asText(), struct.get("fields"));
            }
        }

        /** @param exists false for a struct that the version lacks: all of it is at its default */
        Pair struct(JsonNode fields, boolean exists) {
            ObjectNode input = JSON.createObjectNode();
            ObjectNode expected = JSON.createObjectNode();
            for (JsonNode field : fields) {
                if (!meets(field.get("versions").asText(), min, max)) continue;
                String name = field.get("name").asText();
                String key = Character.toLowerCase(name.charAt(0)) + name.substring(1);
                boolean present = exists && meets(field.get("versions").asText(), version, version);
                boolean tagged = field.has("tag");
                if (present && tagged && (kind == EMPTY || kind != FULL && random.nextInt(3) == 0)) present = false;
                Pair value = present ? value(field) : defaultOf(field);
                if (present) input.set(key, value.input);
                expected.set(key, value.expected);
            }
            return new Pair(input, expected);
        }

        Pair value(JsonNode field) {
            String type = field.get("type").asText();
            boolean nullable = meets(field.path("nullableVersions").asText("none"), version, version);
            if (nullable && (kind == EMPTY || kind != FULL && random.nextInt(4) == 0)) return same(NullNode.instance);
            if (!type.startsWith("[]")) return element(field, type);

            String elementType = type.substring(2);
            boolean primitive = fieldsOf(field, elementType) == null;
            int count = count(primitive);
            ArrayNode input = JSON.createArrayNode();
            ArrayNode expected = JSON.createArrayNode();
            for (int i = 0; i < count; i++) {
                Pair element = element(field, elementType);
                input.add(element.input);
                expected.add(element.expected);
            }
            return new Pair(input, expected);
        }

        int count(boolean primitive) {
            if (kind == EMPTY) return 0;
            if (kind == FULL) return 2;
            // The compact count of 130 elements takes two bytes.
            return primitive && random.nextInt(12) == 0 ? 130 : random.nextInt(4);
        }

        Pair element(JsonNode field, String type) {
            JsonNode fields = fieldsOf(field, type);
            if (fields != null) return struct(fields, true);
            return switch (type) {
                case "bool" -> same(BooleanNode.valueOf(kind != EMPTY && random.nextBoolean()));
                case "int8" -> same(IntNode.valueOf((int) number(Byte.MIN_VALUE, Byte.MAX_VALUE)));
                case "int16" -> same(IntNode.valueOf((int) number(Short.MIN_VALUE, Short.MAX_VALUE)));
                case "int32" -> same(IntNode.valueOf((int) number(Integer.MIN_VALUE, Integer.MAX_VALUE)));
                case "int64" -> int64(number(Long.MIN_VALUE, Long.MAX_VALUE));
                case "string" -> same(TextNode.valueOf(text()));
                case "uuid" -> same(TextNode.valueOf(uuid().toString()));
                case "bytes", "records" -> bytes(blob());
                default -> throw new IllegalArgumentException("type " + type);
            };
        }

        Pair defaultOf(JsonNode field) {
            String type = field.get("type").asText();
            JsonNode given = field.get("default");
            if (given != null && given.asText().equals("null")) return same(NullNode.instance);
            if (type.startsWith("[]")) return same(JSON.createArrayNode());
            JsonNode fields = fieldsOf(field, type);
            if (fields != null) return struct(fields, false);
            String text = given == null ? "" : given.asText();
            return switch (type) {
                case "bool" -> same(BooleanNode.valueOf(Boolean.parseBoolean(text)));
                case "int8", "int16", "int32" -> same(IntNode.valueOf(text.isEmpty() ? 0 : Integer.decode(text)));
                case "int64" -> int64(text.isEmpty() ? 0 : Long.decode(text));
                case "string" -> same(TextNode.valueOf(text));
                case "uuid" -> same(TextNode.valueOf(Uuid.ZERO_UUID.toString()));
                case "bytes" -> bytes(new byte[0]);
                case "records" -> same(NullNode.instance);
                default -> throw new IllegalArgumentException("type " + type);
            };
        }

        JsonNode fieldsOf(JsonNode field, String type) {
            return field.has("fields") ? field.get("fields") : structs.get(type);
        }

        long number(long smallest, long largest) {
            if (kind == EMPTY) return 0;
            if (kind == FULL) return random.nextBoolean() ? largest : smallest;
            return switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> largest;
                case 3 -> smallest;
                case 4 -> random.nextInt(100);
                default -> largest == Long.MAX_VALUE
                    ? random.nextLong()
                    : smallest + (long) (random.nextDouble() * (largest - smallest));
            };
        }

        String text() {
            if (kind == EMPTY) return "";
            return switch (random.nextInt(12)) {
                case 0 -> "";
                case 1 -> "x".repeat(127); // its compact size, 128, is the first of two bytes
                case 2 -> "zwölf Boxkämpfer";
                case 3 -> "\uD83D\uDE80"; // a rocket: four bytes, two UTF-16 units
                default -> "name-" + random.nextInt(1000);
            };
        }

        Uuid uuid() {
            if (kind == EMPTY || kind != FULL && random.nextInt(4) == 0) return Uuid.ZERO_UUID;
            return new Uuid(random.nextLong(), random.nextLong());
        }

        byte[] blob() {
            if (kind == EMPTY) return new byte[0];
            byte[] bytes = new byte[random.nextInt(6) == 0 ? 127 : random.nextInt(12)];
            random.nextBytes(bytes);
            return bytes;
        }

        static Pair same(JsonNode node) {
            return new Pair(node, node);
        }

        static Pair int64(long value) {
            return new Pair(LongNode.valueOf(value), JSON.createObjectNode().put("$int64", Long.toString(value)));
        }

        static Pair bytes(byte[] bytes) {
            String base64 = Base64.getEncoder().encodeToString(bytes);
            return new Pair(BinaryNode.valueOf(bytes), JSON.createObjectNode().put("$bytes", base64));
        }

        static boolean meets(String range, int from, int to) {
            if (range.equals("none") || range.isEmpty()) return false;
            boolean open = range.endsWith("+");
            String[] ends = (open ? range.substring(0, range.length() - 1) : range).split("-");
            int first = Integer.parseInt(ends[0]);
            int last = open ? Integer.MAX_VALUE : Integer.parseInt(ends[ends.length - 1]);
            return first <= to && from <= last;
        }
    }
}
