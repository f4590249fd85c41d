import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.BufferedInputStream;
import java.io.PrintStream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * The partition of each key, by Java's producer. Arguments: a file with the keys, each as an unsigned 16-bit size and its
 * bytes, and the numbers of partitions. Prints a line per key, with a partition for each number.
 */
public class KeyPartitions {
  public static void main(String[] args) throws Exception {
    try (DataInputStream keys = new DataInputStream(new BufferedInputStream(new FileInputStream(args[0])));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out))) {
      while (keys.available() > 0) {
        byte[] key = new byte[keys.readUnsignedShort()];
        keys.readFully(key);
        for (int i = 1; i < args.length; i++) {
          if (i > 1) out.print(' ');
          out.print(BuiltInPartitioner.partitionForKey(key, Integer.parseInt(args[i])));
        }
        out.println();
      }
    }
  }
}
