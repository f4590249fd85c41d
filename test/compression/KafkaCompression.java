import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.*;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;

/**
 * Compresses and decompresses with the classes that Kafka's clients and brokers use.
 *
 * Usage: KafkaCompression write FILE    compresses known content in every way: one line of JSON each
 *        KafkaCompression read FOLDER   decompresses each file NAME.TYPE, and prints "NAME.TYPE SIZE SHA-256"
 */
public class KafkaCompression {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) write(Path.of(args[1]));
        else read(Path.of(args[1]));
    }

    static void write(Path file) throws Exception {
        Map<String, Compression> ways = new LinkedHashMap<>();
        ways.put("gzip", Compression.gzip().build());
        ways.put("gzip 1", Compression.gzip().level(1).build());
        ways.put("gzip 9", Compression.gzip().level(9).build());
        ways.put("snappy", Compression.snappy().build());
        ways.put("lz4", Compression.lz4().build());
        ways.put("lz4 17", Compression.lz4().level(17).build());
        ways.put("zstd", Compression.zstd().build());
        ways.put("zstd -5", Compression.zstd().level(-5).build());
        ways.put("zstd 22", Compression.zstd().level(22).build());
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, Compression> way : ways.entrySet()) {
            for (Map.Entry<String, byte[]> content : contents().entrySet()) {
                Compression compression = way.getValue();
                byte[] bytes = compressed(compression, content.getValue());
                lines.append(String.format(
                    "{\"type\":\"%s\",\"name\":\"%s, %s\",\"sizeBytes\":%d,\"sha256\":\"%s\",\"bytes\":\"%s\"}\n",
                    compression.type().name, way.getKey(), content.getKey(), content.getValue().length,
                    sha256(content.getValue()), Base64.getEncoder().encodeToString(bytes)));
            }
        }
        Files.writeString(file, lines);
    }

    /** More than a block of snappy (32 KiB) or lz4 (64 KiB), and less than one. */
    static Map<String, byte[]> contents() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; lines.length() < 100_000; i++) {
            lines.append(String.format("{\"id\":%d,\"user\":\"user-%d\",\"amount\":%d}\n", i, i * 7919 % 1000, i * 31 % 977));
        }
        byte[] random = new byte[2_000];
        new Random(42).nextBytes(random);
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("nothing", new byte[0]);
        contents.put("one byte", new byte[] {7});
        contents.put("a run of zeros", new byte[200_000]);
        contents.put("random bytes", random);
        contents.put("lines of JSON", lines.toString().getBytes(StandardCharsets.UTF_8));
        return contents;
    }

    static byte[] compressed(Compression compression, byte[] content) throws Exception {
        ByteBufferOutputStream buffer = new ByteBufferOutputStream(512);
        try (OutputStream out = compression.wrapForOutput(buffer, RecordBatch.MAGIC_VALUE_V2)) {
            out.write(content);
        }
        ByteBuffer written = buffer.buffer();
        written.flip();
        byte[] bytes = new byte[written.remaining()];
        written.get(bytes);
        return bytes;
    }

    static void read(Path folder) throws Exception {
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.sorted().toList();
        }
        for (Path file : files) {
            String name = file.getFileName().toString();
            Compression compression = switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "gzip" -> Compression.gzip().build();
                case "snappy" -> Compression.snappy().build();
                case "lz4" -> Compression.lz4().build();
                default -> Compression.zstd().build();
            };
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            try (InputStream in = compression.wrapForInput(bytes, RecordBatch.MAGIC_VALUE_V2, BufferSupplier.create())) {
                byte[] content = in.readAllBytes();
                System.out.println(name + " " + content.length + " " + sha256(content));
            } catch (Exception refusal) {
                System.out.println(name + " refused: " + refusal.getMessage());
            }
        }
    }

    static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
