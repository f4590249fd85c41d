import java.io.IOException;

/**
 * Runs another main class for as long as standard input stays open.
 *
 * The test run holds the other end of that pipe. However it ends, kill -9 included, the system closes the pipe, and
 * this JVM is then gone and its data removed: no broker outlives the run that started it.
 *
 * Arguments: the directory to remove, the main class, its arguments.
 */
public final class Supervisor {
  public static void main(String[] args) throws Exception {
    Thread watcher = new Thread(() -> haltAtEndOfInput(args[0]), "supervisor");
    watcher.setDaemon(true);
    watcher.start();

    String[] rest = java.util.Arrays.copyOfRange(args, 2, args.length);
    Class.forName(args[1]).getMethod("main", String[].class).invoke(null, (Object) rest);
  }

  private static void haltAtEndOfInput(String directory) {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException closed) {
      // A broken pipe is an end like any other.
    }
    try {
      // In a process of its own that first waits for the end of this one, which holds the other end of its input: a
      // broker that sees its peers die writes files into the very folders that are being removed.
      new ProcessBuilder("sh", "-c", "read -r end; exec rm -rf \"$1\"", "sh", directory).start();
    } catch (IOException noShell) {
      System.err.println("left behind: " + directory + " (" + noShell.getMessage() + ")");
    }
    Runtime.getRuntime().halt(0);
  }
}
