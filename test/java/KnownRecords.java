import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes, with Kafka's own producer, one record of each kind that a reader could confuse with another.
 *
 * Arguments: bootstrap servers, topic, and 'aborted' to write them in a transaction that is then aborted.
 */
public final class KnownRecords {
  public static void main(String[] args) throws Exception {
    String topic = args[1];
    boolean aborted = args.length > 2 && args[2].equals("aborted");
    List<ProducerRecord<byte[], byte[]>> records = List.of(
        new ProducerRecord<>(topic, 0, 1_000L, null, utf8("no key")),
        new ProducerRecord<>(topic, 0, 2_000L, new byte[0], utf8("an empty key")),
        new ProducerRecord<>(topic, 0, 3_000L, utf8("a tombstone"), null, List.of()),
        new ProducerRecord<>(topic, 0, 4_000L, utf8("an empty value"), new byte[0]),
        new ProducerRecord<>(topic, 0, 5_000L, utf8("headers"), utf8("v"), headers()),
        new ProducerRecord<>(topic, 0, 6_000L, utf8("large"), new byte[100_000]));

    Map<String, Object> config = aborted
        ? Map.of("bootstrap.servers", args[0], "transactional.id", topic)
        : Map.of("bootstrap.servers", args[0]);
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      if (aborted) {
        producer.initTransactions();
        producer.beginTransaction();
      }
      for (var record : records) producer.send(record).get();
      if (aborted) producer.abortTransaction();
    }
  }

  private static Iterable<Header> headers() {
    return List.of(
        new RecordHeader("twice", utf8("1")),
        new RecordHeader("twice", utf8("2")),
        new RecordHeader("null", (byte[]) null),
        new RecordHeader("empty", new byte[0]),
        new RecordHeader("", utf8("no name")));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
