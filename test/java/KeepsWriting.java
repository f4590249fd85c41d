import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes files in folders of its own until it is killed, as a broker does that sees its peers die.
 *
 * Arguments: the directory. Prints a line as soon as it writes.
 */
public final class KeepsWriting {
  public static void main(String[] args) throws Exception {
    for (long folder = 0; ; folder++) {
      Path files = Path.of(args[0], Long.toString(folder % 8));
      try {
        Files.createDirectories(files);
        Files.writeString(files.resolve(Long.toString(folder % 1000)), "as told");
      } catch (java.io.IOException removedMeanwhile) {
        // It is made anew in the next round.
      }
      if (folder == 1000) System.out.println("writing");
    }
  }
}
