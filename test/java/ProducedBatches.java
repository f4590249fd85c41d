import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * Writes record batches as Kafka's producer sends them: base offset 0, no leader epoch. One line each: name, count of
 * records, bytes in hexadecimal.
 *
 * Usage: ProducedBatches FILE
 */
public final class ProducedBatches {
  private static final long TIME = 1_700_000_000_000L;

  public static void main(String[] args) throws Exception {
    List<SimpleRecord> varied = List.of(
        new SimpleRecord(TIME, utf8("key"), utf8("value")),
        new SimpleRecord(TIME - 86_400_000L, null, new byte[0]),
        new SimpleRecord(TIME + 1_000L, new byte[0], null),
        new SimpleRecord(TIME + 1L, utf8("k"), utf8("v"), new Header[] {
            new RecordHeader("twice", utf8("1")),
            new RecordHeader("twice", (byte[]) null),
            new RecordHeader("", new byte[0]),
            new RecordHeader("schlüssel", utf8("wért"))}));
    List<SimpleRecord> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) many.add(new SimpleRecord(TIME + i, utf8("k" + i), utf8("v".repeat(i % 80))));

    Compression none = Compression.NONE;
    StringBuilder lines = new StringBuilder();
    lines.append(line("varied", none, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, varied));
    lines.append(line("many", none, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, many));
    lines.append(line("idempotent", none, 4242L, (short) 7, 0, many));
    lines.append(line("idempotent-at-the-wrap", none, Long.MAX_VALUE, Short.MAX_VALUE, Integer.MAX_VALUE, varied));
    lines.append(line("lz4", Compression.lz4().build(), 4242L, (short) 7, 200, many));
    lines.append(line("snappy", Compression.snappy().build(), 4242L, (short) 7, 400, many));
    Files.writeString(Path.of(args[0]), lines);
  }

  private static String line(String name, Compression compression, long producerId, short producerEpoch, int baseSequence,
      List<SimpleRecord> records) {
    var builder = new MemoryRecordsBuilder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, compression,
        TimestampType.CREATE_TIME, 0L, RecordBatch.NO_TIMESTAMP, producerId, producerEpoch, baseSequence, false, false,
        RecordBatch.NO_PARTITION_LEADER_EPOCH, 1 << 20);
    for (SimpleRecord record : records) builder.append(record);
    ByteBuffer buffer = builder.build().buffer();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return name + " " + records.size() + " " + HexFormat.of().formatHex(bytes) + "\n";
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
