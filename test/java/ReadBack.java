import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads whole topics, from their first offset to the end they have now, and writes every record to standard output.
 *
 * Arguments: bootstrap servers, isolation level, the value size in bytes from which only a SHA-256 is written, topics.
 * Output, big endian: per record an int32 size and then topic (int16, an index into the arguments), partition (int32),
 * offset and timestamp (int64), timestamp type (int8), key, value and headers, each byte string after an int32 size
 * that is -1 for null. A value that was replaced by its digest has its true size, then 32 bytes, and the flag 1 (int8)
 * before it. Closes with the size -1 and the int64 count of records, so that a cut output shows.
 */
public final class ReadBack {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long NO_PROGRESS_NANOS = 60_000_000_000L;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final DataOutputStream out;
  private final int digestFromBytes;
  private final MessageDigest sha256;
  private long count;

  private ReadBack(KafkaConsumer<byte[], byte[]> consumer, DataOutputStream out, int digestFromBytes) throws Exception {
    this.consumer = consumer;
    this.out = out;
    this.digestFromBytes = digestFromBytes;
    this.sha256 = MessageDigest.getInstance("SHA-256");
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> config = Map.of(
        "bootstrap.servers", args[0],
        "isolation.level", args[1],
        "allow.auto.create.topics", "false",
        "max.poll.records", "20000",
        "max.partition.fetch.bytes", "8388608",
        "receive.buffer.bytes", "1048576");
    List<String> topics = List.of(args).subList(3, args.length);
    var stdout = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 20));
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      new ReadBack(consumer, stdout, Integer.parseInt(args[2])).readAll(topics);
    }
    stdout.flush();
  }

  private void readAll(List<String> topics) throws IOException {
    List<TopicPartition> partitions = partitionsOf(topics);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Set<TopicPartition> unfinished = new HashSet<>(partitions);
    unfinished.removeIf(partition -> consumer.position(partition) >= ends.get(partition));

    long progressAt = System.nanoTime();
    while (!unfinished.isEmpty()) {
      var records = consumer.poll(POLL);
      for (var record : records) {
        // What was appended after we asked for the ends is not ours to read.
        if (record.offset() < ends.get(new TopicPartition(record.topic(), record.partition()))) {
          write(record, topics.indexOf(record.topic()));
        }
      }
      // By position, not by the last record: behind it may stand transaction markers, which no one gets to see.
      boolean progress = unfinished.removeIf(partition -> consumer.position(partition) >= ends.get(partition));
      if (progress || !records.isEmpty()) progressAt = System.nanoTime();
      else if (System.nanoTime() - progressAt > NO_PROGRESS_NANOS) {
        throw new IllegalStateException("no record for 60 seconds; unread: " + unfinished);
      }
      consumer.pause(partitions.stream().filter(partition -> !unfinished.contains(partition)).toList());
    }
    out.writeInt(-1);
    out.writeLong(count);
  }

  private List<TopicPartition> partitionsOf(List<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : topics) {
      List<PartitionInfo> infos = consumer.partitionsFor(topic);
      if (infos == null || infos.isEmpty()) throw new IllegalArgumentException("no such topic: " + topic);
      for (PartitionInfo info : infos) partitions.add(new TopicPartition(topic, info.partition()));
    }
    return partitions;
  }

  private void write(ConsumerRecord<byte[], byte[]> record, int topic) throws IOException {
    byte[] value = record.value();
    boolean digested = value != null && value.length >= digestFromBytes;
    byte[] shown = digested ? sha256.digest(value) : value;
    Header[] headers = record.headers().toArray();
    byte[][] names = new byte[headers.length][];

    int size = 2 + 4 + 8 + 8 + 1 + sizeOf(record.key()) + 1 + sizeOf(shown) + 4;
    for (int i = 0; i < headers.length; i++) {
      names[i] = headers[i].key().getBytes(StandardCharsets.UTF_8);
      size += sizeOf(names[i]) + sizeOf(headers[i].value());
    }

    out.writeInt(size);
    out.writeShort(topic);
    out.writeInt(record.partition());
    out.writeLong(record.offset());
    out.writeLong(record.timestamp());
    out.writeByte(record.timestampType().id);
    write(record.key());
    out.writeByte(digested ? 1 : 0);
    out.writeInt(value == null ? -1 : value.length);
    if (shown != null) out.write(shown);
    out.writeInt(headers.length);
    for (int i = 0; i < headers.length; i++) {
      write(names[i]);
      write(headers[i].value());
    }
    count++;
  }

  private void write(byte[] bytes) throws IOException {
    out.writeInt(bytes == null ? -1 : bytes.length);
    if (bytes != null) out.write(bytes);
  }

  private static int sizeOf(byte[] bytes) {
    return bytes == null ? 4 : 4 + bytes.length;
  }
}
