package io.github.zerotouchclone.bench.demo;

import io.github.zerotouchclone.bench.measure.Smaps;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Several worker JVMs over one region file, audited from outside.
 *
 * <p>They open the region with {@code ZTC_AUDIT=1}, on a private writable mapping: a stray write
 * would succeed there, and the kernel would show the page as anonymous instead of the file's. The
 * control at the end is such a write: the parent stores into a few pages what they hold already,
 * and the same count must rise by exactly those pages.
 */
final class JvmFleet {

  private static final long PAGE = 4096;

  /**
   * What one worker did.
   *
   * @param records how many it copied
   * @param seconds how long that took
   * @param growthKb how much private memory ({@code Private_Dirty}) it gained meanwhile
   * @param pssKb its share of memory at the end
   * @param pages how many pages of the region it maps
   * @param unshared how many of them are copies of its own
   * @param couldWrite whether a store into the mapping would have succeeded
   * @param controlPages how many pages the control wrote to
   * @param controlCaught how many more pages were seen un-shared after it
   */
  record Worker(
      long records,
      double seconds,
      long growthKb,
      long pssKb,
      long pages,
      long unshared,
      boolean couldWrite,
      long controlPages,
      long controlCaught) {}

  private final Path region;
  private final List<String> java;

  JvmFleet(Path region) {
    this.region = region.toAbsolutePath().normalize();
    java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            // The heap is there from the start, so growth is what the work costs.
            "-Xms48m",
            "-Xmx48m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseSerialGC",
            "-classpath",
            System.getProperty("java.class.path"),
            JvmWorker.class.getName());
  }

  /** Runs the workers at the same time, each once over all records. */
  List<Worker> run(int workers) {
    List<Child> children = new ArrayList<>();
    try {
      for (int i = 0; i < workers; i++) {
        children.add(new Child(i + 1));
      }
      for (Child child : children) {
        child.expect("warm");
      }
      List<Long> before = new ArrayList<>();
      for (Child child : children) {
        before.add(smaps(child.pid()).privateDirtyKb());
      }
      for (Child child : children) {
        child.say("go");
      }
      List<String[]> answers = new ArrayList<>();
      for (Child child : children) {
        answers.add(child.expect("done"));
      }
      // All are measured before one of them ends, while they share the region.
      List<Smaps> after = new ArrayList<>();
      for (Child child : children) {
        after.add(smaps(child.pid()));
      }
      List<Worker> results = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        results.add(result(children.get(i), answers.get(i), before.get(i), after.get(i)));
      }
      return results;
    } catch (IOException e) {
      throw new DemoException("A worker JVM over " + region + " could not be run.", e);
    } finally {
      children.forEach(Child::stop);
    }
  }

  private Worker result(Child child, String[] answer, long privateBefore, Smaps after)
      throws IOException {
    Smaps mapped = after.of(region);
    long pages = (Files.size(region) + PAGE - 1) / PAGE;
    long unshared = pagesOf(mapped);
    long written = writeWhatIsThere(child.pid(), mapped);
    return new Worker(
        Long.parseLong(answer[1]),
        Long.parseLong(answer[2]) / 1e9,
        after.privateDirtyKb() - privateBefore,
        after.pssKb(),
        pages,
        unshared,
        !mapped.mappings().isEmpty()
            && mapped.mappings().stream().allMatch(Smaps.Mapping::isPrivateAndWritable),
        written,
        pagesOf(smaps(child.pid()).of(region)) - unshared);
  }

  private static Smaps smaps(long pid) {
    try {
      return Smaps.of(pid);
    } catch (IOException e) {
      throw new DemoException(
          "/proc/" + pid + "/smaps cannot be read; is the worker still alive?", e);
    }
  }

  private static long pagesOf(Smaps mapped) {
    return mapped.anonymousKb() * 1024 / PAGE;
  }

  /** Stores the first byte of the first, middle and last page again; returns how many pages. */
  private static long writeWhatIsThere(long pid, Smaps mapped) throws IOException {
    SortedSet<Long> addresses = new TreeSet<>();
    for (Smaps.Mapping mapping : mapped.mappings()) {
      addresses.add(mapping.start());
      addresses.add(mapping.start() + (mapping.end() - mapping.start()) / PAGE / 2 * PAGE);
      addresses.add(mapping.end() - PAGE);
    }
    try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "rw")) {
      for (long address : addresses) {
        memory.seek(address);
        int value = memory.read();
        memory.seek(address);
        memory.write(value);
      }
    }
    return addresses.size();
  }

  /** A worker process and the line protocol of {@link JvmWorker}. */
  private final class Child {

    private final int number;
    private final Process process;
    private final BufferedReader answers;

    Child(int number) throws IOException {
      this.number = number;
      List<String> command = new ArrayList<>(java);
      command.add(region.toString());
      command.add(Integer.toString(number));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("ZTC_AUDIT", "1");
      process = builder.start();
      answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    long pid() {
      return process.pid();
    }

    void say(String word) throws IOException {
      process.outputWriter(StandardCharsets.US_ASCII).append(word).append('\n').flush();
    }

    String[] expect(String word) throws IOException {
      String line = answers.readLine();
      if (line == null || !line.split(" ")[0].equals(word)) {
        throw new DemoException(
            "Worker JVM "
                + number
                + " over "
                + region
                + " answered '"
                + line
                + "' instead of '"
                + word
                + "'; its own message stands above.");
      }
      return line.split(" ");
    }

    void stop() {
      try {
        process.getOutputStream().close();
        process.waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
