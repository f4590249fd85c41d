import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Kafka's own transactional producer, told what to do line by line, for as long as standard input stays open.
 *
 * Arguments: bootstrap servers. Each line of input is a command, each line of output its answer: "ok", or "error" and the
 * simple name of the exception that the producer threw.
 *
 * new TRANSACTIONAL_ID TRANSACTION_TIMEOUT_MS (all that follows is for this producer); init; begin; send TOPIC PARTITION VALUE (and waits for the acknowledgement); offsets TOPIC PARTITION OFFSET GROUP
 * [GENERATION MEMBER]; commit; abort.
 */
public final class ScriptedProducer {
  private final String bootstrapServers;
  private KafkaProducer<String, String> producer;

  private ScriptedProducer(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  public static void main(String[] args) throws Exception {
    var scripted = new ScriptedProducer(args[0]);
    try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(scripted.answer(line.split(" ")));
      }
    }
  }

  private String answer(String[] command) {
    try {
      execute(command);
      return "ok ";
    } catch (ExecutionException failed) {
      return "error " + failed.getCause().getClass().getSimpleName();
    } catch (Exception failed) {
      return "error " + failed.getClass().getSimpleName();
    }
  }

  private void execute(String[] command) throws Exception {
    switch (command[0]) {
      case "new" -> producer = newProducer(command[1], command[2]);
      case "init" -> producer.initTransactions();
      case "begin" -> producer.beginTransaction();
      case "send" -> producer.send(new ProducerRecord<>(command[1], Integer.parseInt(command[2]), null, command[3])).get();
      case "offsets" -> producer.sendOffsetsToTransaction(offsets(command), group(command));
      case "commit" -> producer.commitTransaction();
      case "abort" -> producer.abortTransaction();
      default -> throw new IllegalArgumentException("no such command: " + command[0]);
    }
  }

  /** The producer before it is left as it is, as a process that died leaves it. */
  private KafkaProducer<String, String> newProducer(String transactionalId, String transactionTimeoutMs) {
    Map<String, Object> config = Map.of(
        "bootstrap.servers", bootstrapServers,
        "transactional.id", transactionalId,
        "transaction.timeout.ms", transactionTimeoutMs,
        "reconnect.backoff.max.ms", "200");
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(String[] command) {
    var partition = new TopicPartition(command[1], Integer.parseInt(command[2]));
    return Map.of(partition, new OffsetAndMetadata(Long.parseLong(command[3])));
  }

  private static ConsumerGroupMetadata group(String[] command) {
    if (command.length < 7) return new ConsumerGroupMetadata(command[4]);
    return new ConsumerGroupMetadata(command[4], Integer.parseInt(command[5]), command[6], Optional.empty());
  }
}
