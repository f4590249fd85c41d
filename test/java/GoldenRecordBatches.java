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
    static final long NOW = 1_700_000_000_000L;
    static final long APPENDED_AT = 1_700_000_999_999L;
    static final int LEADER_EPOCH = 11;

    public static void main(String[] args) throws Exception {
        List<SimpleRecord> varied = List.of(
            new SimpleRecord(NOW, utf8("key"), utf8("value")),
            new SimpleRecord(NOW + 1, null, utf8("no key")),
            new SimpleRecord(NOW - 1_000_000, utf8("earlier, no value"), null),
            new SimpleRecord(NOW + 100_000, new byte[0], new byte[0], new Header[] {
                new RecordHeader("trace", utf8("1")), new RecordHeader("trace", null),
                new RecordHeader("", new byte[0]), new RecordHeader("schlüssel", utf8("wért"))}),
            new SimpleRecord(NOW + (1L << 40), utf8("x".repeat(200)), utf8("y".repeat(2_000))));
        List<SimpleRecord> many = new ArrayList<>();
        for (int i = 0; i < 130; i++) many.add(new SimpleRecord(NOW + i, utf8("k" + i), utf8("v" + i)));

        Producer none = new Producer(-1, (short) -1, -1, false);
        Producer idempotent = new Producer(4242, (short) 7, Integer.MAX_VALUE, false);
        Producer transactional = new Producer(Long.MAX_VALUE, Short.MAX_VALUE, 5, true);
        batch("plain", Compression.NONE, TimestampType.CREATE_TIME, none, 0, varied.subList(0, 4));
        batch("idempotent", Compression.NONE, TimestampType.CREATE_TIME, idempotent, 1L << 40, many);
        batch("transactional", Compression.NONE, TimestampType.CREATE_TIME, transactional, 3, varied.subList(0, 2));
        batch("log append time", Compression.NONE, TimestampType.LOG_APPEND_TIME, none, 9, varied.subList(0, 3));
        batch("large", Compression.gzip().build(), TimestampType.CREATE_TIME, none, 0, varied);
        for (Compression compression : List.of(Compression.gzip().build(), Compression.snappy().build(),
                Compression.lz4().build(), Compression.zstd().build())) {
            batch(compression.type().name, compression, TimestampType.CREATE_TIME, none, 100, many.subList(0, 20));
        }
        line("control", MemoryRecords.withEndTransactionMarker(
            77, NOW, 3, 4242, (short) 8, new EndTransactionMarker(ControlRecordType.COMMIT, 12)));
        Files.writeString(Path.of(args[0]).resolve("record-batches.jsonl"), LINES);
    }

    record Producer(long id, short epoch, int baseSequence, boolean transactional) {}

    static void batch(String name, Compression compression, TimestampType timestampType, Producer producer,
            long baseOffset, List<SimpleRecord> records) throws Exception {
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(
            ByteBuffer.allocate(128), RecordBatch.MAGIC_VALUE_V2, compression, timestampType, baseOffset, APPENDED_AT,
            producer.id, producer.epoch, producer.baseSequence, producer.transactional, false, LEADER_EPOCH, 1 << 20);
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
        line.put("timestampType", batch.timestampType().name());
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
