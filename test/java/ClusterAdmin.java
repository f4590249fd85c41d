import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.ElectionNotNeededException;

/**
 * Does to a cluster what an operator does, for as long as standard input stays open.
 *
 * Arguments: bootstrap servers. Each line of input is a command with its arguments, each line of output its answer:
 * "ok" and a result, or "error" and a reason.
 *
 * create TOPIC PARTITIONS; delete TOPIC; partitions TOPIC COUNT; controller (node id of the active one); unsynced
 * (how many partitions lack a leader or an in-sync replica); leaders TOPIC (node ids, by partition); epochs TOPIC (leader
 * epochs, by partition); move TOPIC SEED (gives every partition another leader, by another preferred replica and an
 * election; how many changed, 0 of a topic that is not there).
 */
public final class ClusterAdmin {
  private final Admin admin;

  private ClusterAdmin(Admin admin) {
    this.admin = admin;
  }

  public static void main(String[] args) throws Exception {
    Map<String, Object> config = Map.of(
        "bootstrap.servers", args[0],
        "request.timeout.ms", "3000",
        "default.api.timeout.ms", "5000",
        "reconnect.backoff.max.ms", "200");
    try (Admin admin = Admin.create(config); var lines = new BufferedReader(new InputStreamReader(System.in))) {
      ClusterAdmin cluster = new ClusterAdmin(admin);
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(cluster.answer(line.split(" ")));
      }
    }
  }

  private String answer(String[] command) {
    try {
      return "ok " + execute(command);
    } catch (ExecutionException failed) {
      return "error " + oneLine(failed.getCause());
    } catch (Exception failed) {
      return "error " + oneLine(failed);
    }
  }

  private static String oneLine(Throwable failure) {
    return failure.toString().replace('\n', ' ');
  }

  private Object execute(String[] command) throws Exception {
    return switch (command[0]) {
      case "create" -> create(command[1], Integer.parseInt(command[2]));
      case "delete" -> {
        admin.deleteTopics(List.of(command[1])).all().get();
        yield "";
      }
      case "partitions" -> {
        admin.createPartitions(Map.of(command[1], NewPartitions.increaseTo(Integer.parseInt(command[2])))).all().get();
        yield "";
      }
      case "controller" -> admin.describeMetadataQuorum().quorumInfo().get().leaderId();
      case "unsynced" -> unsynced();
      case "leaders" -> partitionsOf(command[1]).stream()
          .map(partition -> leaderOf(partition).map(String::valueOf).orElse("-"))
          .collect(Collectors.joining(" "));
      case "epochs" -> epochs(command[1]);
      case "move" -> move(command[1], Integer.parseInt(command[2]));
      default -> throw new IllegalArgumentException("no such command: " + command[0]);
    };
  }

  private String create(String topic, int partitionCount) throws Exception {
    var newTopic = new NewTopic(topic, Optional.of(partitionCount), Optional.empty());
    admin.createTopics(List.of(newTopic)).all().get();
    return "";
  }

  private int unsynced() throws Exception {
    int count = 0;
    for (TopicDescription topic : admin.describeTopics(topics()).allTopicNames().get().values()) {
      for (TopicPartitionInfo partition : topic.partitions()) {
        if (leaderOf(partition).isEmpty() || partition.isr().size() < partition.replicas().size()) count++;
      }
    }
    return count;
  }

  /** Kafka's own too. */
  private Set<String> topics() throws Exception {
    return admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
  }

  private String epochs(String topic) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new TreeMap<>(Comparator.comparingInt(TopicPartition::partition));
    for (TopicPartitionInfo partition : partitionsOf(topic)) {
      latest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
    }
    var offsets = admin.listOffsets(latest).all().get();
    return latest.keySet().stream()
        .map(partition -> String.valueOf(offsets.get(partition).leaderEpoch().orElse(0)))
        .collect(Collectors.joining(" "));
  }

  private int move(String topic, int seed) throws Exception {
    if (!topics().contains(topic)) return 0;
    Map<TopicPartition, Optional<NewPartitionReassignment>> reassignments = new HashMap<>();
    Map<TopicPartition, Integer> before = new HashMap<>();
    for (TopicPartitionInfo partition : partitionsOf(topic)) {
      var name = new TopicPartition(topic, partition.partition());
      before.put(name, leaderOf(partition).orElse(-1));
      reassignments.put(name, Optional.of(new NewPartitionReassignment(rotated(partition, seed))));
    }
    admin.alterPartitionReassignments(reassignments).all().get();
    var elections = admin.electLeaders(ElectionType.PREFERRED, before.keySet()).partitions().get();
    for (var failed : elections.values()) {
      if (failed.isPresent() && !(failed.get() instanceof ElectionNotNeededException)) throw new Exception(failed.get());
    }
    int moved = 0;
    for (TopicPartitionInfo partition : partitionsOf(topic)) {
      if (!leaderOf(partition).equals(Optional.of(before.get(new TopicPartition(topic, partition.partition()))))) moved++;
    }
    return moved;
  }

  /** The same replicas with another than the present leader first: only their preference changes, nothing is copied. */
  private static List<Integer> rotated(TopicPartitionInfo partition, int seed) {
    List<Integer> replicas = new ArrayList<>(partition.replicas().stream().map(Node::id).sorted().toList());
    int leaderAt = leaderOf(partition).map(replicas::indexOf).orElse(0);
    int steps = 1 + Math.floorMod(seed + partition.partition(), replicas.size() - 1);
    Collections.rotate(replicas, -(leaderAt + steps));
    return replicas;
  }

  private List<TopicPartitionInfo> partitionsOf(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions();
  }

  private static Optional<Integer> leaderOf(TopicPartitionInfo partition) {
    Node leader = partition.leader();
    return leader == null || leader.isEmpty() ? Optional.empty() : Optional.of(leader.id());
  }
}
