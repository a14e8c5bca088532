package io.github.zerotouchclone.bench.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which part of the files that it maps a process maps by huge pages. */
final class HugePages {

  private static final Path SELF = Path.of("/proc/self/smaps");
  private static final Pattern MAPPING =
      Pattern.compile("[0-9a-f]+-[0-9a-f]+ \\S+ [0-9a-f]+ \\S+ \\d+ *(.*)");
  private static final Pattern SIZE = Pattern.compile("(Rss|FilePmdMapped): +(\\d+) kB");

  private HugePages() {}

  /**
   * Of this process, now.
   *
   * @param folder only files below it count
   * @return per cent of what is in the page tables, by the file's name in the folder
   */
  static Map<String, Long> ofThisProcess(Path folder) throws IOException {
    return parse(Files.readAllLines(SELF), folder);
  }

  /** As {@link #ofThisProcess}, of the lines of a {@code smaps} file. */
  static Map<String, Long> parse(List<String> lines, Path folder) {
    String prefix = folder.toAbsolutePath().normalize() + "/";
    Map<String, long[]> sizes = new TreeMap<>(); // all, huge; in kB
    String name = "";
    for (String line : lines) {
      Matcher mapping = MAPPING.matcher(line);
      Matcher size = SIZE.matcher(line);
      if (mapping.matches()) {
        name = mapping.group(1);
      } else if (size.matches() && name.startsWith(prefix)) {
        long[] file = sizes.computeIfAbsent(name.substring(prefix.length()), key -> new long[2]);
        file[size.group(1).equals("Rss") ? 0 : 1] += Long.parseLong(size.group(2));
      }
    }
    Map<String, Long> shares = new TreeMap<>();
    sizes.forEach(
        (file, kb) -> {
          if (kb[0] > 0) {
            shares.put(file, 100 * kb[1] / kb[0]);
          }
        });
    return shares;
  }
}
