package io.github.zerotouchclone.bench.suite;

import io.github.zerotouchclone.bench.measure.Smaps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Which part of the files that it maps a process maps by huge pages. */
final class HugePages {

  private HugePages() {}

  /**
   * Of this process, now.
   *
   * @param folder only files below it count
   * @return per cent of what is in the page tables, by the file's name in the folder
   */
  static Map<String, Long> ofThisProcess(Path folder) throws IOException {
    return parts(Smaps.of(ProcessHandle.current().pid()), folder);
  }

  /** As {@link #ofThisProcess}, of the mappings of any. */
  static Map<String, Long> parts(Smaps smaps, Path folder) {
    String prefix = folder.toAbsolutePath().normalize() + "/";
    Map<String, List<Smaps.Mapping>> files =
        smaps.mappings().stream()
            .filter(mapping -> mapping.name().startsWith(prefix) && mapping.rssKb() > 0)
            .collect(Collectors.groupingBy(mapping -> mapping.name().substring(prefix.length())));
    Map<String, Long> parts = new TreeMap<>();
    files.forEach(
        (file, mappings) -> {
          long all = mappings.stream().mapToLong(Smaps.Mapping::rssKb).sum();
          long huge = mappings.stream().mapToLong(Smaps.Mapping::hugeFileKb).sum();
          parts.put(file, 100 * huge / all);
        });
    return parts;
  }
}
