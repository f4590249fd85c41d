import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;

/**
 * Writes record batches as Kafka's own MemoryRecordsBuilder makes them, beside what they say.
 *
 * Usage: GoldenRecordBatches FOLDER
 */
public class GoldenRecordBatches {
    static final ObjectMapper JSON = new ObjectMapper();
    static final StringBuilder LINES = new StringBuilder();

    public static void main(String[] args) throws Exception {
        List<SimpleRecord> varied = List.of(
            new SimpleRecord(1_700_000_000_000L, utf8("key"), utf8("value")),
            new SimpleRecord(1_700_000_000_001L, null, utf8("no key")),
            new SimpleRecord(1_699_999_999_000L, utf8("earlier, no value"), null),
            new SimpleRecord(1_700_000_100_000L, new byte[0], new byte[0], new Header[] {
                new RecordHeader("trace", utf8("1")), new RecordHeader("trace", null), new RecordHeader("", new byte[0]),
                new RecordHeader("schlüssel", utf8("wért"))}),
            new SimpleRecord(1_700_000_000_000L + (1L << 40), utf8("x".repeat(200)), utf8("y".repeat(2_000))));
        List<SimpleRecord> many = new ArrayList<>();
        for (int i = 0; i < 130; i++) many.add(new SimpleRecord(1_700_000_000_000L + i, utf8("k" + i), utf8("v" + i)));

        Compression zstd = Compression.zstd().build();
        batch("plain", Compression.NONE, TimestampType.CREATE_TIME, -1, (short) -1, -1, false, 0, varied.subList(0, 4));
        batch("idempotent", Compression.NONE, TimestampType.CREATE_TIME, 4242, (short) 7, Integer.MAX_VALUE, false, 1L << 40, many);
        batch("transactional", Compression.NONE, TimestampType.CREATE_TIME, Long.MAX_VALUE, Short.MAX_VALUE, 5, true, 3, varied.subList(0, 2));
        batch("log append time", Compression.NONE, TimestampType.LOG_APPEND_TIME, -1, (short) -1, -1, false, 9, varied.subList(0, 3));
        batch("large", Compression.gzip().build(), TimestampType.CREATE_TIME, -1, (short) -1, -1, false, 0, varied);
        for (Compression compression : List.of(Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), zstd)) {
            batch(compression.type().name, compression, TimestampType.CREATE_TIME, 1, (short) 0, 0, false, 100, many.subList(0, 20));
        }
        MemoryRecords marker = MemoryRecords.withEndTransactionMarker(
            77, 1_700_000_000_000L, 3, 4242, (short) 8, new EndTransactionMarker(ControlRecordType.COMMIT, 12));
        line("control", marker);
        Files.writeString(Path.of(args[0]).resolve("record-batches.jsonl"), LINES);
    }

    static void batch(String name, Compression compression, TimestampType timestampType, long producerId, short producerEpoch,
            int baseSequence, boolean transactional, long baseOffset, List<SimpleRecord> records) throws Exception {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(ByteBuffer.allocate(128), RecordBatch.MAGIC_VALUE_V2, compression,
            timestampType, baseOffset, 1_700_000_999_999L, producerId, producerEpoch, baseSequence, transactional, false, 11, 1 << 20);
        for (SimpleRecord record : records) builder.append(record);
        line(name, builder.build());
    }

    static void line(String name, MemoryRecords records) throws Exception {
        ObjectNode line = JSON.createObjectNode();
        MutableRecordBatch batch = records.batches().iterator().next();
        line.put("name", name);
        line.put("baseOffset", Long.toString(batch.baseOffset()));
        line.put("partitionLeaderEpoch", batch.partitionLeaderEpoch());
        line.put("crc", batch.checksum());
        line.put("compression", batch.compressionType().name);
        line.put("timestampType", batch.timestampType() == TimestampType.LOG_APPEND_TIME ? "LOG_APPEND_TIME" : "CREATE_TIME");
        line.put("isTransactional", batch.isTransactional());
        line.put("isControl", batch.isControlBatch());
        line.put("lastOffset", Long.toString(batch.lastOffset()));
        line.put("maxTimestamp", Long.toString(batch.maxTimestamp()));
        line.put("producerId", Long.toString(batch.producerId()));
        line.put("producerEpoch", batch.producerEpoch());
        line.put("baseSequence", batch.baseSequence());
        line.put("sizeBytes", batch.sizeInBytes());
        ArrayNode list = line.putArray("records");
        for (org.apache.kafka.common.record.internal.Record record : batch) {
            ObjectNode node = list.addObject();
            node.put("offset", Long.toString(record.offset()));
            node.put("timestamp", Long.toString(record.timestamp()));
            node.put("key", base64(record.key()));
            node.put("value", base64(record.value()));
            ArrayNode headers = node.putArray("headers");
            for (Header header : record.headers()) {
                ArrayNode pair = headers.addArray().add(header.key());
                if (header.value() == null) pair.addNull();
                else pair.add(base64(ByteBuffer.wrap(header.value())));
            }
        }
        line.put("bytes", base64(records.buffer()));
        LINES.append(JSON.writeValueAsString(line)).append('\n');
    }

    static String base64(ByteBuffer buffer) {
        if (buffer == null) return null;
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
