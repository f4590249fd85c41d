import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tells what Kafka's own consumer and admin client see of transactions, for as long as standard input stays open.
 *
 * Arguments: bootstrap servers. Each line of input is a command with its arguments, each line of output its answer:
 * "ok" and a result, or "error" and a reason.
 *
 * records ISOLATION TOPIC (up to the end that readers of this isolation have now, as "partition:offset:value", the
 * value in base64); ends TOPIC (per partition "last stable offset:high watermark"); committed GROUP
 * ("topic:partition:offset"); transaction ID ("state:coordinator:producer id:epoch"); feature LEVEL (sets
 * transaction.version).
 */
public final class TransactionWitness {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long NO_PROGRESS_NANOS = 30_000_000_000L;

  private final Admin admin;
  private final Map<String, KafkaConsumer<byte[], byte[]>> consumers = new HashMap<>();

  private TransactionWitness(Admin admin, String bootstrapServers) {
    this.admin = admin;
    for (String isolation : List.of("read_committed", "read_uncommitted")) {
      Map<String, Object> config = Map.of(
          "bootstrap.servers", bootstrapServers,
          "isolation.level", isolation,
          "allow.auto.create.topics", "false",
          "reconnect.backoff.max.ms", "200",
          "default.api.timeout.ms", "30000",
          "max.poll.records", "20000");
      consumers.put(isolation, new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> config = Map.of("bootstrap.servers", args[0], "reconnect.backoff.max.ms", "200");
    try (Admin admin = Admin.create(config); var lines = new BufferedReader(new InputStreamReader(System.in))) {
      TransactionWitness witness = new TransactionWitness(admin, args[0]);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(witness.answer(line.split(" ")));
      }
    }
  }

  private String answer(String[] command) {
    try {
      return "ok " + execute(command);
    } catch (Exception failed) {
      return "error " + failed.toString().replace('\n', ' ');
    }
  }

  private String execute(String[] command) throws Exception {
    return switch (command[0]) {
      case "records" -> records(consumers.get(command[1]), command[2]);
      case "ends" -> ends(command[1]);
      case "committed" -> committed(command[1]);
      case "transaction" -> transaction(command[1]);
      case "feature" -> feature(Short.parseShort(command[1]));
      default -> throw new IllegalArgumentException("no such command: " + command[0]);
    };
  }

  private String records(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<TopicPartition> partitions = partitionsOf(consumer, topic);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    List<String> found = new ArrayList<>();
    long progressAt = System.nanoTime();
    while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
      var polled = consumer.poll(POLL);
      if (!polled.isEmpty()) progressAt = System.nanoTime();
      if (System.nanoTime() - progressAt > NO_PROGRESS_NANOS) throw new IllegalStateException("no record for 30 seconds");
      for (var record : polled) {
        if (record.offset() >= ends.get(new TopicPartition(topic, record.partition()))) continue;
        String value = Base64.getEncoder().encodeToString(record.value());
        found.add(record.partition() + ":" + record.offset() + ":" + value);
      }
    }
    return String.join(" ", found);
  }

  private static List<TopicPartition> partitionsOf(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    var infos = consumer.partitionsFor(topic);
    if (infos == null || infos.isEmpty()) throw new IllegalArgumentException("no such topic: " + topic);
    return infos.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  private String ends(String topic) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
    for (TopicPartition partition : partitionsOf(consumers.get("read_committed"), topic)) {
      latest.put(partition, OffsetSpec.latest());
    }
    var stable = admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED)).all().get();
    var all = admin.listOffsets(latest).all().get();
    return latest.keySet().stream()
        .map(partition -> stable.get(partition).offset() + ":" + all.get(partition).offset())
        .collect(Collectors.joining(" "));
  }

  private String committed(String group) throws Exception {
    var offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    return offsets.entrySet().stream()
        .filter(entry -> entry.getValue() != null)
        .map(entry -> entry.getKey().topic() + ":" + entry.getKey().partition() + ":" + entry.getValue().offset())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private String transaction(String id) throws Exception {
    var found = admin.describeTransactions(List.of(id)).all().get().get(id);
    return found.state() + ":" + found.coordinatorId() + ":" + found.producerId() + ":" + found.producerEpoch();
  }

  private String feature(short level) throws Exception {
    var update = new FeatureUpdate(level, FeatureUpdate.UpgradeType.UPGRADE);
    var safe = new FeatureUpdate(level, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE);
    var now = admin.describeFeatures().featureMetadata().get().finalizedFeatures().get("transaction.version");
    boolean isUpgrade = now == null || now.maxVersionLevel() < level;
    admin.updateFeatures(Map.of("transaction.version", isUpgrade ? update : safe), new UpdateFeaturesOptions()).all().get();
    return "";
  }
}
