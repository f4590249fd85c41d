import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;

/**
 * Writes every error code that Kafka's client knows, and what it makes of it.
 *
 * Usage: GoldenErrors FOLDER
 */
public class GoldenErrors {
    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        StringBuilder lines = new StringBuilder();
        for (Errors error : Errors.values()) {
            ObjectNode line = json.createObjectNode();
            line.put("code", error.code());
            line.put("name", error.name());
            line.put("retriable", error.exception() instanceof RetriableException);
            line.put("refreshesMetadata", error.exception() instanceof InvalidMetadataException);
            lines.append(json.writeValueAsString(line)).append('\n');
        }
        Files.writeString(Path.of(args[0]).resolve("errors.jsonl"), lines);
    }
}
