package io.github.zerotouchclone.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The processes that map a region's file, as the kernel's tables of their memory tell. */
final class RegionUsers {
  /**
   * A process and what it has of the region; sums over its mappings, in bytes.
   *
   * @param old whether it maps a file that was replaced at the path, and not the one there now
   * @param mapped the size of the mappings
   * @param resident what of it is in memory
   * @param privateBytes what of it no other process has in its tables
   * @param unshared what the process has as a copy of its own, because it was written
   * @param total private memory of the whole process
   */
  record User(
      int pid,
      String command,
      boolean old,
      long mapped,
      long resident,
      long privateBytes,
      long unshared,
      long total) {}

  /**
   * One look at all processes.
   *
   * @param hidden how many have tables that this user may not read
   */
  record Look(List<User> users, int hidden) {}

  private RegionUsers() {}

  static Look look(Path proc, Path region) {
    MappedFile file = MappedFile.at(region);
    List<User> users = new ArrayList<>();
    int hidden = 0;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path folder : folders) {
        try {
          Sums sums = sums(folder, file);
          if (sums.mappings > 0) {
            users.add(sums.user(folder));
          }
        } catch (NoSuchFileException e) {
          // It ended meanwhile.
        } catch (IOException e) {
          // The tables of a process that ends cannot be read either, so they are looked for again.
          hidden += Files.exists(folder.resolve("smaps")) ? 1 : 0;
        }
      }
    } catch (IOException e) {
      throw Failure.of(proc.toString(), e);
    }
    users.sort((a, b) -> Integer.compare(a.pid(), b.pid()));
    return new Look(users, hidden);
  }

  private static final class Sums {
    int mappings;
    boolean current;
    long mapped;
    long resident;
    long privateBytes;
    long unshared;

    void line(String line) {
      switch (name(line)) {
        case "Size" -> mapped += bytes(line);
        case "Rss" -> resident += bytes(line);
        case "Private_Clean", "Private_Dirty" -> privateBytes += bytes(line);
        case "Anonymous" -> unshared += bytes(line);
        default -> {}
      }
    }

    User user(Path folder) throws IOException {
      return new User(
          Integer.parseInt(folder.getFileName().toString()),
          command(folder),
          !current,
          mapped,
          resident,
          privateBytes,
          unshared,
          total(folder));
    }
  }

  private static Sums sums(Path folder, MappedFile file) throws IOException {
    Sums sums = new Sums();
    // Few processes map the region, and the short table tells.
    if (!file.mayBeIn(read(folder.resolve("maps")))) {
      return sums;
    }
    boolean inside = false;
    for (String line : read(folder.resolve("smaps")).split("\n")) {
      if (isMapping(line)) {
        MappedFile.Which which = file.of(line);
        inside = which != MappedFile.Which.NEITHER;
        sums.current |= which == MappedFile.Which.CURRENT;
        sums.mappings += inside ? 1 : 0;
      } else if (inside) {
        sums.line(line);
      }
    }
    return sums;
  }

  /** {@code 7f00-7f01 r--s …}, and not {@code Rss: 4 kB}. */
  private static boolean isMapping(String line) {
    int space = line.indexOf(' ');
    return space > 0 && line.charAt(space - 1) != ':';
  }

  private static String name(String line) {
    int colon = line.indexOf(':');
    return colon < 0 ? "" : line.substring(0, colon);
  }

  /** Of a line such as {@code Rss: 4 kB}. */
  private static long bytes(String line) {
    String[] words = line.trim().split("\\s+");
    return 1024 * Long.parseLong(words[1]);
  }

  private static long total(Path folder) throws IOException {
    long sum = 0;
    for (String line : read(folder.resolve("smaps_rollup")).split("\n")) {
      if (line.startsWith("Private_")) {
        sum += bytes(line);
      }
    }
    return sum;
  }

  private static String command(Path folder) throws IOException {
    String line = read(folder.resolve("cmdline")).replace('\0', ' ').strip();
    return line.isEmpty() ? "[" + read(folder.resolve("comm")).strip() + "]" : line;
  }

  /** Names of files and arguments may be any bytes. */
  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
