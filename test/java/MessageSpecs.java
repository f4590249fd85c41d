import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;

/**
 * Prints the message JSON inside kafka-clients, without its comments, one message a line.
 *
 * Usage: MessageSpecs Produce Fetch ...
 */
public class MessageSpecs {
    public static void main(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);
        for (String name : args) {
            for (String direction : new String[] {"Request", "Response"}) {
                String path = "/common/message/" + name + direction + ".json";
                try (InputStream in = MessageSpecs.class.getResourceAsStream(path)) {
                    JsonNode spec = json.readTree(in);
                    System.out.println(json.writeValueAsString(spec));
                }
            }
        }
    }
}
