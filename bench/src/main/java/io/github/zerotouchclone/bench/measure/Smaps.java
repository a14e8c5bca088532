package io.github.zerotouchclone.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel says about the memory of a process.
 *
 * @param mappings in the order of their addresses
 */
public record Smaps(List<Mapping> mappings) {

  private static final Pattern HEAD =
      Pattern.compile("([0-9a-f]+)-([0-9a-f]+) \\S+ [0-9a-f]+ \\S+ \\d+ *(.*)");
  private static final Pattern SIZE = Pattern.compile("(\\w+): +(\\d+) kB");
  private static final String FLAGS = "VmFlags:";

  /** One mapping; sizes in kB, as the kernel counts. */
  public record Mapping(
      long start,
      long end,
      String name,
      long rssKb,
      long pssKb,
      long privateDirtyKb,
      long anonymousKb,
      long hugeFileKb,
      Set<String> flags) {

    /** Returns whether a store into it would succeed and stay private. */
    public boolean isPrivateAndWritable() {
      return flags.contains("wr") && flags.contains("mw") && !flags.contains("sh");
    }
  }

  /**
   * Of a process, now.
   *
   * @throws IOException if there is none, or it belongs to somebody else
   */
  public static Smaps of(long pid) throws IOException {
    return parse(Files.readAllLines(Path.of("/proc/" + pid + "/smaps")));
  }

  /** Of the lines of a {@code smaps} file. */
  public static Smaps parse(List<String> lines) {
    List<Mapping> mappings = new ArrayList<>();
    long start = 0;
    long end = 0;
    String name = "";
    long rss = 0;
    long pss = 0;
    long privateDirty = 0;
    long anonymous = 0;
    long hugeFile = 0;
    for (String line : lines) {
      Matcher head = HEAD.matcher(line);
      Matcher size = SIZE.matcher(line);
      if (head.matches()) {
        start = Long.parseUnsignedLong(head.group(1), 16);
        end = Long.parseUnsignedLong(head.group(2), 16);
        name = head.group(3);
      } else if (size.matches()) {
        long kb = Long.parseLong(size.group(2));
        switch (size.group(1)) {
          case "Rss" -> rss = kb;
          case "Pss" -> pss = kb;
          case "Private_Dirty" -> privateDirty = kb;
          case "Anonymous" -> anonymous = kb;
          case "FilePmdMapped" -> hugeFile = kb;
          default -> {}
        }
      } else if (line.startsWith(FLAGS)) {
        // The last line of a mapping.
        Set<String> flags =
            new HashSet<>(List.of(line.substring(FLAGS.length()).strip().split(" ")));
        mappings.add(
            new Mapping(start, end, name, rss, pss, privateDirty, anonymous, hugeFile, flags));
      }
    }
    return new Smaps(List.copyOf(mappings));
  }

  /** Returns the mappings of a file. */
  public Smaps of(Path file) {
    String name = file.toAbsolutePath().normalize().toString();
    return new Smaps(mappings.stream().filter(mapping -> mapping.name().equals(name)).toList());
  }

  /** Returns the memory of all mappings, shared pages in parts. */
  public long pssKb() {
    return mappings.stream().mapToLong(Mapping::pssKb).sum();
  }

  /** Returns what of all mappings is this process's alone, and was written. */
  public long privateDirtyKb() {
    return mappings.stream().mapToLong(Mapping::privateDirtyKb).sum();
  }

  /** Returns how much of it is no longer the file's page cache, but a copy of its own. */
  public long anonymousKb() {
    return mappings.stream().mapToLong(Mapping::anonymousKb).sum();
  }
}
