import java.io.IOException;

/**
 * Runs another main class for as long as standard input stays open.
 *
 * The test run holds the other end of that pipe. However it ends, kill -9 included, the system closes the pipe, and
 * this JVM then removes its data and is gone: no broker outlives the run that started it.
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
      // In a process of its own: a broker whose files vanish under it halts before we could remove them all.
      new ProcessBuilder("rm", "-rf", directory).start();
    } catch (IOException noRm) {
      System.err.println("left behind: " + directory + " (" + noRm.getMessage() + ")");
    }
    Runtime.getRuntime().halt(0);
  }
}
