import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Prints the names of the Java producer's properties, one a line; or what Java reads from .properties files, as JSON, one
 * file a line.
 *
 * Usage: ProducerProperties [file ...]
 */
public class ProducerProperties {
    public static void main(String[] args) throws Exception {
        if (args.length == 0) for (String name : new TreeSet<>(ProducerConfig.configNames())) System.out.println(name);
        ObjectMapper json = new ObjectMapper();
        for (String file : args) {
            Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(Path.of(file))) {
                properties.load(reader);
            }
            System.out.println(json.writeValueAsString(new TreeMap<>(properties)));
        }
    }
}
